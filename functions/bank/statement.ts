import { type Head, type Line, linesOfHead, linesOfPage, type Page } from './book.ts';
import { type Store, StoreUnavailableError } from './store.ts';

/** A part of a book, and where the next part begins. */
export interface Statement {
  readonly lines: readonly Line[];
  /** Number of the last line here, when there are more behind it. */
  readonly next: number | undefined;
}

/** Which part of a book: the newest lines first, below a number where one is given, or the oldest first, above one. */
export type Stretch = ({ readonly before: number | undefined } | { readonly after: number }) & {
  readonly limit: number;
};

/**
 * Reads a part of a book: the head, and the pages below what has left it. So it is complete at every instant, from either
 * Region, and numbered without a gap. Undefined for an account that has no book.
 */
export async function statement(
  store: Pick<Store, 'readHead' | 'readPages'>,
  account: string,
  stretch: Stretch,
  signal: AbortSignal,
): Promise<Statement | undefined> {
  const head = await store.readHead(account, signal);
  const total = head.turned + head.entries.length;
  if (total === 0) return undefined;
  const pages = (which: Parameters<Store['readPages']>[1]) => store.readPages(account, which, signal);
  const { limit } = stretch;
  if ('after' in stretch) {
    const lines = await oldestFirst(pages, head, stretch.after, limit);
    const last = lines.at(-1)?.sequence ?? total;
    return { lines, next: last < total ? last : undefined };
  }
  const lines = await newestFirst(pages, head, stretch.before ?? total + 1, limit);
  const last = lines.at(-1)?.sequence ?? 1;
  return { lines, next: last > 1 ? last : undefined };
}

/** Pages of the first read, and most of one, when a book is read back to a moment. The store brings 1 MB at the most. */
const FIRST_PAGES = 4;
const MOST_PAGES = 2048;

/**
 * The balance after the highest entry whose time is not later than a moment; 0 before the first one. Times are those of
 * the functions' clocks, so a later entry may have an earlier time: the book is read from its end, and not searched in halves.
 */
export async function balanceAt(
  store: Pick<Store, 'readHead' | 'readPages'>,
  account: string,
  atMs: number,
  signal: AbortSignal,
): Promise<bigint | undefined> {
  const head = await store.readHead(account, signal);
  if (head.balanceMinor === undefined) return undefined;
  const last = (lines: readonly Line[]) => lines.findLast(({ entry }) => entry.atMs <= atMs);
  let found = last(linesOfHead(head));
  let end = head.turned;
  for (let limit = FIRST_PAGES; found === undefined && end > 0; limit = Math.min(limit * 4, MOST_PAGES)) {
    const pages = await store.readPages(account, { below: end, limit }, signal);
    if (pages.length === 0) throw missing(end);
    for (const page of pages) {
      if (page.start + page.entries.length !== end) throw missing(end);
      found ??= last(linesOfPage(page));
      end = page.start;
    }
  }
  return found?.balanceMinor ?? 0n;
}

type ReadPages = (which: Parameters<Store['readPages']>[1]) => Promise<readonly Page[]>;

async function newestFirst(
  read: ReadPages,
  head: Head,
  before: number,
  limit: number,
): Promise<readonly Line[]> {
  const lines = linesOfHead(head)
    .filter(({ sequence }) => sequence < before)
    .reverse()
    .slice(0, limit);
  let end = head.turned;
  while (lines.length < limit && end > 0 && before > 1) {
    const pages = await read({ below: Math.min(end, before - 1), limit: limit - lines.length });
    if (pages.length === 0) throw missing(end);
    for (const page of pages) {
      const pageEnd = page.start + page.entries.length;
      if (end < before ? pageEnd !== end : pageEnd < before - 1) throw missing(end);
      const found = linesOfPage(page).filter(({ sequence }) => sequence < before);
      lines.push(...found.reverse().slice(0, limit - lines.length));
      end = page.start;
    }
  }
  return lines;
}

async function oldestFirst(
  read: ReadPages,
  head: Head,
  after: number,
  limit: number,
): Promise<readonly Line[]> {
  const lines: Line[] = [];
  let end = Math.min(after, head.turned);
  if (after < head.turned) {
    const [first] = await read({ below: after + 1, limit: 1 });
    if (first === undefined) throw missing(after);
    lines.push(...linesOfPage(first).filter(({ sequence }) => sequence > after));
    end = first.start + first.entries.length;
  }
  while (lines.length < limit && end < head.turned) {
    const pages = await read({ from: end, limit: limit - lines.length });
    if (pages.length === 0) throw missing(end);
    for (const page of pages) {
      if (page.start !== end) throw missing(end);
      // A page that was turned since the head was read is in the head as well.
      if (page.start < head.turned) lines.push(...linesOfPage(page));
      end = page.start + page.entries.length;
    }
  }
  lines.push(...linesOfHead(head).filter(({ sequence }) => sequence > after));
  return lines.slice(0, limit);
}

function missing(end: number): StoreUnavailableError {
  return new StoreUnavailableError('no', `a page of the book at entry ${end} is missing`);
}
