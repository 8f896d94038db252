import { entriesIn, type Head, isPageOf, linesOfPage, type Page, pageOf } from './book.ts';
import { type Store, StoreUnavailableError } from './store.ts';

/**
 * Turns a page: writes the head's oldest entries to a page, then takes them off the head. In between they are in both
 * places, which changes nothing, so a function may die there; the next page that is due does what was left.
 *
 * If there is a page already, that one decides, and exactly what it holds is taken off. One that is longer than this head was made
 * of a later one, by a function that takes it off itself. Returns the page that was taken off.
 */
export async function turnPage(
  store: Pick<Store, 'putPage' | 'dropPage'>,
  account: string,
  head: Head,
  signal: AbortSignal,
): Promise<Page | undefined> {
  const page = await store.putPage(account, pageOf(head), signal);
  if (page.entries.length > entriesIn(head)) {
    return undefined;
  }
  if (!isPageOf(page, head)) {
    throw new StoreUnavailableError(
      'no',
      `the page of ${account} after entry ${page.start} is not its book's`,
    );
  }
  await store.dropPage(account, page, signal);
  return page;
}

/** Turns a page, and puts the replies of callers who may come back into the cache. That only saves time, so it comes last. */
export async function turnAndCache(
  store: Pick<Store, 'putPage' | 'dropPage' | 'cache'>,
  account: string,
  head: Head,
  signal: AbortSignal,
): Promise<void> {
  const page = await turnPage(store, account, head, signal);
  const lines = page === undefined ? [] : linesOfPage(page);
  const returning = lines.filter(({ entry }) => entry.mayRetry && entry.body.kind !== 'unknown_kind');
  if (returning.length > 0) {
    await store.cache(account, returning, signal);
  }
}
