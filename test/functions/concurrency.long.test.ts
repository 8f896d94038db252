import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Call } from '../../functions/core/account.ts';
import type { Answer } from '../../functions/core/decide.ts';
import { ARCHIVE_AGE_MS } from '../../functions/core/limits.ts';
import { StoreUnavailableError } from '../../functions/core/store.ts';
import { decodeAccount } from '../../functions/store/item.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import {
  type Fault,
  type FaultProxy,
  REPLICATED_WRITE_CONFLICT,
  startFaultProxy,
} from '../support/fault-proxy.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { outcomeOf, type PlainBank, plainBank } from '../support/plain-bank.ts';
import { chanceFrom, seedOf } from '../support/seed.ts';

const CALLS = 150;

let lab: Lab;
let proxies: FaultProxy[];

beforeAll(async () => {
  lab = await createLab();
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
  return Array.from({ length: CALLS }, (_, index) => ({
    account,
    key: mint(index),
    move: chance() < 0.5 ? 'deposit' : 'withdraw',
    amountMinor: BigInt(1 + Math.floor(chance() * 20)),
  }));
}

/** Money that the answers say was moved; fails on an answer with a balance below zero. */
function booked(calls: readonly Call[], answers: readonly Answer[]): bigint {
  return calls.reduce((sum, { move, amountMinor }, index) => {
    const outcome = outcomeOf(answers[index] ?? { kind: 'turned_away', code: 'key_expired' });
    if (typeof outcome !== 'bigint') return sum;
    expect(outcome).toBeGreaterThanOrEqual(0n);
    return sum + (move === 'deposit' ? amountMinor : -amountMinor);
  }, 0n);
}

it('keeps the books while two Regions work on one account and lose requests and replies', async () => {
  const chance = chanceFrom(seedOf('two Regions on one account'));
  const regions = unreliableRegions(chance);
  const account = `account-${randomUUID()}`;
  const calls = randomCalls(account, chance, newKey);

  // Each call is asked in both Regions at once, and again until an answer comes, as a client that fails over does.
  const answers = await Promise.all(
    calls.map((call) => Promise.all(regions.map((region) => insist(() => region.move(call, patient()))))),
  );

  const item = decodeAccount((await lab.item(account)) ?? {});
  for (const [index, { key }] of calls.entries()) {
    const recorded = item.recorded.get(key);
    // Both Regions gave the recorded reply, and no other.
    expect(answers[index]?.map((answer) => answer.kind === 'replied' && answer.recorded)).toEqual([
      recorded,
      recorded,
    ]);
  }
  expect(item.balanceMinor).toBe(
    booked(
      calls,
      answers.flatMap(([answer]) => answer ?? []),
    ),
  );
  expect(item.recorded.size).toBe(CALLS);
});

it('keeps them while replies are archived under the calls and keys are cancelled', async () => {
  const chance = chanceFrom(seedOf('two Regions, archive and cancellations'));
  const regions = unreliableRegions(chance);
  const account = `account-${randomUUID()}`;
  // Keys as old as the archive wants: each call may find 25 of them and move them, while others are still on their way.
  // The second half is half a minute younger, so that some are older than what is archived by then, and some are not.
  const mint = (index: number) =>
    keyAt(lab.now.ms - ARCHIVE_AGE_MS - Math.floor(chance() * 60_000) + (index < CALLS / 2 ? 0 : 30_000));
  const calls = randomCalls(account, chance, mint);

  const ask = (call: Call) => {
    const asked = regions.map((region) => () => region.move(call, patient()));
    const cancel = () => regions[0]?.cancel(call, patient());
    // A cancellation before the call, after it, or none: either may win.
    const dice = chance();
    const all = dice < 0.4 ? [cancel, ...asked] : dice < 0.6 ? [...asked, cancel] : asked;
    return Promise.all(all.map(insist));
  };
  // Two waves, because keys expire only once replies to newer ones are in the archive: some of the second wave's have.
  const first = await Promise.all(calls.slice(0, CALLS / 2).map(ask));
  const answers = [...first, ...(await Promise.all(calls.slice(CALLS / 2).map(ask)))];

  // Whoever asked about a key was told the same: what it came to, that it was cancelled, or that it came too late.
  const told = answers.map((each) => [...new Set(each.map((answer) => String(outcomeOf(answer))))]);
  expect(told.filter((outcomes) => outcomes.length > 1)).toEqual([]);
  const kinds = told.map(([outcome = '']) => (/^\d+$/.test(outcome) ? 'executed' : outcome));
  expect(kinds).toEqual(expect.arrayContaining(['executed', 'cancelled', 'key_expired']));
  const item = decodeAccount((await lab.item(account)) ?? {});
  expect(item.balanceMinor).toBe(
    booked(
      calls,
      answers.flatMap(([answer]) => answer ?? []),
    ),
  );
  // And is told the same once more, now that all is quiet.
  for (const proxy of proxies) proxy.decide = () => ({ kind: 'pass' });
  for (const [index, call] of calls.entries()) {
    expect(String(outcomeOf(await insist(() => regions[1]?.move(call, patient()))))).toBe(told[index]?.[0]);
  }
});

/** A ceiling against a hang: 150 calls on one account turn each other's writes away again and again. */
const MAX_ATTEMPTS = 2000;

async function insist(ask: () => Promise<Answer> | undefined): Promise<Answer> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }
  throw new Error(`no answer in ${MAX_ATTEMPTS} attempts`);
}
