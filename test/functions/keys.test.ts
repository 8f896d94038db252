import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { KEPT_ENTRIES, MAX_KEY_AGE_MS, MAX_KEY_AHEAD_MS } from '../../functions/bank/limits.ts';
import { httpEvent, moveEvent } from '../support/events.ts';
import { createHandlerLab, refusal } from '../support/handler-lab.ts';
import { keyAt } from '../support/keys.ts';

let account: string;
const labs = await createHandlerLab();
beforeEach(() => {
  account = `account-${randomUUID()}`;
});

const withdrawal = (key: string, amount = '5') =>
  moveEvent(`/accounts/${account}/withdrawals`, key, { amount });
const outcome = (key: string) => httpEvent({ path: `/accounts/${account}/replies/${key}` });
const balance = async () => (await labs.ask(httpEvent({ path: `/accounts/${account}` }))).json.balance;

test('key_expired is an entry, and final: from the other Region, after the money arrived, and after its page was turned', async () => {
  const key = keyAt(labs.lab.now.ms - MAX_KEY_AGE_MS - 1);
  const first = await labs.ask(withdrawal(key));
  expect(first).toMatchObject(refusal('key_expired'));
  const again = async () => {
    for (const region of ['us-east-1', 'us-east-2']) {
      const handler = labs.handlerOf(region);
      const replay = { status: 410, body: first.body, headers: { 'idempotent-replayed': 'true' } };
      expect(await labs.ask(withdrawal(key), handler)).toMatchObject(replay);
      expect((await labs.ask(outcome(key), handler)).json).toEqual({ key, status: 410, body: first.json });
    }
  };
  await again();
  await labs.fill(account, 3 * KEPT_ENTRIES);
  await again();
  // A function whose clock is behind would still have taken the key. It finds the refusal.
  const behind = labs.handlerOf('us-east-2', labs.lab.store, { nowMs: () => labs.lab.now.ms - 60_000 });
  expect(await labs.ask(withdrawal(key), behind)).toMatchObject({ status: 410, body: first.body });
  expect(await balance()).toBe(String(3 * KEPT_ENTRIES));
  const entries = httpEvent({
    path: `/accounts/${account}/entries`,
    query: { after: '0', limit: '1', refusals: 'true' },
  });
  expect((await labs.ask(entries)).json.entries).toEqual([
    expect.objectContaining({ sequence: 1, key, type: 'refused', code: 'key_expired', change: '0' }),
  ]);
});

test('a key is executed for the first time until it is 30 days old, and not a millisecond longer', async () => {
  await labs.fill(account, 2 * KEPT_ENTRIES);
  const { now } = labs.lab;
  expect((await labs.ask(withdrawal(keyAt(now.ms - MAX_KEY_AGE_MS)))).status).toBe(200);
  await labs.expectProblem(withdrawal(keyAt(now.ms - MAX_KEY_AGE_MS - 1)), 'key_expired');
});

test('a key that was answered is answered the same however old it is by then', async () => {
  await labs.fill(account, 1);
  const key = keyAt(labs.lab.now.ms);
  const first = await labs.ask(withdrawal(key, '1'));
  labs.lab.now.ms += MAX_KEY_AGE_MS + 1;
  expect(await labs.ask(withdrawal(key, '1'))).toMatchObject({ status: 200, body: first.body });
});

test('a key more than 5 minutes ahead of the clock is key_in_future, and nothing is written', async () => {
  const { now } = labs.lab;
  await labs.expectProblem(withdrawal(keyAt(now.ms + MAX_KEY_AHEAD_MS + 1)), 'key_in_future');
  expect(await labs.lab.item(account)).toBeUndefined();
  await labs.expectProblem(withdrawal(keyAt(now.ms + MAX_KEY_AHEAD_MS)), 'no_such_account');
});

test('a key that the other Region took with its faster clock is answered, in the head and on a page', async () => {
  await labs.fill(account, 10);
  const key = keyAt(labs.lab.now.ms + MAX_KEY_AHEAD_MS + 20_000);
  const faster = labs.handlerOf('us-east-2', labs.lab.store, { nowMs: () => labs.lab.now.ms + 40_000 });
  const first = await labs.ask(withdrawal(key), faster);
  expect(first.status).toBe(200);
  expect(await labs.ask(withdrawal(key))).toMatchObject({ status: 200, body: first.body });
  await labs.expectProblem(withdrawal(key, '6'), 'key_reused');
  // It is the watermark once its page is turned, and everybody else's keys are below it.
  await labs.fill(account, 3 * KEPT_ENTRIES);
  expect(await labs.ask(withdrawal(key))).toMatchObject({ status: 200, body: first.body });
  expect((await labs.ask(outcome(key))).status).toBe(200);
  await labs.fill(account, 3 * KEPT_ENTRIES);
  expect(await balance()).toBe(String(5 + 6 * KEPT_ENTRIES));
});

test('a key of which nothing is known is no_reply, above the watermark and below it, and asking changes nothing', async () => {
  const old = keyAt(labs.lab.now.ms - 60_000);
  await labs.expectProblem(outcome(old), 'no_reply');
  await labs.fill(account, 2 * KEPT_ENTRIES);
  const before = await labs.lab.item(account);
  for (const key of [old, keyAt(labs.lab.now.ms)]) {
    await labs.expectProblem(outcome(key), 'no_reply');
  }
  expect(await labs.lab.item(account)).toEqual(before);
  expect((await labs.ask(withdrawal(old))).status).toBe(200);
});
