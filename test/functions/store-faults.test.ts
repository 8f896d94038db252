import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../../functions/bank/limits.ts';
import { Tally } from '../../functions/tally.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { createLab, patient } from '../support/dynamodb-lab.ts';
import {
  type Fault,
  type FaultProxy,
  INTERNAL_SERVER_ERROR,
  PASS,
  REPLICATED_WRITE_CONFLICT,
  startFaultProxy,
  THROTTLED,
} from '../support/fault-proxy.ts';
import { newKey } from '../support/keys.ts';
import { callOf, plainBank } from '../support/plain-bank.ts';

const SHORT = { requestTimeoutMs: 1000, connectionTimeoutMs: 1000 };

const lab = await createLab();
let proxy: FaultProxy;
let account: string;

beforeAll(async () => {
  proxy = await startFaultProxy(lab.tables.endpoint);
});
afterAll(() => proxy[Symbol.asyncDispose]());
beforeEach(() => {
  account = `account-${randomUUID()}`;
  proxy.decide = () => PASS;
});

const bankBehindProxy = () =>
  plainBank(lab.storeAt({ endpoint: proxy.url, limits: SHORT }), () => lab.now.ms);
const bank = () => plainBank(lab.store, () => lab.now.ms);
const call = (move: 'deposit' | 'withdraw', amountMinor: bigint, key = newKey()) =>
  callOf({ account, key }, move, amountMinor);

/** Does the faults one after another, then passes everything. */
function inTurn(...faults: Fault[]): void {
  const queue = [...faults];
  proxy.decide = () => queue.shift() ?? PASS;
}

describe('a write whose answer was lost between DynamoDB and the function', () => {
  test.each(['drop_reply', 'hang'] as const)(
    'is answered from its own record by the hidden retry of the SDK (%s)',
    async (kind) => {
      inTurn({ kind });
      const answer = await bankBehindProxy().execute(call('deposit', 10n), patient());
      expect(answer).toMatchObject({ line: { balanceMinor: 10n } });
      expect(await bank().balance(account, patient())).toBe(10n);
    },
  );

  test('pays a withdrawal out once, although the hidden retry finds too little money', async () => {
    await bank().execute(call('deposit', 10n), patient());
    inTurn({ kind: 'drop_reply' });
    const answer = await bankBehindProxy().execute(call('withdraw', 10n), patient());
    expect(answer).toMatchObject({ line: { balanceMinor: 0n } });
    expect(await bank().balance(account, patient())).toBe(0n);
  });

  test('says that the outcome is unknown when no retry gets through, and the record answers later', async () => {
    proxy.decide = () => ({ kind: 'drop_reply' });
    const deposit = call('deposit', 10n);
    await expect(bankBehindProxy().execute(deposit, patient())).rejects.toMatchObject({
      code: 'unavailable',
      executed: 'unknown',
    });
    expect(await bank().execute(deposit, patient())).toMatchObject({ replayed: true });
    expect(await bank().balance(account, patient())).toBe(10n);
  });

  test('stays unknown when the last attempt was turned away but an earlier one may have written', async () => {
    inTurn({ kind: 'drop_reply' }, THROTTLED, THROTTLED, THROTTLED, THROTTLED);
    await expect(bankBehindProxy().execute(call('deposit', 10n), patient())).rejects.toMatchObject({
      executed: 'unknown',
    });
    expect(await bank().balance(account, patient())).toBe(10n);
  });
});

describe('an attempt inside the SDK that may still arrive', () => {
  test('keeps the bank from saying that nothing happened when all that comes after it fails', async () => {
    const deposit = call('deposit', 10n);
    await lab.putItem({ account, balance: 1n, needs: BigInt(PROTOCOL_VERSION) + 1n });
    await expect(bankBehindProxy().execute(deposit, patient())).rejects.toMatchObject({ executed: 'no' });
    inTurn({ kind: 'drop_request' });
    await expect(bankBehindProxy().execute(deposit, patient())).rejects.toMatchObject({
      executed: 'unknown',
    });
  });
});

describe('a refusal that cannot be recorded', () => {
  test('means that nothing happened, when every attempt of the withdrawal was answered', async () => {
    await bank().execute(call('deposit', 1n), patient());
    inTurn(PASS, THROTTLED, THROTTLED, THROTTLED);
    await expect(bankBehindProxy().execute(call('withdraw', 10n), patient())).rejects.toMatchObject({
      executed: 'no',
    });
  });

  test('leaves the outcome unknown when an attempt of the withdrawal may still arrive, and find the money there', async () => {
    await bank().execute(call('deposit', 1n), patient());
    inTurn({ kind: 'drop_request' }, PASS, THROTTLED, THROTTLED, THROTTLED);
    await expect(bankBehindProxy().execute(call('withdraw', 10n), patient())).rejects.toMatchObject({
      executed: 'unknown',
    });
  });
});

describe('a store that turns requests away', () => {
  test('retries a conflict with a write in the other Region', async () => {
    inTurn(REPLICATED_WRITE_CONFLICT, REPLICATED_WRITE_CONFLICT);
    const answer = await bankBehindProxy().execute(call('deposit', 10n), patient());
    expect(answer).toMatchObject({ line: { balanceMinor: 10n } });
  });

  test('counts every conflict, also one whose retry succeeded', async () => {
    const tally = new Tally();
    const options = { endpoint: proxy.url, limits: SHORT, onAttemptError: tally.count };
    inTurn(REPLICATED_WRITE_CONFLICT, REPLICATED_WRITE_CONFLICT);
    await plainBank(lab.storeAt(options), () => lab.now.ms).execute(call('deposit', 10n), patient());
    expect(tally.take()).toEqual({ conflicts: 2 });
  });

  test('says that nothing happened when every attempt met a conflict', async () => {
    proxy.decide = () => REPLICATED_WRITE_CONFLICT;
    await expect(bankBehindProxy().execute(call('deposit', 10n), patient())).rejects.toMatchObject({
      code: 'unavailable',
      executed: 'no',
    });
    expect(await lab.item(account)).toBeUndefined();
  });

  test('says that nothing happened when nothing listens', async () => {
    const [port] = await freePorts();
    const nowhere = plainBank(lab.storeAt({ endpoint: `http://127.0.0.1:${port}` }), () => lab.now.ms);
    await expect(nowhere.execute(call('deposit', 10n), patient())).rejects.toMatchObject({ executed: 'no' });
  });

  test('cannot know when a Region that is cut off from its peers answers with a fault', async () => {
    proxy.decide = () => INTERNAL_SERVER_ERROR;
    await expect(bankBehindProxy().execute(call('deposit', 10n), patient())).rejects.toMatchObject({
      executed: 'unknown',
    });
    await expect(bankBehindProxy().checkHealth(patient())).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a store that hangs', () => {
  test('is given up after the attempts that the limits allow', async () => {
    proxy.decide = () => ({ kind: 'hang' });
    const before = proxy.requests.length;
    await expect(bankBehindProxy().balance(account, patient())).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(proxy.requests.length - before).toBe(3);
  });

  test('is given up as soon as the caller has no time left, in the middle of an attempt', async () => {
    const caller = new AbortController();
    proxy.decide = () => {
      setImmediate(() => caller.abort());
      return { kind: 'hang' };
    };
    const slow = plainBank(
      lab.storeAt({ endpoint: proxy.url, limits: { requestTimeoutMs: 60_000 } }),
      () => lab.now.ms,
    );
    await expect(slow.execute(call('deposit', 10n), caller.signal)).rejects.toMatchObject({
      code: 'unavailable',
      executed: 'unknown',
    });
  });
});
