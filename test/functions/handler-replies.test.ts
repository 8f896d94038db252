import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { httpEvent, moveEvent } from '../support/events.ts';
import { createHandlerLab, type HandlerLab } from '../support/handler-lab.ts';
import { newKey } from '../support/keys.ts';

let labs: HandlerLab;
let account: string;

beforeAll(async () => {
  labs = await createHandlerLab();
});
beforeEach(() => {
  account = `account-${randomUUID()}`;
  labs.lines.length = 0;
});

const ask: HandlerLab['ask'] = (...asked) => labs.ask(...asked);
const move = (collection: string, amount: string, key: string) =>
  ask(moveEvent(`/accounts/${account}/${collection}`, key, { amount }));
const acknowledge = (key: string) =>
  ask(httpEvent({ method: 'DELETE', path: `/accounts/${account}/replies/${key}` }));
const cancel = (key: string) =>
  ask(httpEvent({ method: 'PUT', path: `/accounts/${account}/cancellations/${key}` }));
const reply = (key: string) => ask(httpEvent({ path: `/accounts/${account}/replies/${key}` }));

describe('DELETE of a reply', () => {
  test('answers 204 without a body, again and again, also for a key never seen, and the book keeps its entry', async () => {
    const key = newKey();
    await move('deposits', '10', key);
    for (const each of [key, key, newKey()]) {
      const answer = await acknowledge(each);
      expect(answer).toMatchObject({ status: 204, body: undefined });
      expect(answer.headers).toEqual({ 'cache-control': 'no-store', 'bank-region': 'us-east-1' });
    }
    expect((await reply(key)).status).toBe(200);
  });

  test('is a 400 for what is not a key, and changes nothing', async () => {
    expect(await acknowledge('not-a-key')).toMatchObject({ status: 400, json: { code: 'bad_request' } });
  });
});

describe('PUT of a cancellation', () => {
  test('answers that the key is cancelled, the same bytes every time, and a retry is refused with 409', async () => {
    const key = newKey();
    const first = await cancel(key);
    expect(first).toMatchObject({ status: 200, body: `{"key":"${key}","outcome":"cancelled"}` });
    const again = await cancel(key);
    expect(again).toMatchObject({ body: first.body, headers: { 'idempotent-replayed': 'true' } });
    const refused = await move('deposits', '10', key);
    expect(refused).toMatchObject({ status: 409, json: { code: 'cancelled' } });
    // It repeats no answer: no call with this key had one before.
    expect(refused.headers).not.toHaveProperty('idempotent-replayed');
    expect(await reply(key)).toMatchObject({ status: 200, json: { key, status: 409, body: refused.json } });
    expect(labs.lines.map(({ line }) => `${line.operation} ${line.outcome}`)).toEqual([
      'cancel cancelled',
      'cancel replayed',
      'deposit cancelled',
      'outcome answered',
    ]);
  });

  test.each([
    ['deposits', 200],
    ['withdrawals', 404],
  ])('answers with the reply that the key of %s had been given', async (collection, status) => {
    const key = newKey();
    const given = await move(collection, '10', key);
    expect(given.status).toBe(status);
    expect(await cancel(key)).toMatchObject({
      status: 200,
      json: { key, outcome: 'executed', reply: { status, body: given.json } },
    });
  });

  test('is a 400 for what is neither an account nor a key', async () => {
    expect((await cancel('not-a-key')).json.code).toBe('bad_request');
    account = '.hidden';
    expect((await cancel(newKey())).json.code).toBe('bad_request');
  });
});
