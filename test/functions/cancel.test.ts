import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { KEPT_ENTRIES, MAX_KEY_AGE_MS } from '../../functions/bank/limits.ts';
import { createLab, patient } from '../support/dynamodb-lab.ts';
import { type FaultProxy, PASS, startFaultProxy } from '../support/fault-proxy.ts';
import { keyAt } from '../support/keys.ts';
import { callOf, cancelOf, outcomeOf, plainBank } from '../support/plain-bank.ts';

const lab = await createLab();
let proxy: FaultProxy;
const bank = plainBank(lab.store, () => lab.now.ms);
let account: string;
let key: string;

beforeAll(async () => {
  proxy = await startFaultProxy(lab.tables.endpoint);
});
afterAll(() => proxy[Symbol.asyncDispose]());
beforeEach(() => {
  proxy.decide = () => PASS;
  account = `account-${randomUUID()}`;
  key = keyAt(lab.now.ms - 1000);
});

const cancel = () => bank.execute(cancelOf({ account, key }), patient());
const move = (kind: 'deposit' | 'withdraw', amountMinor: bigint, other = key) =>
  bank.execute(callOf({ account, key: other }, kind, amountMinor), patient());
const deposited = (amountMinor: bigint) => move('deposit', amountMinor, keyAt(lab.now.ms));

test('keeps a call that comes later from ever being executed, whatever it asks', async () => {
  await deposited(10n);
  expect(outcomeOf(await cancel())).toBe('cancelled');
  expect(outcomeOf(await move('withdraw', 5n))).toBe('cancelled');
  expect(outcomeOf(await move('deposit', 5n))).toBe('cancelled');
  expect(await bank.balance(account, patient())).toBe(10n);
});

test('takes one request, and says the same again', async () => {
  lab.requests.length = 0;
  expect(outcomeOf(await cancel())).toBe('cancelled');
  expect(lab.requests).toEqual(['UpdateItem']);
  expect(outcomeOf(await cancel())).toBe('cancelled');
  expect(outcomeOf(await cancel())).toBe('cancelled');
});

test('gives the reply when the call had been executed, and undoes nothing', async () => {
  await move('deposit', 10n);
  expect(await cancel()).toMatchObject({
    replayed: true,
    line: { balanceMinor: 10n, entry: { body: { kind: 'executed', asked: { amountMinor: 10n } } } },
  });
  expect(await bank.balance(account, patient())).toBe(10n);
});

test('gives a recorded refusal', async () => {
  await move('withdraw', 10n);
  expect(outcomeOf(await cancel())).toBe('no_such_account');
});

test('can be held by an account that does not exist, which stays one that does not', async () => {
  await cancel();
  expect(await bank.balance(account, patient())).toBeUndefined();
  expect(outcomeOf(await deposited(3n))).toBe(3n);
  expect(outcomeOf(await move('deposit', 3n))).toBe('cancelled');
});

test('decides a race with the call one way or the other, for both the same', async () => {
  for (let round = 0; round < 40; round += 1) {
    account = `race-${randomUUID()}`;
    const [cancelled, moved] = await Promise.all([cancel(), move('deposit', 10n)]);
    expect([outcomeOf(cancelled), outcomeOf(moved)]).toEqual(
      outcomeOf(moved) === 'cancelled' ? ['cancelled', 'cancelled'] : [10n, 10n],
    );
  }
});

test('is answered from its own record when its reply was lost', async () => {
  let lost = 0;
  proxy.decide = () => {
    lost += 1;
    return lost === 1 ? { kind: 'drop_reply' } : PASS;
  };
  const behindProxy = plainBank(lab.storeAt({ endpoint: proxy.url }), () => lab.now.ms);
  expect(outcomeOf(await behindProxy.execute(cancelOf({ account, key }), patient()))).toBe('cancelled');
});

test('outlives the turning of its page, in the cache and without it', async () => {
  await cancel();
  for (let others = 0; others < 2 * KEPT_ENTRIES; others += 1) {
    await deposited(1n);
  }
  expect((await lab.rows('idempotency', account)).map((row) => row['key'])).toContain(key);
  expect(outcomeOf(await cancel())).toBe('cancelled');
  await lab.deleteRow('idempotency', { account, key });
  expect(outcomeOf(await cancel())).toBe('cancelled');
  expect(outcomeOf(await move('withdraw', 1n))).toBe('cancelled');
});

test('closes an unused key that is old and below the watermark', async () => {
  for (let others = 0; others < 2 * KEPT_ENTRIES; others += 1) {
    await deposited(1n);
  }
  key = keyAt(lab.now.ms - MAX_KEY_AGE_MS - 1000);
  expect(outcomeOf(await cancel())).toBe('cancelled');
  expect(outcomeOf(await move('withdraw', 1n))).toBe('cancelled');
});

test('is turned away for a key from the future, and writes nothing', async () => {
  key = keyAt(lab.now.ms + 10 * 60_000);
  expect(outcomeOf(await cancel())).toBe('key_in_future');
  expect(await lab.item(account)).toBeUndefined();
});
