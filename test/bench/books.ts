import { v7 } from 'uuid';
import type { Entry } from '../../functions/bank/entry.ts';
import { CACHE_MS, KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { toAttributes } from '../../functions/dynamodb/attributes.ts';
import { encodeEntry } from '../../functions/dynamodb/entry-text.ts';
import { ATTRIBUTES, encodeCached, encodePage } from '../../functions/dynamodb/items.ts';
import { bytesOf } from '../../functions/dynamodb/uuid.ts';
import type { TableNames } from '../../infra/names.ts';
import { callOf } from '../support/plain-bank.ts';
import type { NewItem } from './contenders/tables.ts';

/** A book of deposits, one a second, up to a moment. */
export interface Book {
  readonly account: string;
  readonly entries: number;
  readonly newestMs: number;
  /** The number of an entry whose caller may call again, so that its reply is cached. */
  readonly cached: number;
}

export const AMOUNT_MINOR = 10n;

/** Enough digits for balances to have as many at the end of a run: digits count in the size of an item. */
const BALANCE_MINOR = 1_000_000_000n;

/** The key of an entry, the same whenever it is asked for. */
export function keyIn({ entries, newestMs }: Book, sequence: number): string {
  const random = new Uint8Array(16);
  new DataView(random.buffer).setUint32(12, sequence);
  return v7({ msecs: newestMs - (entries - sequence) * 1000, random });
}

/** The items of a book, as the bank would have written them: the head, the pages, and the cached reply. */
export function* itemsOf(book: Book, tables: TableNames): Generator<NewItem> {
  const { account, entries } = book;
  const turned = Math.max(0, entries - KEPT_ENTRIES - (entries % KEPT_ENTRIES));
  const newest = entriesOf(book, turned, entries);
  const head = {
    [ATTRIBUTES.account]: account,
    [ATTRIBUTES.balance]: balanceAfter(book, entries),
    [ATTRIBUTES.sequence]: entries,
    [ATTRIBUTES.entries]: newest.map(encodeEntry),
    [ATTRIBUTES.keys]: newest.map(({ key }) => bytesOf(key)),
    [ATTRIBUTES.turned]: turned,
    [ATTRIBUTES.watermark]: bytesOf(keyIn(book, turned)),
  };
  yield { table: tables.accounts, item: toAttributes(head) };
  for (let start = 0; start < turned; start += KEPT_ENTRIES) {
    const page = encodePage({
      start,
      openingMinor: balanceAfter(book, start),
      openingHeldMinor: 0n,
      entries: entriesOf(book, start, start + KEPT_ENTRIES),
      watermark: keyIn(book, start + KEPT_ENTRIES),
    });
    yield { table: tables.pages, item: toAttributes({ account, ...page }) };
  }
  const entry = entryOf(book, book.cached);
  const line = { entry, sequence: book.cached, balanceMinor: balanceAfter(book, book.cached), heldMinor: 0n };
  const expiresAt = Math.ceil((book.newestMs + CACHE_MS) / 1000);
  const reply = { account, key: entry.key, ...encodeCached({ kind: 'line', line }), expiresAt };
  yield { table: tables.idempotency, item: toAttributes(reply) };
}

function balanceAfter({ entries }: Book, sequence: number): bigint {
  return BALANCE_MINOR - BigInt(entries - sequence) * AMOUNT_MINOR;
}

/** Entries from one number, exclusive, up to another. */
function entriesOf(book: Book, after: number, last: number): readonly Entry[] {
  return Array.from({ length: last - after }, (_, index) => entryOf(book, after + index + 1));
}

function entryOf(book: Book, sequence: number): Entry {
  const subject = { account: book.account, key: keyIn(book, sequence) };
  return {
    key: subject.key,
    changeMinor: AMOUNT_MINOR,
    heldChangeMinor: 0n,
    atMs: book.newestMs - (book.entries - sequence) * 1000,
    mayRetry: sequence === book.cached,
    body: { kind: 'executed', asked: callOf(subject, 'deposit', AMOUNT_MINOR).asked },
  };
}
