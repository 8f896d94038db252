import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, expect, test } from 'vitest';
import type { Page } from '../../functions/bank/book.ts';
import type { Entry } from '../../functions/bank/entry.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { LOOKUP_TIMEOUT_MS } from '../../functions/dynamodb/store.ts';
import { TableSetup } from '../bench/contenders/tables.ts';
import { depositOf } from '../support/asked.ts';
import { itemsOfBook } from '../support/book-items.ts';
import { createLab, patient } from '../support/dynamodb-lab.ts';
import { PASS, type ProxiedRequest, startFaultProxy } from '../support/fault-proxy.ts';
import { keyAt } from '../support/keys.ts';
import { callOf, outcomeOf, plainBank } from '../support/plain-bank.ts';

let account: string;
const lab = await createLab();
beforeEach(() => {
  account = `account-${randomUUID()}`;
});

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const HOUR_MS = 60 * 60_000;

/** A book of many pages, as calls a second apart would have left it. Returns the keys of their entries. */
async function longBook(pages: number, perPage = KEPT_ENTRIES): Promise<string[]> {
  const startMs = lab.now.ms;
  const keys = Array.from({ length: pages * perPage + KEPT_ENTRIES }, (_, index) =>
    keyAt(startMs + index * 1000),
  );
  lab.now.ms += keys.length * 1000;
  const entryAt = (index: number): Entry => ({
    ...{ key: keys[index] ?? '', atMs: startMs + index * 1000, mayRetry: true },
    ...{ changeMinor: 1n, heldChangeMinor: 0n, body: { kind: 'executed', asked: depositOf(1) } },
  });
  await using setup = new TableSetup(lab.tables.endpoint);
  const book = itemsOfBook({ account, entries: keys.length, entryAt, perPage }, lab.tables);
  await setup.fill(book, patient());
  return keys;
}

const bank = plainBank(lab.store, () => lab.now.ms);

/** The lab's store, which writes down where the pages begin that are read from it. */
const watched = (starts: number[]): Store => ({
  ...lab.store,
  readPages: async (...args) => {
    const pages = await lab.store.readPages(...args);
    starts.push(...pages.map(({ start }) => start));
    return pages;
  },
});

/** The lab's store, with time for some reads of pages. `signal` is aborted at the next one. */
function timeFor(reads: number, limit?: number) {
  const end = new AbortController();
  const read: (readonly Page[])[] = [];
  const store: Store = {
    ...lab.store,
    readPages: async (of, which, signal) => {
      if (read.length === reads) {
        end.abort();
        throw new StoreUnavailableError('unknown', 'out of time');
      }
      const pages = await lab.store.readPages(of, limit === undefined ? which : { ...which, limit }, signal);
      read.push(pages);
      return pages;
    },
  };
  return { store, read, signal: end.signal };
}

const withdraw = (key: string, store: Store = lab.store, signal = patient()) =>
  plainBank(store, () => lab.now.ms).execute(callOf({ account, key }, 'withdraw', 1n), signal);

test('a key that is an hour old on a busy account is searched for in few requests, and executed', async () => {
  const key = keyAt(lab.now.ms - 1);
  const keys = await longBook(HOUR_MS / 1000 / KEPT_ENTRIES);
  lab.requests.length = 0;
  expect(outcomeOf(await withdraw(key))).toBe(BigInt(keys.length - 1));
  const reads = lab.requests.filter((name) => name === 'Query');
  // 300 pages of some hundred kilobytes: reads of 16 and 256 pages, the index and the pages that it points to, and a last one.
  expect(reads).toHaveLength(5);
  // The write before it and after it, the look into the cache, and one note of how far it came.
  expect(lab.requests).toHaveLength(5 + 4);
});

test('a retry whose reply is not cached is answered from the page that the index points to, however long the book is', async () => {
  const keys = await longBook(600);
  const starts: number[] = [];
  const retry = callOf({ account, key: keys[0] ?? '' }, 'deposit', 1n);
  lab.requests.length = 0;
  const answer = await plainBank(watched(starts), () => lab.now.ms).execute(retry, patient());
  expect(answer).toMatchObject({ replayed: true, line: { sequence: 1 } });
  expect(starts).toHaveLength(16 + 256 + 16);
  // The write that fails, the look into the cache, four reads of pages and their index, and one note of how far it came.
  expect(lab.requests).toHaveLength(2 + 4 + 1);
  expect(lab.requests.filter((name) => name === 'Query')).toHaveLength(4);
});

test('the search ends at the page where the key could have been, however long the book is', async () => {
  const keys = await longBook(100);
  const unused = keyAt(
    Number.parseInt((keys[95 * KEPT_ENTRIES] ?? '').replace('-', '').slice(0, 12), 16) + 1,
  );
  lab.requests.length = 0;
  await withdraw(unused);
  expect(lab.requests.filter((name) => name === 'Query')).toHaveLength(1);
});

test('a search takes at most 2 requests for each megabyte of pages, because it reads as much at once as DynamoDB returns', async () => {
  const key = keyAt(lab.now.ms - 1);
  const keys = await longBook(400, 100);
  const bytes = keys.length * (16 + 30);
  lab.requests.length = 0;
  await withdraw(key);
  // The write before it and after it, the look into the cache, the first small read, and the next one with its note.
  const others = 3 + 1 + 2;
  expect(lab.requests.length).toBeLessThanOrEqual(others + 2 * Math.ceil(bytes / 1e6));
});

test.each([
  ['nothing', undefined],
  ['less than it reads itself', { start: 5 * KEPT_ENTRIES, end: 10 * KEPT_ENTRIES }],
])(
  'a search that runs out of time answers that nothing was executed and notes its place, and the retry continues there (noted before: %s)',
  async (_, before) => {
    const key = keyAt(lab.now.ms - 1);
    const keys = await longBook(400);
    if (before !== undefined) {
      await lab.store.noteSearch({ account, key }, before, patient());
    }
    const { store, read, signal } = timeFor(2);
    await expect(withdraw(key, store, signal)).rejects.toMatchObject({ executed: 'no' });
    expect(read.map(({ length }) => length)).toEqual([16, 256]);
    const noted = async () =>
      (await lab.rows('idempotency', account)).find((row) => row['key'] === key) ?? {};
    const turned = BigInt(400 * KEPT_ENTRIES);
    const far = BigInt(128 * KEPT_ENTRIES);
    expect(await noted()).toMatchObject({ searchedFrom: far, searchedTo: turned });

    const starts: number[] = [];
    expect(outcomeOf(await withdraw(key, watched(starts)))).toBe(BigInt(keys.length - 1));
    expect(Math.max(...starts)).toBeLessThan(Number(far));
    expect(starts).toHaveLength(128);
  },
);

test('a search whose time is up has noted all that it read, in few notes, so a retry reads no page again', async () => {
  const key = keyAt(lab.now.ms - 1);
  const keys = await longBook(120, 1);
  let notes = 0;
  // Seven of the search, and one of the pages that the index points to.
  const { store, signal } = timeFor(8, 5);
  const noting: Store = {
    ...store,
    noteSearch: async (...args) => {
      notes += 1;
      await lab.store.noteSearch(...args);
    },
  };
  await expect(withdraw(key, noting, signal)).rejects.toMatchObject({ executed: 'no' });
  await expect
    .poll(() => lab.rows('idempotency', account))
    .toMatchObject([{ searchedFrom: 85n, searchedTo: 120n }]);
  expect(notes).toBe(2);

  const starts: number[] = [];
  expect(outcomeOf(await withdraw(key, watched(starts)))).toBe(BigInt(keys.length - 1));
  expect(starts).toHaveLength(85);
});

test('a search that has time for two reads a call ends after some calls, although the notes that it sends too late are lost', async () => {
  const key = keyAt(lab.now.ms - 1);
  const keys = await longBook(40, 1);
  for (let calls = 1; ; calls += 1) {
    const { store, signal } = timeFor(2, 5);
    /** Lambda freezes a function that has answered. */
    const frozen: Store = {
      ...store,
      noteSearch: (...args) => (signal.aborted ? Promise.resolve() : lab.store.noteSearch(...args)),
    };
    const outcome = await withdraw(key, frozen, signal).catch((error: StoreUnavailableError) => error);
    if (!(outcome instanceof StoreUnavailableError)) {
      expect(outcomeOf(outcome)).toBe(BigInt(keys.length - 1));
      break;
    }
    expect(calls).toBeLessThan(10);
  }
});

test('the balance at a time far back is answered after some calls, if each has time for two reads', async () => {
  const startMs = lab.now.ms;
  await longBook(40, 1);
  for (let calls = 1; ; calls += 1) {
    const { store, signal } = timeFor(2, 5);
    const reading = plainBank(store, () => lab.now.ms).balanceAt(account, startMs, signal);
    const money = await reading.catch((error: StoreUnavailableError) => error);
    if (!(money instanceof StoreUnavailableError)) {
      expect(money).toEqual(expect.objectContaining({ balanceMinor: 1n, heldMinor: 0n }));
      break;
    }
    expect(calls).toBeLessThan(10);
  }
});

test('what was noted of a search holds while more pages are turned: only the new ones are read again', async () => {
  const key = keyAt(lab.now.ms - 1);
  await longBook(40);
  await lab.store.noteSearch(
    { account, key },
    { start: 10 * KEPT_ENTRIES, end: 40 * KEPT_ENTRIES },
    patient(),
  );
  for (let count = 0; count < 3 * KEPT_ENTRIES; count += 1) {
    await bank.execute(callOf({ account, key: lab.mint() }, 'deposit', 1n), patient());
  }
  const starts: number[] = [];
  await withdraw(key, watched(starts));
  const { turned } = await lab.store.readHead(account, patient());
  expect(turned).toBeGreaterThan(40 * KEPT_ENTRIES);
  // Those above what was noted, some of the read that came to it, and those below it.
  const above = Array.from({ length: turned / KEPT_ENTRIES - 40 }, (_, page) => (40 + page) * KEPT_ENTRIES);
  expect(starts).toEqual(expect.arrayContaining(above));
  expect(new Set(starts.filter((start) => start < 10 * KEPT_ENTRIES))).toEqual(
    new Set(Array.from({ length: 10 }, (_, page) => page * KEPT_ENTRIES)),
  );
  expect(starts.length).toBeLessThan(10 + 3 + 16);
});

test('a search that reads less than was noted keeps the note, so a retry need not read further than before', async () => {
  const key = keyAt(lab.now.ms - 1);
  // Above the note are more pages than two reads take, and the note is longer than those.
  await longBook(600, 1);
  const note = { start: 10, end: 310 };
  await lab.store.noteSearch({ account, key }, note, patient());
  const { store, read } = timeFor(Number.POSITIVE_INFINITY);
  await withdraw(key, store);
  expect(read.length).toBeGreaterThan(2);
  expect(await lab.rows('idempotency', account)).toEqual([
    expect.objectContaining({ key, searchedFrom: BigInt(note.start), searchedTo: BigInt(note.end) }),
  ]);
});

test('a cache that fails costs a search its notes, and nothing else', async () => {
  const key = keyAt(lab.now.ms - 1);
  // Pages of more than two reads, so that a note is tried.
  const keys = await longBook(300);
  const fail = () => Promise.reject(new StoreUnavailableError('unknown', 'the cache is gone'));
  const cacheless: Store = { ...lab.store, readCache: fail, noteSearch: fail };
  expect(outcomeOf(await withdraw(key, cacheless))).toBe(BigInt(keys.length - 1));
});

test('a cache that hangs is waited for a quarter of a second, and asked no second time', async () => {
  await using proxy = await startFaultProxy(lab.tables.endpoint);
  const ofCache = ({ body }: ProxiedRequest) => body.includes(`"${lab.tables.idempotency}"`);
  proxy.decide = (request) => {
    if (!ofCache(request)) {
      return PASS;
    }
    // A time limit that only a combined signal holds would be collected here, and never end the wait.
    setImmediate(collectGarbage);
    return { kind: 'hold' };
  };
  const key = keyAt(lab.now.ms - 1);
  const keys = await longBook(300);
  // Far from the quarter of a second, and long enough to read megabytes of pages through the proxy on a busy machine.
  const limits = { connectionTimeoutMs: 60_000, requestTimeoutMs: 60_000 };
  const lookupTimeoutMs = LOOKUP_TIMEOUT_MS;
  const behindProxy = lab.storeAt({ endpoint: proxy.url, limits, lookupTimeoutMs });
  expect(outcomeOf(await withdraw(key, behindProxy, AbortSignal.timeout(120_000)))).toBe(
    BigInt(keys.length - 1),
  );
  // The look into it, and the note. The SDK would send each of them again and again.
  expect(proxy.requests.filter(ofCache)).toHaveLength(2);
});

test.each([
  ['no members that this version knows', { reply: 'of another form' }],
  ['an entry that this version cannot read', { entry: 'of another form', balance: 1n, sequence: 1n }],
])('a cached item with %s is passed over: the page has the reply', async (_, item) => {
  const keys = await longBook(3);
  const [first = ''] = keys;
  await lab.putRow('idempotency', { account, key: first, ...item });
  const retry = callOf({ account, key: first }, 'deposit', 1n);
  expect(await bank.execute(retry, patient())).toMatchObject({ replayed: true, line: { sequence: 1 } });
});

test('a page that is turned during the search is searched as well: the key is taken once', async () => {
  const key = keyAt(lab.now.ms - 1);
  await longBook(6);
  let isFirst = true;
  const racing: Store = {
    ...lab.store,
    readPages: async (...args) => {
      const pages = await lab.store.readPages(...args);
      if (isFirst) {
        isFirst = false;
        // Meanwhile the same key is used by somebody else, and its entry leaves the head.
        await withdraw(key);
        for (let count = 0; count < 3 * KEPT_ENTRIES; count += 1) {
          await bank.execute(callOf({ account, key: lab.mint() }, 'deposit', 1n), patient());
        }
      }
      return pages;
    },
  };
  const once = BigInt(7 * KEPT_ENTRIES - 1);
  expect(await withdraw(key, racing)).toMatchObject({ replayed: true, line: { balanceMinor: once } });
  expect(await bank.balance(account, patient())).toBe(once + 3n * BigInt(KEPT_ENTRIES));
});

test('a key ahead of its time is found on its page, although the pages after it have lower keys alone', async () => {
  const ahead = keyAt(lab.now.ms + 4 * 60_000);
  const first = callOf({ account, key: ahead }, 'deposit', 5n, { mayRetry: false });
  await bank.execute(first, patient());
  for (let count = 0; count < 5 * KEPT_ENTRIES; count += 1) {
    const call = callOf({ account, key: lab.mint() }, 'deposit', 1n, { mayRetry: false });
    await bank.execute(call, patient());
  }
  expect((await lab.store.readHead(account, patient())).turned).toBeGreaterThanOrEqual(3 * KEPT_ENTRIES);
  expect(outcomeOf(await bank.execute(first, patient()))).toBe(5n);
});
