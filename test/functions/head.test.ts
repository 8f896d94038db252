import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { pageOf } from '../../functions/bank/book.ts';
import { KEPT_ENTRIES, MAX_HEAD_ENTRIES } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { turnPage } from '../../functions/bank/turn.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { encodeEntry } from '../../functions/dynamodb/entry-text.ts';
import { bytesOf } from '../../functions/dynamodb/uuid.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { httpEvent, moveEvent } from '../support/events.ts';
import { createHandlerLab } from '../support/handler-lab.ts';

let account: string;
const labs = await createHandlerLab();
const { lab, mint } = labs;
beforeEach(() => {
  account = `account-${randomUUID()}`;
  labs.lines.length = 0;
});

const deposit = (key = mint()) => moveEvent(`/accounts/${account}/deposits`, key, { amount: '1' });
const withdrawal = (amount: string, key = mint()) =>
  moveEvent(`/accounts/${account}/withdrawals`, key, { amount });
const outcome = (key: string) => httpEvent({ path: `/accounts/${account}/replies/${key}` });
const entries = (query: Record<string, string>) =>
  httpEvent({ path: `/accounts/${account}/entries`, query: { limit: '100', ...query } });
const head = () => lab.store.readHead(account, patient());
const pages = async () => (await lab.rows('pages', account)).map((row) => Number(row['first']));

/** A head with a number of entries that no page was turned of. */
async function crowd(count: number, call = 'd'): Promise<string[]> {
  const keys = Array.from({ length: count }, mint);
  await lab.putItem({
    account,
    balance: BigInt(count),
    sequence: BigInt(count),
    entries: keys.map(() => `1 ${lab.now.ms.toString(36)} ${call}`),
    keys: keys.map(bytesOf),
  });
  return keys;
}

/** A handler whose pages table fails in one way or another. */
function withPages(putPage: Store['putPage']) {
  return labs.handlerOf('us-east-1', { ...lab.store, putPage });
}

const throttled = () => Promise.reject(new StoreUnavailableError('no', 'the pages are throttled'));
const lost = () => Promise.reject(new StoreUnavailableError('unknown', 'the pages did not answer'));

describe('turning a page', () => {
  test('leaves the newest entries in the head, and what left it is on the page, with the balance before it', async () => {
    const keys = await labs.fill(account, 2 * KEPT_ENTRIES);
    const { balanceMinor, entries, turned, watermark } = await head();
    expect({ balanceMinor, turned }).toEqual({ balanceMinor: BigInt(keys.length), turned: KEPT_ENTRIES });
    expect(entries.map(({ key }) => key)).toEqual(keys.slice(KEPT_ENTRIES));
    expect(watermark).toBe(keys[KEPT_ENTRIES - 1]);
    const [page] = await lab.store.readPages(account, { from: 0, limit: 1 }, patient());
    expect(page).toMatchObject({ start: 0, openingMinor: 0n, watermark });
    expect(page?.entries.map(({ key }) => key)).toEqual(keys.slice(0, KEPT_ENTRIES));
  });

  test('is logged when it fails, the call is answered all the same, and the next one that is due does it', async () => {
    const failing = withPages(throttled);
    await labs.fill(account, 2 * KEPT_ENTRIES - 1);
    labs.lines.length = 0;
    expect((await labs.ask(deposit(), failing)).status).toBe(200);
    expect(labs.lines).toEqual([
      {
        line: expect.objectContaining({ outcome: 'executed', leftUndone: 'the pages are throttled' }),
        error: undefined,
      },
    ]);
    await labs.fill(account, KEPT_ENTRIES - 1);
    expect(await pages()).toEqual([]);
    await labs.fill(account, 1);
    expect(await pages()).toEqual([1]);
    expect(await head()).toMatchObject({ turned: 2 * KEPT_ENTRIES });
  });

  test('costs the answer of a call that is executed no more than 100 ms when the pages table hangs', async () => {
    await labs.fill(account, 2 * KEPT_ENTRIES - 1);
    labs.lines.length = 0;
    // The injected clock: the handler asks for a signal of 100 ms, and it is aborted at once.
    const asked: number[] = [];
    const hanging = labs.handlerOf(
      'us-east-1',
      { ...lab.store, putPage: () => new Promise(() => {}) },
      {
        abortAfter: (timeMs) => {
          asked.push(timeMs);
          return timeMs === 100 ? AbortSignal.timeout(1) : patient();
        },
      },
    );
    expect(await labs.ask(deposit(), hanging)).toMatchObject({
      status: 200,
      json: { balance: String(2 * KEPT_ENTRIES) },
    });
    expect(asked).toEqual([expect.any(Number), 100]);
    expect(labs.lines.at(-1)?.line).toMatchObject({ leftUndone: 'not done in 100 ms' });
    await labs.fill(account, KEPT_ENTRIES);
    expect(await pages()).toEqual([1]);
  });

  test('half done, by several, once and again, changes nothing', async () => {
    const keys = await labs.fill(account, 2 * KEPT_ENTRIES - 1);
    const dying = labs.handlerOf('us-east-1', { ...lab.store, dropPage: throttled });
    await labs.ask(deposit(), dying);
    expect(await pages()).toEqual([1]);
    const statement = async () => (await labs.ask(entries({}))).json.entries;
    const before = await statement();
    expect(before).toHaveLength(2 * KEPT_ENTRIES);
    // Entries are in both places now: retries, stale keys and the statement go on as if they were in one.
    expect(await labs.ask(deposit(keys[0]))).toMatchObject({ status: 200, json: { balance: '1' } });
    const half = await head();
    await Promise.all([1, 2, 3].map(() => lab.store.putPage(account, pageOf(half), patient())));
    expect(await statement()).toEqual(before);
    await Promise.all([1, 2, 3].map(() => lab.store.dropPage(account, pageOf(half), patient())));
    expect(await head()).toMatchObject({ balanceMinor: half.balanceMinor, turned: KEPT_ENTRIES });
    expect(await statement()).toEqual(before);
    expect(await labs.ask(deposit(keys[0]))).toMatchObject({ status: 200, json: { balance: '1' } });
  });

  test('follows the page that another function has put, though it is shorter than its own would be', async () => {
    const keys = await labs.fill(account, 2 * KEPT_ENTRIES - 1);
    const dying = labs.handlerOf('us-east-1', { ...lab.store, dropPage: throttled });
    await labs.ask(deposit(), dying);
    await labs.fill(account, KEPT_ENTRIES);
    const { turned, entries: left } = await head();
    expect({ turned, left: left.length }).toEqual({ turned: KEPT_ENTRIES, left: 2 * KEPT_ENTRIES });
    expect(await labs.ask(deposit(keys[0]))).toMatchObject({ status: 200, json: { balance: '1' } });
    expect((await labs.ask(entries({}))).json.entries).toHaveLength(3 * KEPT_ENTRIES);
  });

  test.each([
    ['another key', (keys: string[]) => [mint(), ...keys.slice(1)], {}],
    ['another opening balance', (keys: string[]) => keys, { opening: 1n }],
    ['other money held before it', (keys: string[]) => keys, { openingHeld: 1n }],
    ['a watermark that is too low', (keys: string[]) => keys, { watermark: Buffer.alloc(16) }],
    ['another operation', (keys: string[]) => keys, { call: 'w' }],
  ])('follows no page that is not made of the oldest entries of the head: %s', async (_, keysOf, others) => {
    const keys = await labs.fill(account, 2 * KEPT_ENTRIES - 1);
    const other = keysOf(keys.slice(0, KEPT_ENTRIES));
    const { call = 'd', ...members } = others as { call?: string };
    await lab.putRow('pages', {
      account,
      first: 1,
      opening: 0n,
      watermark: bytesOf(String(other.at(-1))),
      entries: (await head()).entries
        .slice(0, KEPT_ENTRIES)
        .map((entry) => encodeEntry(entry).replace(/ d(?=b?$)/, ` ${call}`)),
      keys: other.map(bytesOf),
      ...members,
    });
    labs.lines.length = 0;
    expect((await labs.ask(deposit())).status).toBe(200);
    expect(labs.lines.at(-1)?.line.leftUndone).toMatch(/does not match the entries in the head/);
    const { turned, entries: left } = await head();
    expect({ turned, left: left.length }).toEqual({ turned: 0, left: 2 * KEPT_ENTRIES });
  });
});

test('a function that comes late leaves the page of a longer head to the one that turns it', async () => {
  await labs.fill(account, 2 * KEPT_ENTRIES - 1);
  const dying = labs.handlerOf('us-east-1', { ...lab.store, dropPage: throttled, putPage: throttled });
  await labs.ask(deposit(), dying);
  const early = await head();
  for (let count = 0; count < KEPT_ENTRIES; count += 1) {
    await labs.ask(deposit(), dying);
  }
  const later = pageOf({ ...(await head()), entries: [...(await head()).entries, ...early.entries] });
  await lab.store.putPage(account, later, patient());
  expect(later.entries.length).toBeGreaterThan(early.entries.length);
  expect(await turnPage(lab.store, account, early, patient())).toBeUndefined();
  expect((await head()).entries).toHaveLength(3 * KEPT_ENTRIES);
});

describe('the head is bounded, whatever fails', () => {
  test.each([
    ['is throttled', throttled],
    ['does not answer', lost],
  ])(
    'at 500 entries, when the pages table %s, a call is a 503 that certainly did nothing',
    async (_, failure) => {
      const keys = await crowd(MAX_HEAD_ENTRIES - 1);
      const failing = withPages(failure);
      expect((await labs.ask(deposit(), failing)).status).toBe(200);
      const full = await lab.item(account);
      expect((await head()).entries).toHaveLength(MAX_HEAD_ENTRIES);
      for (const event of [deposit(), withdrawal('1'), withdrawal('9999')]) {
        const answer = await labs.ask(event, failing);
        expect(answer).toMatchObject({ status: 503, json: { code: 'unavailable', executed: false } });
      }
      expect(await lab.item(account)).toEqual(full);
      // What is answered is answered still.
      expect((await labs.ask(deposit(keys[0]), failing)).json.balance).toBe('1');
      expect((await labs.ask(httpEvent({ path: `/accounts/${account}` }), failing)).status).toBe(200);
    },
  );

  test('opens again by itself when the table works: the call turns a page and is executed', async () => {
    const keys = await crowd(MAX_HEAD_ENTRIES);
    expect((await labs.ask(deposit())).json).toMatchObject({
      balance: String(MAX_HEAD_ENTRIES + 1),
      sequence: MAX_HEAD_ENTRIES + 1,
    });
    expect((await head()).entries.length).toBeLessThan(MAX_HEAD_ENTRIES);
    await labs.fill(account, 5 * KEPT_ENTRIES);
    // The newest stay, and a page takes a hundred at once: what had gathered is gone in a few turns.
    expect((await head()).entries.length).toBeLessThan(3 * KEPT_ENTRIES);
    expect(await labs.ask(deposit(keys[0]))).toMatchObject({ status: 200, json: { balance: '1' } });
  });

  test('opens again although the cache fails: it may cost time and never an answer', async () => {
    await crowd(MAX_HEAD_ENTRIES, 'db');
    const cacheless = labs.handlerOf('us-east-1', { ...lab.store, cache: throttled });
    expect((await labs.ask(deposit(), cacheless)).json).toMatchObject({ sequence: MAX_HEAD_ENTRIES + 1 });
  });
});

describe('a page that is missing', () => {
  /** A book of some pages whose second one is gone. */
  async function gap() {
    const old = mint();
    const keys = await labs.fill(account, 5 * KEPT_ENTRIES);
    for (const key of keys) {
      await lab.deleteRow('idempotency', { account, key });
    }
    await lab.deleteRow('pages', { account, first: KEPT_ENTRIES + 1 });
    return { old, keys };
  }

  test('is a 503, and never "not found": the key may be on it', async () => {
    const { old, keys } = await gap();
    for (const key of [old, keys[0] ?? '', keys[KEPT_ENTRIES] ?? '']) {
      expect(await labs.ask(deposit(key))).toMatchObject({ status: 503, json: { executed: false } });
      expect((await labs.ask(outcome(key))).status).toBe(503);
    }
    // Above the gap nothing is missing.
    expect((await labs.ask(deposit(keys[2 * KEPT_ENTRIES]))).status).toBe(200);
    expect((await head()).balanceMinor).toBe(BigInt(5 * KEPT_ENTRIES));
  });

  test.each<[string, Record<string, string>]>([
    ['newest first', {}],
    ['newest first, below an entry of the page', { before: String(KEPT_ENTRIES + 5) }],
    ['newest first, below its end', { before: String(2 * KEPT_ENTRIES + 1) }],
    ['oldest first', { after: '0' }],
    ['oldest first, above an entry of the page', { after: String(KEPT_ENTRIES + 5) }],
  ])('is a 503 in a statement as well, never a gap: %s', async (_, query) => {
    await gap();
    expect((await labs.ask(entries(query))).status).toBe(503);
  });

  test('is a 503 for the balance of a time that may be on it', async () => {
    await gap();
    const at = new Date(lab.now.ms - 1_000_000).toISOString();
    expect((await labs.ask(httpEvent({ path: `/accounts/${account}`, query: { at } }))).status).toBe(503);
  });
});
