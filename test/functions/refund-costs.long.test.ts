import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Intent } from '../../functions/bank/decide.ts';
import type { Asked, Entry } from '../../functions/bank/entry.ts';
import type { KeyAnswer } from '../../functions/bank/execute.ts';
import { bankKeyOf } from '../../functions/bank/key.ts';
import type { Store } from '../../functions/bank/store.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { createClient, DEFAULT_CLIENT_LIMITS } from '../../functions/dynamodb/client.ts';
import { Connection } from '../../functions/dynamodb/connection.ts';
import { createStore } from '../../functions/dynamodb/store.ts';
import { TableSetup } from '../bench/contenders/tables.ts';
import { depositOf, intentOf, refundOf, withdrawalOf } from '../support/asked.ts';
import { itemsOfBook } from '../support/book-items.ts';
import { createLab } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';
import { callOf, outcomeOf, type PlainBank, plainBank } from '../support/plain-bank.ts';

/** More than a search page by page, or by halves, could pass with the requests that the tests allow. */
const ENTRIES_SINCE = 10_000;
const MOVED_MINOR = 1_000n;

const lab = await createLab();

/** 64 callers share two cores with DynamoDB Local, and whatever else the machine does. */
const unhurried = () => AbortSignal.timeout(300_000);

const depositTo = (account: string, amountMinor: bigint) =>
  callOf({ account, key: lab.mint() }, 'deposit', amountMinor, { mayRetry: false });

/** A bank of its own whose requests are not counted. */
function uncounted() {
  const limits = { ...DEFAULT_CLIENT_LIMITS, connectionTimeoutMs: 30_000, requestTimeoutMs: 30_000 };
  const client = createClient({ region: 'us-east-1', endpoint: lab.tables.endpoint, limits });
  return plainBank(
    createStore(new Connection(client), lab.tables, () => lab.now.ms),
    () => lab.now.ms,
  );
}

interface OldBook {
  readonly account: string;
  /** The key of a withdrawal in its first page. */
  readonly paid: string;
  /** The key of a credit in its first page. */
  readonly received: string;
}

/** Writes a book whose first page has a withdrawal and a credit, and that had many deposits since, one a second. */
async function oldBook(): Promise<OldBook> {
  const account = `account-${randomUUID()}`;
  const payer = `account-${randomUUID()}`;
  await uncounted().execute(depositTo(payer, 1n), unhurried());
  const count = 3 + ENTRIES_SINCE;
  const startMs = lab.now.ms - count * 1000;
  const keyOf = (index: number) => keyAt(startMs + index * 1000);
  const paid = keyOf(1);
  const received = bankKeyOf(payer, keyOf(2), startMs + 2000);
  const entryOf = (key: string, index: number, changeMinor: bigint, asked: Asked): Entry => ({
    ...{ key, atMs: startMs + index * 1000, mayRetry: false, changeMinor, heldChangeMinor: 0n },
    body: { kind: 'executed', asked },
  });
  const credit = { from: payer, transfer: keyOf(2), amountMinor: MOVED_MINOR, reference: undefined };
  const first = [
    entryOf(keyOf(0), 0, MOVED_MINOR, depositOf(MOVED_MINOR)),
    entryOf(paid, 1, -MOVED_MINOR, withdrawalOf(MOVED_MINOR)),
    entryOf(received, 2, MOVED_MINOR, { operation: 'credit', ...credit }),
  ];
  const entryAt = (index: number) =>
    first[index] ?? entryOf(keyOf(index), index, MOVED_MINOR, depositOf(MOVED_MINOR));
  await using setup = new TableSetup(lab.tables.endpoint);
  await setup.fill(itemsOfBook({ account, entries: count, entryAt }, lab.tables), unhurried());
  return { account, paid, received };
}

/** What a refund asked of the store. */
interface Cost {
  /** Its requests, without those for pages that it made due. */
  readonly own: readonly string[];
  readonly forPages: number;
  readonly writeUnits: number;
}

const FOR_PAGES = ['putPage', 'dropPage', 'cache'];

/** Makes a call until it is answered: an attempt gives up when other callers change the account under each of its writes. */
async function answerOf(bank: PlainBank, intent: Intent): Promise<KeyAnswer> {
  for (let left = 5; ; left -= 1) {
    try {
      return await bank.execute(intent, unhurried());
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || left === 0) {
        throw error;
      }
    }
  }
}

/** Refunds a call, or a part of it, and counts what that takes. */
async function costOfRefund(account: string, call: string, amountMinor: bigint | undefined): Promise<Cost> {
  const asked: string[] = [];
  const counted = new Proxy(lab.store, {
    get: (store, name: keyof Store) => {
      asked.push(name);
      return store[name];
    },
  });
  const bank = plainBank(counted, () => lab.now.ms);
  lab.requests.length = 0;
  lab.spent.writeUnits = 0;
  const intent = intentOf({ account, key: lab.mint() }, refundOf(call, amountMinor), false);
  expect(outcomeOf(await answerOf(bank, intent))).toBeTypeOf('bigint');
  // Each of them is one request, and none was sent twice.
  expect(lab.requests.length).toBe(asked.length);
  const own = asked.filter((name) => !FOR_PAGES.includes(name));
  return { own, forPages: asked.length - own.length, writeUnits: lab.spent.writeUnits };
}

describe('with 10,000 entries since, a refund', () => {
  let book: OldBook;
  beforeAll(async () => {
    book = await oldBook();
  });
  const cases = [
    ['a withdrawal', 5, 'paid'],
    ['a received transfer', 6, 'received'],
  ] as const;

  test.each(cases)('of %s takes at most %i requests, its pages apart', async (what, most, name) => {
    const cost = await costOfRefund(book.account, book[name], 1n);
    console.log(`refund of ${what}`, cost);
    expect(cost.own.length).toBeLessThanOrEqual(most);
  });

  test.each(cases)(
    'of %s takes at most %i while 64 callers deposit on the account, but where its key is overtaken',
    async (what, most, name) => {
      const { account } = book;
      const others = uncounted();
      const stop = new AbortController();
      let deposits = 0;
      const callers = Array.from({ length: 64 }, async () => {
        while (!stop.signal.aborted) {
          expect(outcomeOf(await answerOf(others, depositTo(account, 1n)))).toBeTypeOf('bigint');
          deposits += 1;
        }
      });
      const costs: Cost[] = [];
      try {
        for (let round = 0; round < 10; round += 1) {
          const before = deposits;
          await expect.poll(() => deposits, { timeout: 60_000 }).toBeGreaterThan(before);
          costs.push(await costOfRefund(account, book[name], 1n));
        }
      } finally {
        stop.abort();
        await Promise.all(callers);
      }
      // A page that is turned between the minting and the write can take younger keys along. Then the key is searched for first.
      const [overtaken, usual] = [true, false].map((is) =>
        costs.filter(({ own }) => own.includes('readCache') === is),
      );
      const units = costs.map(({ writeUnits }) => writeUnits).sort((one, other) => one - other);
      console.log(`refund of ${what}, 64 callers`, {
        requests: usual?.map(({ own }) => own.length),
        overtaken: overtaken?.map(({ own }) => own.length),
        units,
      });
      expect(usual?.length).toBeGreaterThan(0);
      for (const { own } of usual ?? []) {
        expect(own.length).toBeLessThanOrEqual(most);
      }
    },
  );

  test.each(cases)(
    'of all that is left of %s takes one more than %i: the register says how much that is',
    async (what, most, name) => {
      const cost = await costOfRefund(book.account, book[name], undefined);
      console.log(`refund of the rest of ${what}`, cost);
      expect(cost.own.length).toBeLessThanOrEqual(most + 1);
    },
  );
});
