import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { entriesIn, type Head, NO_HEAD } from '../../functions/bank/book.ts';
import type { Asked } from '../../functions/bank/entry.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { encodeEntry } from '../../functions/dynamodb/entry-text.ts';
import { bytesOf } from '../../functions/dynamodb/uuid.ts';
import { captureOf, depositOf, holdOf, intentOf, transferOf, voidOf } from '../support/asked.ts';
import { createLab, patient } from '../support/dynamodb-lab.ts';
import { itemBytes } from '../support/item-size.ts';
import { callOf, outcomeOf, plainBank } from '../support/plain-bank.ts';

const lab = await createLab();
const bank = plainBank(lab.store, () => lab.now.ms);

const deposit = (account: string, mayRetry: boolean) =>
  bank.execute(callOf({ account, key: lab.mint() }, 'deposit', 7n, { mayRetry }), patient());

describe('the long run', () => {
  const PAGES = 10;

  /** Requests, and write units, of a call in the middle of the life of some accounts. */
  async function costsOf(mayRetry: boolean) {
    const accounts = Array.from({ length: 5 }, () => `account-${randomUUID()}`);
    const fill = async (entries: number) => {
      for (let done = 0; done < entries; done += 1) {
        await Promise.all(accounts.map((account) => deposit(account, mayRetry)));
      }
    };
    // Until each of them turns pages.
    await fill(3 * KEPT_ENTRIES);
    lab.requests.length = 0;
    lab.spent.writeUnits = 0;
    // Whole pages of each account, so that each call has its share of them.
    await fill(PAGES * KEPT_ENTRIES);
    const calls = PAGES * KEPT_ENTRIES * accounts.length;
    const [requests, { writeUnits }] = [[...lab.requests], { ...lab.spent }];
    // A head is at its largest just before its next page.
    await fill(KEPT_ENTRIES - 1);
    const sizes = await Promise.all(accounts.map(async (name) => itemBytes(await lab.item(name))));
    return {
      requests: requests.length / calls,
      writeUnits: writeUnits / calls,
      alone: 1 - requests.filter((name) => name === 'PutItem').length / calls,
      largest: Math.max(...sizes),
    };
  }

  test('takes at most 1.20 requests and 1.35 write units a call, one request for 9 of 10, and heads stay below 1 KB', async () => {
    const plain = await costsOf(false);
    console.log(plain);
    expect(plain.requests).toBeLessThanOrEqual(1.2);
    expect(plain.writeUnits).toBeLessThanOrEqual(1.35);
    expect(plain.alone).toBeGreaterThanOrEqual(0.895);
    expect(plain.largest).toBeLessThan(1024);
    const cached = await costsOf(true);
    console.log(cached);
    expect(cached.requests).toBeLessThanOrEqual(plain.requests + 0.1);
    expect(cached.writeUnits).toBeLessThanOrEqual(plain.writeUnits + 1);
    expect(cached.largest).toBeLessThan(1024);
  });
});

describe('in the long run, its share of pages and of both indexes included,', () => {
  // An entry of a transfer names the other account: with names of 15 characters a transfer takes 8.6 write units, of 44 10.7.
  const accounts = Array.from({ length: 8 }, () => randomUUID().slice(0, 8));
  /** Each of them fills a whole number of pages, be it with two entries or with three. */
  const [BEFORE, COUNTED] = [8 * accounts.length, KEPT_ENTRIES * accounts.length];
  const execute = async (account: string, asked: Asked, key = lab.mint()) => {
    const answer = await bank.execute(intentOf({ account, key }, asked, false), patient());
    expect(answer).toMatchObject({ kind: 'recorded', line: { entry: { body: { kind: 'executed' } } } });
    return key;
  };

  /** Requests and write units of something that is done often, on average, once accounts turn pages. */
  async function costsOf(
    what: string,
    act: (index: number) => Promise<unknown>,
    { isOpen = false, atOnce = 1 } = {},
  ) {
    const actTimes = async (times: number) => {
      for (let done = 0; done < times; done += atOnce) {
        await Promise.all(Array.from({ length: atOnce }, (_, each) => act(done + each)));
      }
    };
    for (const account of accounts) {
      await execute(account, depositOf(1_000_000));
      if (isOpen) {
        await execute(account, holdOf(5, 20 * 86_400));
      }
    }
    await actTimes(BEFORE);
    lab.requests.length = 0;
    lab.spent.writeUnits = 0;
    await actTimes(COUNTED);
    const costs = { requests: lab.requests.length / COUNTED, writeUnits: lab.spent.writeUnits / COUNTED };
    console.log(what, costs);
    return costs;
  }

  const at = (index: number) => accounts[index % accounts.length] ?? '';

  test('a transfer takes at most 3.5 requests and 8.1 write units', async () => {
    const { requests, writeUnits } = await costsOf('transfer', (index) =>
      execute(at(index), transferOf(at(index + 3), 3)),
    );
    expect(requests).toBeLessThanOrEqual(3.5);
    // A quarter of a unit of them is the index on pages: a transfer is three entries, and each twelfth one turns a page.
    expect(writeUnits).toBeLessThanOrEqual(8.1);
  });

  test('a hold and what ends it', async () => {
    const ends = async (index: number, end: (hold: string) => Asked) => {
      const hold = await execute(at(index), holdOf(5));
      await execute(at(index), end(hold));
    };
    // Each account has one of them at a time.
    const atOnce = accounts.length;
    const captured = await costsOf('hold and full capture', (index) => ends(index, captureOf), { atOnce });
    const voided = await costsOf('hold and void', (index) => ends(index, voidOf), { atOnce });
    const earlier = await costsOf(
      'hold that brings the time of the sweep forward, and its void',
      (index) => ends(index, voidOf),
      { isOpen: true, atOnce },
    );
    // One for the hold, and two for its end: a read, because its entry says how much was released, and a write.
    for (const { requests } of [captured, voided]) {
      expect(requests).toBeLessThanOrEqual(3.34);
    }
    expect(earlier.requests).toBeLessThanOrEqual(4.34);
  });
});

/** Enough that pages are turned many times under the callers. */
const CALLS_EACH = 20;

test('64 callers on one account are all answered, and its head stays below 8 KB', async () => {
  const account = `account-${randomUUID()}`;
  /** Of all the heads that there were: each call is answered with the one that it made. */
  let longest: Head = NO_HEAD;
  const watched: Store = {
    ...lab.store,
    append: async (...args) => {
      const appended = await lab.store.append(...args);
      longest = entriesIn(appended.head) > entriesIn(longest) ? appended.head : longest;
      return appended;
    },
  };
  const crowded = plainBank(watched, () => lab.now.ms);
  lab.requests.length = 0;
  const outcomes = await Promise.all(
    Array.from({ length: 64 }, async () => {
      const own: unknown[] = [];
      for (let done = 0; done < CALLS_EACH; done += 1) {
        const call = callOf({ account, key: lab.mint() }, 'deposit', 7n, { mayRetry: false });
        own.push(outcomeOf(await crowded.execute(call, patient())));
      }
      return own;
    }),
  );
  const entries = entriesIn(longest);
  const bytes = itemBytes({
    account,
    balance: longest.balanceMinor,
    sequence: BigInt(longest.sequence),
    turned: BigInt(longest.turned),
    watermark: bytesOf(longest.watermark ?? ''),
    entries: longest.entries.map(encodeEntry),
    keys: longest.entries.map(({ key }) => bytesOf(key)),
  });
  console.log({ entries, bytes, requests: lab.requests.length / (64 * CALLS_EACH) });
  expect(new Set(outcomes.flat())).toEqual(
    new Set(Array.from({ length: 64 * CALLS_EACH }, (_, index) => BigInt(7 * (index + 1)))),
  );
  // While a page takes its two writes, 64 callers make two rounds of calls: those of this turn and of the one before are in the head.
  expect(bytes).toBeLessThan(8 * 1024);
  expect(entries).toBeGreaterThan(2 * KEPT_ENTRIES);
});
