import { type Head, type Line, linesOfHead, linesOfPage, type Money, type Page } from './book.ts';
import { KEPT_ENTRIES } from './limits.ts';
import { missing, pagesBack } from './pages.ts';
import { type SearchStore, searchFor } from './search.ts';
import type { Store } from './store.ts';

/** A part of a book, and where the next part begins. */
export interface Statement {
  readonly lines: readonly Line[];
  /** Number of the last line here; undefined if there are no more behind it. */
  readonly next: number | undefined;
}

/** Which part of a book: lines below `before`, or without it the newest ones, newest first; or lines above `after`, oldest first. */
export type StatementRange = ({ readonly before: number | undefined } | { readonly after: number }) & {
  readonly limit: number;
};

/**
 * Reads a part of a book: the head, and below it only pages with entries that had left this head. So the part is complete and has no gaps
 * in its numbers, at any time and from either Region. Returns undefined if the account has no book.
 */
export async function statement(
  store: Pick<Store, 'readHead' | 'readPages'>,
  account: string,
  range: StatementRange,
  signal: AbortSignal,
): Promise<Statement | undefined> {
  const head = await store.readHead(account, signal);
  const total = head.sequence;
  if (total === 0) {
    return undefined;
  }
  const book = { store, account, head, signal };
  const { limit } = range;
  if ('after' in range) {
    const lines = await oldestFirst(book, range.after, limit);
    const last = lines.at(-1)?.sequence ?? total;
    return { lines, next: last < total ? last : undefined };
  }
  const lines = await newestFirst(book, range.before ?? total + 1, limit);
  const last = lines.at(-1)?.sequence ?? 1;
  return { lines, next: last > 1 ? last : undefined };
}

/**
 * The money after the last entry whose time is at or before `atMs`; 0 if there is none. The times are from the clocks of functions, so a
 * later entry may have an earlier time. Therefore the book is read from its end; a binary search would be wrong. A long search notes its
 * position for the next one.
 */
export async function balanceAt(
  store: SearchStore & Pick<Store, 'readHead'>,
  account: string,
  atMs: number,
  signal: AbortSignal,
): Promise<Money | undefined> {
  const head = await store.readHead(account, signal);
  if (head.balanceMinor === undefined) {
    return undefined;
  }
  const last = (lines: readonly Line[]) => lines.findLast(({ entry }) => entry.atMs <= atMs);
  const inHead = last(linesOfHead(head));
  if (inHead !== undefined) {
    return inHead;
  }
  const find = (page: Page) => {
    const found = last(linesOfPage(page));
    return found && { found };
  };
  const onPage = await searchFor(store, { account, key: `${atMs}/at` }, head.turned, find, signal);
  return onPage ?? { balanceMinor: 0n, heldMinor: 0n };
}

/** A book, with its head as it was read. */
interface Reading {
  readonly store: Pick<Store, 'readPages'>;
  readonly account: string;
  readonly head: Head;
  readonly signal: AbortSignal;
}

async function newestFirst(
  { store, account, head, signal }: Reading,
  before: number,
  limit: number,
): Promise<readonly Line[]> {
  const isWanted = ({ sequence }: Line) => sequence < before;
  const lines = linesOfHead(head).filter(isWanted).reverse();
  const end = Math.min(head.turned, before - 1);
  if (lines.length < limit) {
    for await (const pages of pagesBack(store, account, end, signal)) {
      lines.push(...pages.flatMap((page) => linesOfPage(page).filter(isWanted).reverse()));
      if (lines.length >= limit) {
        break;
      }
    }
  }
  return lines.slice(0, limit);
}

async function oldestFirst(
  { store, account, head, signal }: Reading,
  after: number,
  limit: number,
): Promise<readonly Line[]> {
  const read = (which: Parameters<Store['readPages']>[1]) => store.readPages(account, which, signal);
  const lines: Line[] = [];
  let end = Math.min(after, head.turned);
  if (after < head.turned) {
    const [first] = await read({ below: after + 1, limit: 1 });
    if (first === undefined) {
      throw missing(account, after);
    }
    lines.push(...linesOfPage(first).filter(({ sequence }) => sequence > after));
    end = first.start + first.entries.length;
  }
  while (lines.length < limit && end < head.turned) {
    // Every page has at least as many entries as a head keeps.
    const pages = await read({ from: end, limit: Math.ceil((limit - lines.length) / KEPT_ENTRIES) });
    if (pages.length === 0) {
      throw missing(account, end);
    }
    for (const page of pages) {
      if (page.start !== end) {
        throw missing(account, end);
      }
      // A page that was turned since the head was read is in the head as well.
      if (page.start < head.turned) {
        lines.push(...linesOfPage(page));
      }
      end = page.start + page.entries.length;
    }
  }
  lines.push(...linesOfHead(head).filter(({ sequence }) => sequence > after));
  return lines.slice(0, limit);
}
