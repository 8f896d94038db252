import { expect, test } from 'vitest';
import { moveEvent } from '../support/events.ts';
import { createHandlerLab, refusal } from '../support/handler-lab.ts';
import { keyAt } from '../support/keys.ts';

const labs = await createHandlerLab();

/** Opened a minute ago, in the place of a bank that was lost. */
const recovered = () => {
  const openedMs = labs.lab.now.ms - 60_000;
  return { openedMs, bank: labs.handlerOf('us-east-1', labs.lab.store, { keysNotBeforeMs: openedMs }) };
};
const deposit = (account: string, key: string) =>
  moveEvent(`/accounts/${account}/deposits`, key, { amount: '10' });

test('a recovered bank executes no key from before it was opened, on accounts that it has never heard of either, and records that', async () => {
  const { bank, openedMs } = recovered();
  const key = keyAt(openedMs - 1);
  const refused = await labs.ask(deposit('unheard-of', key), bank);
  expect(refused).toMatchObject(refusal('key_expired'));
  expect(await labs.get('/accounts/unheard-of', undefined, bank)).toMatchObject({ status: 404 });
  // Final: also for a function that does not know yet when the bank was opened.
  expect(await labs.ask(deposit('unheard-of', key))).toMatchObject({ status: 410, body: refused.body });
  expect(await labs.cancel('unheard-of', key, bank)).toMatchObject({
    json: { outcome: 'answered', reply: { status: 410, body: refused.json } },
  });
});

test('a recovered bank executes keys from then on', async () => {
  const { bank, openedMs } = recovered();
  expect(await labs.ask(deposit('new', keyAt(openedMs)), bank)).toMatchObject({ json: { balance: '10' } });
});

test('a recovered bank answers keys from before whose entries were restored', async () => {
  const { bank, openedMs } = recovered();
  const event = deposit('restored', keyAt(openedMs - 1));
  const first = await labs.ask(event);
  expect(await labs.ask(event, bank)).toMatchObject({
    body: first.body,
    headers: { 'idempotent-replayed': 'true' },
  });
  expect((await labs.get('/accounts/restored')).json.balance).toBe('10');
});

test('a recovered bank does not say that it cancelled a key from before, which the lost bank may have executed', async () => {
  const { bank, openedMs } = recovered();
  const key = keyAt(openedMs - 1);
  expect((await labs.outcome('asked-about', key, bank)).json.code).toBe('no_reply');
  expect(await labs.cancel('asked-about', key, bank)).toMatchObject({
    status: 410,
    json: { code: 'key_expired', detail: expect.stringContaining('does not know whether one was executed') },
  });
  expect((await labs.ask(deposit('asked-about', key), bank)).json.code).toBe('key_expired');
});
