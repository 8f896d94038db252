import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { KEPT_ENTRIES, PROTOCOL_VERSION } from '../../functions/bank/limits.ts';
import { bytesOf } from '../../functions/dynamodb/uuid.ts';
import { httpEvent, moveEvent } from '../support/events.ts';
import { createHandlerLab } from '../support/handler-lab.ts';
import { keyAt } from '../support/keys.ts';

/** What a later version of the function may write: an entry of a kind that this one does not know. */
const UNKNOWN = '5 m3x8k2ab wonder thing';

let account: string;
let key: string;
const labs = await createHandlerLab();
beforeEach(() => {
  account = `account-${randomUUID()}`;
  key = keyAt(labs.lab.now.ms);
});

const deposit = (of = key) => moveEvent(`/accounts/${account}/deposits`, of, { amount: '5' });
const about = (path: string, method = 'GET', query?: Record<string, string>) =>
  httpEvent({ method, path: `/accounts/${account}${path}`, ...(query === undefined ? {} : { query }) });

describe('an entry of a kind that this version does not know', () => {
  beforeEach(() =>
    labs.lab.putItem({ account, balance: 5n, sequence: 1n, entries: [UNKNOWN], keys: [bytesOf(key)] }),
  );

  const guarded = async () => {
    for (const event of [
      deposit(),
      about(`/cancellations/${key}`, 'PUT'),
      about(`/replies/${key}`),
      deposit(),
    ]) {
      const { status, json } = await labs.ask(event);
      expect(status).toBe(503);
      // The call was answered by somebody: "not executed" would be a lie.
      expect(json).not.toHaveProperty('executed');
    }
  };

  test('guards its key: a retry, a cancellation and a question are a 503 that claims nothing', async () => {
    const before = await labs.lab.item(account);
    await guarded();
    expect(await labs.lab.item(account)).toEqual(before);
  });

  test('counts in the balances before and after it', async () => {
    const other = keyAt(labs.lab.now.ms + 1);
    expect((await labs.ask(deposit(other))).json).toMatchObject({ balance: '10', sequence: 2 });
    expect((await labs.ask(about(''))).json.balance).toBe('10');
    const { entries } = (await labs.ask(about('/entries'))).json;
    expect(entries).toEqual([
      expect.objectContaining({ sequence: 2, type: 'deposit', balance: '10' }),
      { sequence: 1, key, type: 'other', change: '5', balance: '5', at: expect.any(String) },
    ]);
  });

  test('is carried onto a page unread, guards its key there, and is not cached', async () => {
    await labs.fill(account, 2 * KEPT_ENTRIES);
    const [page] = await labs.lab.rows('pages', account);
    expect(page).toMatchObject({ entries: expect.arrayContaining([UNKNOWN]) });
    const cached = (await labs.lab.rows('idempotency', account)).map((row) => row['key']);
    expect(cached.length).toBeGreaterThan(0);
    expect(cached).not.toContain(key);
    await guarded();
    expect((await labs.ask(about('/entries', 'GET', { after: '0', limit: '1' }))).json.entries).toEqual([
      expect.objectContaining({ sequence: 1, type: 'other', change: '5', balance: '5' }),
    ]);
  });
});

describe('an account whose item needs a later version', () => {
  test('is not written by a page that was being turned when it began to', async () => {
    await labs.fill(account, 2 * KEPT_ENTRIES - 1);
    const { lab } = labs;
    let item: Awaited<ReturnType<typeof lab.item>>;
    const overtaken = labs.handlerOf('us-east-1', {
      ...lab.store,
      putPage: async (...args) => {
        const page = await lab.store.putPage(...args);
        item = { ...(await lab.item(account)), account, needs: BigInt(PROTOCOL_VERSION) + 1n };
        await lab.putItem(item);
        return page;
      },
    });
    expect((await labs.ask(deposit(), overtaken)).status).toBe(200);
    await expect.poll(() => item).toBeDefined();
    await expect.poll(() => lab.rows('idempotency', account)).not.toHaveLength(0);
    expect(await lab.item(account)).toEqual(item);
  });

  test('is not written, and says that nothing happened, but it is read', async () => {
    const [known = ''] = await labs.fill(account, 2 * KEPT_ENTRIES);
    const newest = (await labs.fill(account, 1))[0] ?? '';
    const item = { ...(await labs.lab.item(account)), account, needs: BigInt(PROTOCOL_VERSION) + 1n };
    await labs.lab.putItem(item);
    for (const event of [
      deposit(keyAt(labs.lab.now.ms + 1)),
      moveEvent(`/accounts/${account}/withdrawals`, key, { amount: '9999' }),
      about(`/cancellations/${keyAt(labs.lab.now.ms + 2)}`, 'PUT'),
    ]) {
      expect(await labs.ask(event)).toMatchObject({ status: 503, json: { executed: false } });
    }
    expect(await labs.lab.item(account)).toEqual(item);
    expect((await labs.ask(about(''))).json.balance).toBe(String(2 * KEPT_ENTRIES + 1));
    expect((await labs.ask(about('/entries', 'GET', { limit: '100' }))).json.entries).toHaveLength(
      2 * KEPT_ENTRIES + 1,
    );
    for (const answered of [known, newest]) {
      expect((await labs.ask(about(`/replies/${answered}`))).status).toBe(200);
    }
    // A retry is answered from the head, which the write that failed brings along.
    const retry = moveEvent(`/accounts/${account}/deposits`, newest, { amount: '1' });
    expect((await labs.ask(retry)).status).toBe(200);
  });
});
