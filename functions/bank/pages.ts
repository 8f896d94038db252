import type { Page } from './book.ts';
import { type Store, StoreUnavailableError } from './store.ts';

/** Pages of the first read: what is looked for is usually near. Each further read asks for this many times as many. */
const FIRST_PAGES = 16;

/** Most pages of one read. The store brings 1 MB of them at the most, which is fewer. */
export const MOST_PAGES = 4096;

/**
 * Reads the pages of a book newest first, a read at a time: from the one that holds entry `end` to the first one of the book.
 * `firstPages` is how many the first read asks for.
 *
 * Throws {@link StoreUnavailableError} when a page is missing: a gap is never taken for the end of the book.
 */
export async function* pagesBack(
  store: Pick<Store, 'readPages'>,
  account: string,
  end: number,
  signal: AbortSignal,
  firstPages = FIRST_PAGES,
): AsyncGenerator<readonly Page[], void> {
  let left = end;
  for (let limit = firstPages; left > 0; limit = Math.min(limit * FIRST_PAGES, MOST_PAGES)) {
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

/** A page that must be there and is not. */
export function missing(account: string, end: number): StoreUnavailableError {
  return new StoreUnavailableError('no', `the page of ${account} that ends with entry ${end} is missing`);
}
