import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Line, linesOfHead, linesOfPage } from '../../functions/bank/book.ts';
import type { KeyAnswer } from '../../functions/bank/execute.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { createLab, patient } from '../support/dynamodb-lab.ts';
import {
  type Fault,
  type FaultProxy,
  REPLICATED_WRITE_CONFLICT,
  startFaultProxy,
} from '../support/fault-proxy.ts';
import { keyAt } from '../support/keys.ts';
import { callOf, cancelOf, outcomeOf, type PlainBank, plainBank } from '../support/plain-bank.ts';
import { chanceFrom, seedOf } from '../support/seed.ts';

/** Enough that pages are turned. Each call waits for the others on its account, so twice as many take four times as long. */
const CALLS = 75;
const DAY_MS = 24 * 60 * 60_000;

type Call = ReturnType<typeof callOf>;

const lab = await createLab();
let proxies: FaultProxy[];

beforeAll(async () => {
  proxies = await Promise.all([startFaultProxy(lab.tables.endpoint), startFaultProxy(lab.tables.endpoint)]);
});
afterAll(() => Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]())));

/** Only the faults of the test make a request fail: a machine that is busy does not. */
const LIMITS = { maxAttempts: 2, connectionTimeoutMs: 30_000, requestTimeoutMs: 30_000 };

/** Two Regions on one table, each behind a network that loses requests and replies and meets conflicts. */
function unreliableRegions(chance: () => number): PlainBank[] {
  const faults: Fault[] = [{ kind: 'drop_reply' }, { kind: 'drop_request' }, REPLICATED_WRITE_CONFLICT];
  return proxies.map((proxy) => {
    proxy.decide = () =>
      (chance() < 0.4 ? faults[Math.floor(chance() * faults.length)] : undefined) ?? { kind: 'pass' };
    return plainBank(lab.storeAt({ endpoint: proxy.url, limits: LIMITS }), () => lab.now.ms);
  });
}

function randomCalls(account: string, chance: () => number, mint: (index: number) => string): Call[] {
  return Array.from({ length: CALLS }, (_, index) =>
    callOf(
      { account, key: mint(index) },
      chance() < 0.5 ? 'deposit' : 'withdraw',
      BigInt(1 + Math.floor(chance() * 20)),
    ),
  );
}

/** The whole book of an account, which must be in order, without a gap, and add up to its balance. */
async function bookOf(account: string): Promise<readonly Line[]> {
  const head = await lab.store.readHead(account, patient());
  const pages = await lab.store.readPages(account, { from: 0, limit: 1000 }, patient());
  const lines = [
    ...pages.filter(({ start }) => start < head.turned).flatMap(linesOfPage),
    ...linesOfHead(head),
  ];
  expect(head.turned).toBeGreaterThan(0);
  expect(lines.map(({ sequence }) => sequence)).toEqual(lines.map((_, index) => index + 1));
  let sum = 0n;
  for (const { entry, balanceMinor } of lines) {
    sum += entry.changeMinor;
    expect(balanceMinor).toBe(sum);
    expect(balanceMinor).toBeGreaterThanOrEqual(0n);
  }
  expect(head.balanceMinor).toBe(sum);
  expect(new Set(lines.map(({ entry }) => entry.key)).size).toBe(lines.length);
  return lines;
}

/** Each call's answers, each of which must be the line of its key in the book. */
async function audit(account: string, calls: readonly Call[], answers: readonly (readonly KeyAnswer[])[]) {
  const lines = new Map((await bookOf(account)).map((line) => [line.entry.key, line]));
  expect(lines.size).toBe(calls.length);
  for (const [index, { key }] of calls.entries()) {
    expect(answers[index]?.length).toBeGreaterThan(1);
    for (const answer of answers[index] ?? []) {
      expect(answer).toMatchObject({ line: lines.get(key) });
    }
  }
}

test('keeps the books while two Regions work on one account and lose requests and replies', async () => {
  const chance = chanceFrom(seedOf('two Regions on one account'));
  const regions = unreliableRegions(chance);
  const account = `account-${randomUUID()}`;
  const calls = randomCalls(account, chance, (index) => keyAt(lab.now.ms + index));

  // Each call is asked in both Regions at once, and again until an answer comes, as a client that fails over does.
  const answers = await Promise.all(
    calls.map((call) => Promise.all(regions.map((region) => insist(() => region.execute(call, patient()))))),
  );

  await audit(account, calls, answers);
});

test('keeps them while keys of any age come, pages are turned under them and keys are cancelled', async () => {
  const chance = chanceFrom(seedOf('two Regions, old keys and cancellations'));
  const regions = unreliableRegions(chance);
  const account = `account-${randomUUID()}`;
  const calls = randomCalls(account, chance, () =>
    keyAt(lab.now.ms - Math.floor(chance() * (chance() < 0.5 ? 1000 : 30 * DAY_MS))),
  );

  const ask = (call: Call) => {
    const asked = regions.map((region) => () => region.execute(call, patient()));
    const cancel = () => regions[0]?.execute(cancelOf(call), patient());
    // A cancellation before the call, after it, or none: either may win.
    const dice = chance();
    const all = dice < 0.4 ? [cancel, ...asked] : dice < 0.6 ? [...asked, cancel] : asked;
    return Promise.all(all.map(insist));
  };
  // In waves, so that keys come when younger ones are on pages.
  const answers: KeyAnswer[][] = [];
  for (let from = 0; from < CALLS; from += 25) {
    answers.push(...(await Promise.all(calls.slice(from, from + 25).map(ask))));
  }

  await audit(account, calls, answers);
  const kinds = answers.map(([answer]) => (answer === undefined ? '' : outcomeOf(answer)));
  expect(kinds).toEqual(expect.arrayContaining([expect.any(BigInt), 'cancelled', 'not_enough_money']));
  // And gets the same reply once more, after all calls.
  for (const proxy of proxies) {
    proxy.decide = () => ({ kind: 'pass' });
  }
  for (const [index, call] of calls.entries()) {
    const again = await insist(() => regions[1]?.execute(call, patient()));
    expect(outcomeOf(again)).toBe(kinds[index]);
  }
});

/** A ceiling against a hang: calls on one account turn each other's writes away again and again. */
const MAX_ATTEMPTS = 2000;

async function insist(ask: () => Promise<KeyAnswer> | undefined): Promise<KeyAnswer> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    try {
      const answer = await ask();
      if (answer !== undefined) {
        return answer;
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) {
        throw error;
      }
    }
  }
  throw new Error(`no answer in ${MAX_ATTEMPTS} attempts`);
}
