import { keyAt } from '../../support/keys.ts';
import type { MeasuredBank } from './bank.ts';
import { type Book, keyIn, padded } from './fill.ts';
import type { Level } from './levels.ts';

/** How old a key is that comes late, in entries of a book that has one a second: 20 minutes. */
export const LATE_ENTRIES = 1200;

/** Books of an account with so many entries: one to be called and read, and one for keys that come late. */
export function booksOf(entries: number, newestMs: number): { readonly called: Book; readonly late: Book } {
  const book = { entries, newestMs, kept: entries - LATE_ENTRIES };
  return {
    called: { ...book, account: `called-${padded(entries)}` },
    late: { ...book, account: `late-${padded(entries)}` },
  };
}

/** A deposit with a fresh key. */
export function ordinaryLevel(bank: MeasuredBank, { account, entries }: Book): Level {
  return { level: entries, callers: 1, call: () => bank.deposit(account) };
}

/** A deposit again whose first answer is 20 minutes old. Its caller has kept the key, so its reply is cached. */
export function retriesLevel(bank: MeasuredBank, book: Book): Level {
  const key = keyIn(book, book.entries - LATE_ENTRIES);
  return { level: book.entries, callers: 1, call: () => bank.retry(book.account, key) };
}

/** A deposit with a key that was minted 20 minutes ago and not used: the bank has to look for it in vain. */
export function lateKeysLevel(bank: MeasuredBank, { account, entries, newestMs }: Book): Level {
  const mintedMs = newestMs - LATE_ENTRIES * 1000;
  return { level: entries, callers: 1, call: () => bank.deposit(account, keyAt(mintedMs)) };
}

/** The first page of the statement. */
export function statementsLevel(bank: MeasuredBank, { account, entries }: Book): Level {
  return { level: entries, callers: 1, call: () => bank.statement(account) };
}
