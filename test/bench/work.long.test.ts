import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newKey } from '../support/keys.ts';
import { CONTENDER_NAMES, type Contender, type ContenderName } from './contenders/contender.ts';
import { accountNames, openContenders } from './stage.ts';
import { measureThroughput } from './throughput.ts';
import { measureWork, type Operation, type WorkResult } from './work.ts';

const accounts = accountNames(5);
let contenders: Readonly<Record<ContenderName, Contender>> & Disposable;

beforeAll(async () => {
  const stage = { endpoint: inject('dynamodbEndpoint') };
  contenders = await openContenders(stage, accounts);
});
afterAll(() => contenders[Symbol.dispose]());

describe('what an operation has DynamoDB do', () => {
  let results: readonly WorkResult[];
  beforeAll(async () => {
    results = await measureWork(contenders, { accounts });
  });

  const of = (contender: ContenderName, operation: Operation) => {
    const found = results.find((each) => each.contender === contender && each.operation === operation);
    if (found === undefined) throw new Error(`${contender} was not asked for a ${operation}`);
    return found;
  };

  it.each([
    ['bank', 'deposit', { requests: 1, writeUnits: 1, readUnits: 0 }],
    ['bank', 'withdrawal', { requests: 1, writeUnits: 1, readUnits: 0 }],
    ['bank', 'refusal', { requests: 2, writeUnits: 2, readUnits: 0 }],
    ['bank', 'retry', { requests: 1, writeUnits: 1, readUnits: 0 }],
    ['bank', 'balance', { requests: 1, writeUnits: 0, readUnits: 1 }],
    ['bare', 'deposit', { requests: 1, writeUnits: 1, readUnits: 0 }],
    ['powertools', 'deposit', { requests: 3, writeUnits: 3, readUnits: 0 }],
    ['powertools', 'retry', { requests: 1, writeUnits: 1, readUnits: 0 }],
    ['transaction', 'deposit', { requests: 1, writeUnits: 6, readUnits: 0 }],
    ['transaction', 'long run', { requests: 1, writeUnits: 6, readUnits: 0 }],
  ] as const)('is for %s and a %s %o', (contender, operation, work) => {
    expect(of(contender, operation).work).toMatchObject(work);
  });

  it('is little more for the bank in a long run, with every page that its calls made due', () => {
    const { requests, writeUnits } = of('bank', 'long run').work;
    expect(requests).toBe(1.2);
    expect(writeUnits).toBeGreaterThanOrEqual(1.2);
    expect(writeUnits).toBeLessThanOrEqual(1.35);
  });

  it('is a tenth of a request and one unit more for callers who may come back, whose replies are cached', () => {
    const [once, kept] = [of('bank', 'long run').work, of('bank', 'keys kept').work];
    expect(kept.requests - once.requests).toBeCloseTo(0.1);
    expect(kept.writeUnits - once.writeUnits).toBeGreaterThan(0.9);
    // A head of entries whose callers may come back is a little longer, and can pass 1 KB while a page is being turned.
    expect(kept.writeUnits - once.writeUnits).toBeLessThanOrEqual(1.5);
  });

  it('leaves the balance right, but for a bare write that is refused by nobody and repeated by a retry', () => {
    const unsafe = results.filter(({ safe }) => !safe);
    expect(unsafe.map(({ contender, operation }) => [contender, operation])).toEqual([
      ['bare', 'refusal'],
      ['bare', 'retry'],
    ]);
  });
});

describe('the contenders', () => {
  it.each(CONTENDER_NAMES)('%s pays out no more than once for a key, if it guards anything', async (name) => {
    const account = accounts[0] ?? '';
    const before = (await contenders[name].balance(account)) ?? 0n;
    const call = { account, key: newKey(), move: 'withdraw', amountMinor: 7n } as const;
    await contenders[name].move(call);
    await contenders[name].move(call);
    expect(await contenders[name].balance(account)).toBe(before - (name === 'bare' ? 14n : 7n));
  });
});

describe('throughput', () => {
  it('is measured in turns, with a ratio for every round', async () => {
    const plan = { callers: [1, 4], rounds: 2, sliceMs: 30, accounts };
    const results = await measureThroughput(contenders, plan, () => {}, new AbortController().signal);
    expect(results.map(({ spread, callers }) => `${spread} ${callers}`)).toEqual([
      'many_accounts 1',
      'many_accounts 4',
      'one_account 1',
      'one_account 4',
    ]);
    for (const { contenders: measured } of results) {
      expect(measured.bank.bankVs).toEqual({ median: 1, p10: 1, p90: 1, samples: 2 });
      expect(measured.bare.bankVs.samples).toBe(2);
      expect(measured.bare.callsPerSecond.median).toBeGreaterThan(0);
    }
  });
});
