import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Call } from '../../functions/core/account.ts';
import type { Answer } from '../../functions/core/decide.ts';
import { StoreUnavailableError } from '../../functions/core/store.ts';
import { decodeAccount } from '../../functions/store/item.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import {
  type Fault,
  type FaultProxy,
  REPLICATED_WRITE_CONFLICT,
  startFaultProxy,
} from '../support/fault-proxy.ts';
import { newKey } from '../support/keys.ts';
import { plainBank } from '../support/plain-bank.ts';
import { chanceFrom, seedOf } from '../support/seed.ts';

const CALLS = 150;

let lab: Lab;
let proxies: FaultProxy[];

beforeAll(async () => {
  lab = await createLab();
  proxies = await Promise.all([startFaultProxy(lab.tables.endpoint), startFaultProxy(lab.tables.endpoint)]);
});
afterAll(() => Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]())));

it('keeps the books while two Regions work on one account and lose requests and replies', async () => {
  const chance = chanceFrom(seedOf('two Regions on one account'));
  const faults: Fault[] = [{ kind: 'drop_reply' }, { kind: 'drop_request' }, REPLICATED_WRITE_CONFLICT];
  for (const proxy of proxies) {
    proxy.decide = () =>
      (chance() < 0.4 ? faults[Math.floor(chance() * faults.length)] : undefined) ?? { kind: 'pass' };
  }
  const regions = proxies.map((proxy) =>
    plainBank(lab.storeAt({ endpoint: proxy.url, limits: { maxAttempts: 2 } }), () => lab.now.ms),
  );
  const account = `account-${randomUUID()}`;
  const calls = Array.from(
    { length: CALLS },
    (): Call => ({
      account,
      key: newKey(),
      move: chance() < 0.5 ? 'deposit' : 'withdraw',
      amountMinor: BigInt(1 + Math.floor(chance() * 20)),
    }),
  );

  // Each call is asked in both Regions at once, and again until an answer comes, as a client that fails over does.
  const answers = await Promise.all(
    calls.map((call) => Promise.all(regions.map((region) => insist(region, call)))),
  );

  const item = decodeAccount((await lab.item(account)) ?? {});
  let balanceMinor = 0n;
  for (const [index, { key, move, amountMinor }] of calls.entries()) {
    const recorded = item.recorded.get(key);
    // Both Regions gave the recorded reply, and no other.
    expect(answers[index]?.map((answer) => answer.kind === 'replied' && answer.recorded)).toEqual([
      recorded,
      recorded,
    ]);
    if (recorded?.kind === 'call' && recorded.reply.kind === 'executed') {
      expect(recorded.reply.balanceMinor).toBeGreaterThanOrEqual(0n);
      balanceMinor += move === 'deposit' ? amountMinor : -amountMinor;
    }
  }
  expect(item.balanceMinor).toBe(balanceMinor);
  expect(item.recorded.size).toBe(CALLS);
});

async function insist(bank: ReturnType<typeof plainBank>, call: Call): Promise<Answer> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      return await bank.move(call, patient());
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }
  throw new Error(`no answer to ${call.key} in 100 attempts`);
}
