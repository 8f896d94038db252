import type { Page } from './book.ts';
import type { Store } from './store.ts';
import { StoreUnavailableError } from './unavailable.ts';

/** Pages of the first read: most searches end near. Each further read asks for this many times more. */
const FIRST_PAGES = 16;

/** Most pages of one read. The store returns at most 1 MB, which is fewer. */
export const MAX_PAGES_PER_READ = 4096;

/**
 * Reads the pages of a book, newest first, from the page that has entry `end` to the first page of the book. It yields the pages of one
 * read at a time; the first read asks for `firstPages`.
 *
 * Throws {@link StoreUnavailableError} if a page is missing, so that a gap is never taken for the end of the book.
 */
export async function* pagesBack(
  store: Pick<Store, 'readPages'>,
  account: string,
  end: number,
  signal: AbortSignal,
  firstPages = FIRST_PAGES,
): AsyncGenerator<readonly Page[], void> {
  let left = end;
  for (let limit = firstPages; left > 0; limit = Math.min(limit * FIRST_PAGES, MAX_PAGES_PER_READ)) {
    const pages = await store.readPages(account, { below: left, limit }, signal);
    const chained: Page[] = [];
    for (const page of pages) {
      const pageEnd = page.start + page.entries.length;
      if (left === end ? pageEnd < left : pageEnd !== left) {
        break;
      }
      chained.push(page);
      left = page.start;
    }
    if (chained.length > 0) {
      yield chained;
    }
    if (chained.length === 0 || chained.length < pages.length) {
      throw missing(account, left);
    }
  }
}

/** The error for a page that is missing. */
export function missing(account: string, end: number): StoreUnavailableError {
  return new StoreUnavailableError('no', `the page of ${account} that ends with entry ${end} is missing`);
}
