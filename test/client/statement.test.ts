import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BankClient, type Entry, keyFor, mintKey } from '../../client/index.ts';
import { all } from '../support/promises.ts';
import { type ProxiedRegions, startProxiedRegions } from '../support/proxied-regions.ts';

let regions: ProxiedRegions;
let client: BankClient;
beforeAll(async () => {
  regions = await startProxiedRegions();
  client = new BankClient({ endpoints: [...regions.urls], attemptTimeoutMs: 20_000, callTimeoutMs: 60_000 });
});
afterAll(async () => {
  await client.close();
  await regions[Symbol.asyncDispose]();
});

describe('bank.entries', () => {
  const account = `statement-${mintKey()}`;
  let receipts: readonly { sequence: number; at: Date; balance: bigint; key: string }[];
  beforeAll(async () => {
    const made = [];
    for (let amount = 1; amount <= 25; amount += 1) {
      made.push(await client.deposit(account, amount, { reference: `order ${amount}` }));
    }
    receipts = made;
    await client.withdraw(account, 1_000_000n).catch(() => undefined);
  });

  const shown = ({ sequence, at, balance, key }: Entry) => ({ sequence, at, balance, key });
  const given = () => receipts.map(({ sequence, at, balance, key }) => ({ sequence, at, balance, key }));

  test('has each receipt in its place, newest first and oldest first, however many are asked for at once', async () => {
    expect((await all(client.entries(account))).map(shown)).toEqual(given().reverse());
    expect((await all(client.entries(account, { after: 0, pageSize: 7 }))).map(shown)).toEqual(given());
  });

  test('begins at `before` or `after`', async () => {
    const sequences = async (options: object) =>
      (await all(client.entries(account, options))).map(({ sequence }) => sequence);
    expect(await sequences({ before: 4 })).toEqual([3, 2, 1]);
    expect(await sequences({ after: 22 })).toEqual([23, 24, 25]);
  });

  test('says what was asked for and what it did, and shows refusals when it is asked to', async () => {
    const [refused, newest] = await all(client.entries(account, { refusals: true }));
    expect(refused).toMatchObject({
      sequence: 26,
      type: 'refused',
      code: 'not_enough_money',
      amount: 1_000_000n,
      change: 0n,
      balance: 325n,
    });
    expect(newest).toMatchObject({ type: 'deposit', amount: 25n, change: 25n, reference: 'order 25' });
    expect(JSON.parse(JSON.stringify(newest))).toMatchObject({
      amount: '25',
      at: receipts.at(-1)?.at.toISOString(),
    });
  });

  test('reads no further than its caller does', async () => {
    const before = regions.east.requests.length;
    for await (const { sequence } of client.entries(account, { pageSize: 1 })) {
      if (sequence < 25) {
        break;
      }
    }
    // The caller has entry 24 now, and has not asked for the next one.
    const asked = regions.east.requests.slice(before).map(({ path }) => path);
    expect(asked).toHaveLength(3);
    expect(asked.at(-1)).toMatch(/[?&]before=25$/);
  });

  test('cannot go both ways, and has nothing of an account that has no book', async () => {
    await expect(all(client.entries(account, { before: 1, after: 1 }))).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await expect(all(client.entries(account, { pageSize: 101 }))).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await expect(all(client.entries(mintKey()))).rejects.toMatchObject({ code: 'no_such_account' });
  });

  test('bank.balance returns the balance at a time in the past, and refuses one in the future', async () => {
    const seventh = receipts[6];
    const at = Math.max(...receipts.slice(0, 7).map((receipt) => receipt.at.getTime()));
    const { balance } = await client.balance(account, { at });
    // Entries of the same millisecond come after it.
    expect(balance).toBeGreaterThanOrEqual(seventh?.balance ?? 0n);
    expect(balance).toBe(receipts.findLast((receipt) => receipt.at.getTime() <= at)?.balance);
    expect(await client.balance(account, { at: new Date(0) })).toMatchObject({ balance: 0n });
    await expect(client.balance(account, { at: Date.now() + 3_600_000 })).rejects.toMatchObject({
      code: 'bad_request',
    });
    await expect(client.balance(account, { at: Number.NaN })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });

  test('a retry must give the same reference, and a reference is 1 to 64 printable characters', async () => {
    const key = mintKey();
    await client.deposit(account, 1n, { key, reference: 'one' });
    expect(await client.deposit(account, 1n, { key, reference: 'one' })).toMatchObject({ replayed: true });
    await expect(client.deposit(account, 1n, { key })).rejects.toMatchObject({ code: 'key_reused' });
    for (const reference of ['', 'x'.repeat(65), 'line\n', 'naïve']) {
      await expect(client.deposit(account, 1n, { reference })).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    }
  });
});

test('a deposit that must not open an account is refused where there is none', async () => {
  const [account, key] = [`missing-${mintKey()}`, mintKey()];
  const call = () => client.deposit(account, 1n, { key, mustExist: true });
  await expect(call()).rejects.toMatchObject({ code: 'no_such_account' });
  await client.deposit(account, 1n);
  await expect(call()).rejects.toMatchObject({ code: 'no_such_account', replayed: true });
  expect(await client.deposit(account, 1n, { mustExist: true })).toMatchObject({ balance: 2n });
});

test('bank.accounts lists each account once, with its balance', async () => {
  const names = Array.from({ length: 5 }, () => `listed-${mintKey()}`);
  for (const [index, name] of names.entries()) {
    await client.deposit(name, index + 1);
  }
  const listed = await all(client.accounts({ pageSize: 2 }));
  const found = new Map(listed.map(({ account, balance }) => [account, balance]));
  expect(found.size).toBe(listed.length);
  expect(names.map((name) => found.get(name))).toEqual([1n, 2n, 3n, 4n, 5n]);
  const [first] = listed;
  expect((await all(client.accounts({ after: first?.account ?? '' }))).map(({ account }) => account)).toEqual(
    listed.slice(1).map(({ account }) => account),
  );
});

describe('a key from a name', () => {
  /** Computed by hand: the time in 48 bits, then the first 74 bits of SHA-256 around version and variant. */
  test.each([
    ['order-4711:capture', Date.UTC(2026, 10, 27, 13), '01a21d17-5c80-7c87-bea7-4bfd961ff848'],
    ['order-4711:refund', Date.UTC(2026, 10, 27, 13), '01a21d17-5c80-74da-9ef7-5a618cf9c655'],
    ['Überweisung №1', 0, '00000000-0000-7d7f-b33b-cb915885f697'],
  ])('%s is always the same', async (name, at, key) => {
    expect(await keyFor(name, { at })).toBe(key);
    expect(await keyFor(name, { at: new Date(at) })).toBe(key);
  });

  test('is taken by the bank, which then answers the same again', async () => {
    const account = `named-${mintKey()}`;
    const order = { name: `${account}:capture`, createdAt: new Date() };
    const pay = async () =>
      await client.deposit(account, 5n, { key: await keyFor(order.name, { at: order.createdAt }) });
    expect(await pay()).toMatchObject({ balance: 5n, replayed: false });
    expect(await pay()).toMatchObject({ balance: 5n, replayed: true });
  });

  test.each([
    ['', { at: 0 }],
    ['a', { at: -1 }],
    ['a', { at: 1.5 }],
    ['a', { at: new Date('never') }],
    ['a', { at: 2 ** 48 }],
  ])('%j at %j is not made', async (name, options) => {
    await expect(keyFor(name, options)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  test.each([null, '', '0', false, []].map((at) => ({ at: at as never })))(
    '%j, which an empty column of an order may give, is not 1970',
    async (options) => {
      await expect(keyFor('a', options)).rejects.toMatchObject({ code: 'invalid_argument' });
      await expect(client.balance('joe', options)).rejects.toMatchObject({ code: 'invalid_argument' });
    },
  );
});
