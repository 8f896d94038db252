import { v7 } from 'uuid';
import type { Entry } from '../../functions/bank/entry.ts';
import { CACHE_MS } from '../../functions/bank/limits.ts';
import { toAttributes } from '../../functions/dynamodb/attributes.ts';
import { encodeCached } from '../../functions/dynamodb/items.ts';
import type { TableNames } from '../../infra/names.ts';
import { itemsOfBook, type NewItem } from '../support/book-items.ts';
import { callOf } from '../support/plain-bank.ts';

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

/** The items of a book, as the bank would have written them: the pages, the head, and the cached reply. */
export function* itemsOf(book: Book, tables: TableNames): Generator<NewItem> {
  const { account, entries } = book;
  const entryAt = (index: number) => entryOf(book, index + 1);
  yield* itemsOfBook({ account, entries, entryAt, openingMinor: balanceAfter(book, 0) }, tables);
  const entry = entryOf(book, book.cached);
  const line = { entry, sequence: book.cached, balanceMinor: balanceAfter(book, book.cached), heldMinor: 0n };
  const expiresAt = Math.ceil((book.newestMs + CACHE_MS) / 1000);
  const reply = { account, key: entry.key, ...encodeCached({ kind: 'line', line }), expiresAt };
  yield { table: tables.idempotency, item: toAttributes(reply) };
}

function balanceAfter({ entries }: Book, sequence: number): bigint {
  return BALANCE_MINOR - BigInt(entries - sequence) * AMOUNT_MINOR;
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
