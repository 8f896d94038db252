import { entriesIn, type Head, isPageOf, linesOfPage, type Page, pageOf } from './book.ts';
import type { Store } from './store.ts';
import { StoreUnavailableError } from './unavailable.ts';

/**
 * Turns a page: writes the head's oldest entries to a page, then removes them from the head. In between they are in both places, which
 * does no harm: if the function dies there, the next page that is due completes the work.
 *
 * If the page exists already, exactly its entries are removed from the head. If it has more entries than this head, another function wrote
 * it from a newer head, and removes the entries itself. Returns the page whose entries were removed.
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
      `the page of ${account} after entry ${page.start} does not match the entries in the head`,
    );
  }
  await store.dropPage(account, page, signal);
  return page;
}

/** Turns a page, and caches the replies of callers that may retry. The cache only saves time, so it comes last. */
export async function turnAndCache(
  store: Pick<Store, 'putPage' | 'dropPage' | 'cache'>,
  account: string,
  head: Head,
  signal: AbortSignal,
): Promise<void> {
  const page = await turnPage(store, account, head, signal);
  const lines = page === undefined ? [] : linesOfPage(page);
  const retryable = lines.filter(({ entry }) => entry.mayRetry && entry.body.kind !== 'unknown_kind');
  if (retryable.length > 0) {
    await store.cache(account, retryable, signal);
  }
}
