import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../functions/core/store.ts';
import type { Lab } from '../support/dynamodb-lab.ts';
import { httpEvent, moveEvent } from '../support/events.ts';
import { createHandlerLab, type HandlerLab } from '../support/handler-lab.ts';
import { keyAt, newKey } from '../support/keys.ts';

let labs: HandlerLab;
let lab: Lab;
let account: string;

beforeAll(async () => {
  labs = await createHandlerLab();
  lab = labs.lab;
});
beforeEach(() => {
  account = `account-${randomUUID()}`;
  labs.lines.length = 0;
});

const ask: HandlerLab['ask'] = (...asked) => labs.ask(...asked);
const move = (collection: string, amount: string, key: string, headers: Record<string, string> = {}) =>
  ask(moveEvent(`/accounts/${account}/${collection}`, key, { amount }, headers));
const acknowledge = (key: string) =>
  ask(httpEvent({ method: 'DELETE', path: `/accounts/${account}/replies/${key}` }));
const cancel = (key: string) =>
  ask(httpEvent({ method: 'PUT', path: `/accounts/${account}/cancellations/${key}` }));
const reply = (key: string) => ask(httpEvent({ path: `/accounts/${account}/replies/${key}` }));

describe('DELETE of a reply', () => {
  it('answers 204 without a body, again and again, also for a key never seen', async () => {
    const key = newKey();
    await move('deposits', '10', key);
    for (const each of [key, key, newKey()]) {
      const answer = await acknowledge(each);
      expect(answer).toMatchObject({ status: 204, body: undefined });
      expect(answer.headers).toEqual({ 'cache-control': 'no-store', 'bank-region': 'us-east-1' });
    }
    expect(await reply(key)).toMatchObject({ status: 404, json: { code: 'no_reply' } });
  });

  it('is a 400 for what is not a key, and changes nothing', async () => {
    expect(await acknowledge('not-a-key')).toMatchObject({ status: 400, json: { code: 'bad_request' } });
  });
});

describe('Idempotency-Acknowledge', () => {
  it('gives back up to 25 replies with a call, however they are spaced', async () => {
    const keys = Array.from({ length: 25 }, newKey);
    for (const key of keys) await move('deposits', '1', key);
    const answer = await move('withdrawals', '5', newKey(), { 'idempotency-acknowledge': keys.join(' ,  ') });
    expect(answer.json).toMatchObject({ balance: '20' });
    for (const key of keys) expect((await reply(key)).status).toBe(404);
    expect(labs.lines.find(({ line }) => line.operation === 'withdraw')?.line).toMatchObject({
      acknowledged: 25,
    });
  });

  it.each([
    ['26 keys', () => Array.from({ length: 26 }, newKey).join(',')],
    ['10,000 keys', () => Array.from({ length: 10_000 }, newKey).join(',')],
    ['something that is no key', () => `${newKey()},joe`],
    ['an empty place', () => `${newKey()},`],
    ['nothing', () => ''],
    ['a UUIDv4', () => randomUUID()],
  ])('with %s is a clear 400, and nothing moves or leaves', async (_, header) => {
    const kept = newKey();
    await move('deposits', '10', kept);
    const headers = { 'idempotency-acknowledge': header() };
    expect(await move('deposits', '1', newKey(), headers)).toMatchObject({
      status: 400,
      json: { code: 'bad_request' },
    });
    expect((await reply(kept)).status).toBe(200);
    expect((await ask(httpEvent({ path: `/accounts/${account}` }))).json.balance).toBe('10');
  });

  it("with the call's own key is a 400: nobody has that reply yet", async () => {
    const key = newKey();
    const answer = await move('deposits', '1', key, { 'idempotency-acknowledge': key.toUpperCase() });
    expect(answer.json.code).toBe('bad_request');
  });

  it('with a key of another account gives nothing of that account back', async () => {
    const [one, key] = [account, newKey()];
    await move('deposits', '1', key);
    account = `other-${randomUUID()}`;
    await move('deposits', '1', newKey(), { 'idempotency-acknowledge': key });
    account = one;
    expect((await reply(key)).status).toBe(200);
  });
});

describe('the work beside a call', () => {
  it('is logged when it fails, and the call is answered all the same', async () => {
    const keys = Array.from({ length: 25 }, () => keyAt(lab.now.ms - 20 * 60_000));
    const items = keys.flatMap((key) => [
      [`call:${key}`, 'deposit 1'],
      [`reply:${key}`, 1n],
    ]);
    await lab.putItem({ account, balance: 25n, ...Object.fromEntries(items) });
    const throttled = new StoreUnavailableError('no', 'throttled');
    const failing = labs.handlerOf('us-east-1', { ...lab.store, archive: () => Promise.reject(throttled) });
    const event = moveEvent(`/accounts/${account}/deposits`, newKey(), { amount: '1' });
    expect((await ask(event, failing)).status).toBe(200);
    expect(labs.lines.map(({ line }) => line)).toEqual([
      expect.objectContaining({ outcome: 'executed', housekeeping: 'failed: throttled' }),
    ]);
    expect((await move('deposits', '1', newKey())).status).toBe(200);
    expect(labs.lines.at(-1)?.line).toMatchObject({ outcome: 'executed', archived: 25 });
  });
});

describe('PUT of a cancellation', () => {
  it('answers that the key is cancelled, the same bytes every time, and a retry is refused with 409', async () => {
    const key = newKey();
    const first = await cancel(key);
    expect(first).toMatchObject({ status: 200, body: `{"key":"${key}","outcome":"cancelled"}` });
    const again = await cancel(key);
    expect(again).toMatchObject({ body: first.body, headers: { 'idempotent-replayed': 'true' } });
    const refused = await move('deposits', '10', key);
    expect(refused).toMatchObject({ status: 409, json: { code: 'cancelled' } });
    expect(refused.headers).not.toHaveProperty('idempotent-replayed');
    expect(await reply(key)).toMatchObject({ status: 200, json: { key, status: 409, body: refused.json } });
    expect(labs.lines.map(({ line }) => `${line.operation} ${line.outcome}`)).toEqual([
      'cancel cancelled',
      'cancel replayed',
      'deposit cancelled',
      'recorded_reply answered',
    ]);
  });

  it.each([
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

  it('is a 400 for what is neither an account nor a key', async () => {
    expect((await cancel('not-a-key')).json.code).toBe('bad_request');
    account = '.hidden';
    expect((await cancel(newKey())).json.code).toBe('bad_request');
  });
});
