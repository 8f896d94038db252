import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { RETENTION_MS } from '../../functions/core/limits.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { type FaultProxy, PASS, startFaultProxy } from '../support/fault-proxy.ts';
import { keyAt } from '../support/keys.ts';
import { outcomeOf, type PlainBank, plainBank } from '../support/plain-bank.ts';

let lab: Lab;
let proxy: FaultProxy;
let bank: PlainBank;
let account: string;
let key: string;

beforeAll(async () => {
  lab = await createLab();
  proxy = await startFaultProxy(lab.tables.endpoint);
  bank = plainBank(lab.store, () => lab.now.ms);
});
afterAll(() => proxy[Symbol.asyncDispose]());
beforeEach(() => {
  proxy.decide = () => PASS;
  account = `account-${randomUUID()}`;
  key = keyAt(lab.now.ms - 1000);
});

const cancel = () => bank.cancel({ account, key }, patient());
const move = (kind: 'deposit' | 'withdraw', amountMinor: bigint, other = key) =>
  bank.move({ account, key: other, move: kind, amountMinor }, patient());
const deposited = (amountMinor: bigint) => move('deposit', amountMinor, keyAt(lab.now.ms));

it('keeps a call that comes later from ever being executed, whatever it asks', async () => {
  await deposited(10n);
  expect(outcomeOf(await cancel())).toBe('cancelled');
  expect(outcomeOf(await move('withdraw', 5n))).toBe('cancelled');
  expect(outcomeOf(await move('deposit', 5n))).toBe('cancelled');
  expect(await bank.balance(account, patient())).toBe(10n);
});

it('takes one request, and says the same again', async () => {
  lab.requests.length = 0;
  expect(outcomeOf(await cancel())).toBe('cancelled');
  expect(lab.requests).toEqual(['UpdateItemCommand']);
  expect(outcomeOf(await cancel())).toBe('cancelled');
  expect(outcomeOf(await cancel())).toBe('cancelled');
});

it('tells what happened when the call had been executed, and undoes nothing', async () => {
  await move('deposit', 10n);
  expect(await cancel()).toMatchObject({
    recorded: {
      kind: 'call',
      move: 'deposit',
      amountMinor: 10n,
      reply: { kind: 'executed', balanceMinor: 10n },
    },
  });
  expect(await bank.balance(account, patient())).toBe(10n);
});

it('tells a recorded refusal', async () => {
  await move('withdraw', 10n);
  expect(outcomeOf(await cancel())).toBe('no_such_account');
});

it('can be held by an account that does not exist, which stays one that does not', async () => {
  await cancel();
  expect(await bank.balance(account, patient())).toBeUndefined();
  expect(outcomeOf(await deposited(3n))).toBe(3n);
  expect(outcomeOf(await move('deposit', 3n))).toBe('cancelled');
});

it('decides a race with the call one way or the other, for both the same', async () => {
  for (let round = 0; round < 40; round += 1) {
    account = `race-${randomUUID()}`;
    const [cancelled, moved] = await Promise.all([cancel(), move('deposit', 10n)]);
    expect([outcomeOf(cancelled), outcomeOf(moved)]).toEqual(
      outcomeOf(moved) === 'cancelled' ? ['cancelled', 'cancelled'] : [10n, 10n],
    );
  }
});

it('is answered from its own record when its reply was lost', async () => {
  let lost = 0;
  proxy.decide = () => {
    lost += 1;
    return lost === 1 ? { kind: 'drop_reply' } : PASS;
  };
  const behindProxy = plainBank(lab.storeAt({ endpoint: proxy.url }), () => lab.now.ms);
  expect(outcomeOf(await behindProxy.cancel({ account, key }, patient()))).toBe('cancelled');
});

it('outlives the archive move, and then the account answers for it from there', async () => {
  await deposited(10n);
  await cancel();
  await lab.archiveOldest(account, 1);
  expect((await lab.item(account))?.['watermark']).toBe(key);
  expect(outcomeOf(await cancel())).toBe('cancelled');
  expect(outcomeOf(await move('withdraw', 1n))).toBe('cancelled');
});

it('is key_expired for a key below the watermark of which nothing is known', async () => {
  await deposited(10n);
  await lab.putItem({ account, balance: 10n, watermark: keyAt(lab.now.ms) });
  expect(outcomeOf(await cancel())).toBe('key_expired');
  expect(outcomeOf(await move('withdraw', 1n))).toBe('key_expired');
});

it('is turned away for a key from the future and for one older than the retention, and writes nothing', async () => {
  key = keyAt(lab.now.ms + 10 * 60_000);
  expect(outcomeOf(await cancel())).toBe('key_in_future');
  key = keyAt(lab.now.ms - RETENTION_MS - 1000);
  expect(outcomeOf(await cancel())).toBe('key_expired');
  expect(await lab.item(account)).toBeUndefined();
});
