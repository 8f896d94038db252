import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { moveEvent } from '../support/events.ts';
import { createHandlerLab, type HandlerAnswer, refusal } from '../support/handler-lab.ts';
import { keyAt } from '../support/keys.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let account: string;
const labs = await createHandlerLab();
beforeEach(() => {
  account = `account-${randomUUID()}`;
});

const mint = (ageMs = 0) => keyAt(labs.lab.now.ms - ageMs);
const move = (collection: string, key: string, body: object, headers?: Record<string, string>) =>
  moveEvent(`/accounts/${account}/${collection}`, key, body, headers);
const outcome = (key: string) => labs.outcome(account, key);
const acknowledge = (key: string) => labs.acknowledge(account, key);
const balance = async () => (await labs.money(account))[0];
const cachedKeys = async () =>
  (await labs.lab.rows('idempotency', account)).flatMap((row) => ('entry' in row ? [row['key']] : []));
const replayOf = ({ status, body }: HandlerAnswer) => ({
  status,
  body,
  headers: expect.objectContaining({ 'idempotent-replayed': 'true' }),
});

describe('promise 1: exactly once, unconditionally', () => {
  test('the same HTTP request, delivered again after its reply was read, after acknowledge and an hour later, moves nothing', async () => {
    await labs.fill(account, 40);
    const request = move('withdrawals', mint(), { amount: '25', reference: 'order 4711' });
    const first = await labs.ask(request);
    expect(first).toMatchObject({ status: 200, json: { balance: '15' } });
    const again = async () => {
      const before = await balance();
      for (const region of ['us-east-1', 'us-east-2']) {
        expect(await labs.ask(request, labs.handlerOf(region))).toMatchObject(replayOf(first));
      }
      expect(await balance()).toBe(before);
    };
    await again();
    await acknowledge(first.json.key);
    await again();
    labs.lab.now.ms += HOUR_MS;
    await again();
    await labs.fill(account, 80);
    await acknowledge(first.json.key);
    await again();
    labs.lab.now.ms += 365 * DAY_MS;
    await again();
  });
});

describe('promise 2: a key stays usable', () => {
  test.each([
    ['20 minutes', 20 * MINUTE_MS],
    ['29 days', 29 * DAY_MS],
  ])('a key that was minted %s ago is executed on a busy account, and once', async (_, ageMs) => {
    const key = mint(ageMs);
    await labs.fill(account, 85);
    const first = await labs.ask(move('withdrawals', key, { amount: '5' }));
    expect(first).toMatchObject({ status: 200, json: { balance: '80', sequence: 86 } });
    await labs.fill(account, 85);
    expect(await labs.ask(move('withdrawals', key, { amount: '5' }))).toMatchObject(replayOf(first));
    expect(await balance()).toBe('165');
  });
});

describe('a retry is answered byte for byte', () => {
  /** Calls of every kind of answer, and what each was answered. */
  async function everyKind() {
    const kinds = [
      ['deposits', { amount: '7', reference: '=  odd "words" back exist' }],
      ['deposits', { amount: '7', mustExist: true }],
      ['withdrawals', { amount: '3' }],
      ['withdrawals', { amount: '999999', reference: 'too much' }],
      ['deposits', { amount: '999999999999999' }],
    ] as const;
    const calls = [];
    for (const [collection, body] of kinds) {
      const request = move(collection, mint(), body);
      calls.push({ request, key: request.headers['idempotency-key'] ?? '', first: await labs.ask(request) });
    }
    expect(calls.map(({ first }) => first.status)).toEqual([200, 200, 200, 409, 409]);
    return calls;
  }

  test('from the head, from the cache, from a page whose cached replies are gone, and by outcome and cancel too', async () => {
    const calls = await everyKind();
    const allAgain = async () => {
      for (const { request, key, first } of calls) {
        expect(await labs.ask(request)).toMatchObject(replayOf(first));
        const reply = { status: first.status, body: first.json };
        expect(await outcome(key)).toMatchObject({ status: 200, json: { key, ...reply } });
        expect((await labs.cancel(account, key)).json).toEqual({ key, outcome: 'answered', reply });
      }
    };
    await allAgain();
    await labs.fill(account, 2 * KEPT_ENTRIES);
    expect(await cachedKeys()).toEqual(expect.arrayContaining(calls.map(({ key }) => key)));
    await allAgain();
    for (const { key } of calls) {
      await acknowledge(key);
    }
    for (const { key } of calls) {
      expect(await cachedKeys()).not.toContain(key);
    }
    await allAgain();
  });

  test('and a different call under its key is key_reused, from the head, the cache and the page', async () => {
    const key = mint();
    const body = { amount: '7', reference: 'order 4711' };
    await labs.ask(move('deposits', key, body));
    const others = [
      move('deposits', key, { ...body, amount: '8' }),
      move('withdrawals', key, body),
      move('deposits', key, { ...body, reference: 'order 4712' }),
      move('deposits', key, { amount: '7' }),
      move('deposits', key, { ...body, mustExist: true }),
    ];
    const allReused = async () => {
      for (const other of others) {
        expect(await labs.ask(other)).toMatchObject(refusal('key_reused'));
      }
    };
    await allReused();
    await labs.fill(account, 2 * KEPT_ENTRIES);
    await allReused();
    await acknowledge(key);
    await allReused();
    expect(await balance()).toBe(String(7 + 2 * KEPT_ENTRIES));
  });
});

describe('Bank-Reply-Cache: no', () => {
  const NO = { 'bank-reply-cache': 'no' };

  test('keeps the reply out of the cache when its page is turned; others are cached', async () => {
    const plain = await labs.fill(account, 1);
    const unasked = await labs.fill(account, 1, NO);
    const other = await labs.fill(account, 1, { 'bank-reply-cache': 'yes' });
    await labs.fill(account, 2 * KEPT_ENTRIES);
    expect(await cachedKeys()).toEqual(expect.arrayContaining([...plain, ...other]));
    expect(await cachedKeys()).not.toContain(unasked[0]);
  });

  test('is not compared on a retry, which is answered all the same', async () => {
    const key = mint();
    const first = await labs.ask(move('deposits', key, { amount: '7' }, NO));
    expect(await labs.ask(move('deposits', key, { amount: '7' }))).toMatchObject(replayOf(first));
    await labs.fill(account, 2 * KEPT_ENTRIES);
    for (const headers of [{}, NO]) {
      expect(await labs.ask(move('deposits', key, { amount: '7' }, headers))).toMatchObject(replayOf(first));
    }
  });

  test('a cached reply expires 30 days after its page was turned', async () => {
    const [key] = await labs.fill(account, 2 * KEPT_ENTRIES);
    const rows = await labs.lab.rows('idempotency', account);
    const expiresAt = Math.ceil((labs.lab.now.ms + 30 * DAY_MS) / 1000);
    expect(rows.find((row) => row['key'] === key)).toMatchObject({ expiresAt: BigInt(expiresAt) });
  });
});
