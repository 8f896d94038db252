import { type Head, isPageOf, linesOfPage, pageOf } from './book.ts';
import { type Store, StoreUnavailableError } from './store.ts';

/**
 * Turns a page: writes the head's oldest entries to a page, then takes them off the head. In between they are in both
 * places, which changes nothing, so a function may die there; the next page that is due does what was left.
 *
 * If there is a page already, that one decides, and exactly what it holds is taken off.
 */
export async function turnPage(
  store: Pick<Store, 'putPage' | 'dropPage' | 'cache'>,
  account: string,
  head: Head,
  signal: AbortSignal,
): Promise<void> {
  const page = await store.putPage(account, pageOf(head), signal);
  if (!isPageOf(page, head)) {
    throw new StoreUnavailableError(
      'no',
      `the page of ${account} after entry ${page.start} is not its book's`,
    );
  }
  await store.dropPage(account, page, signal);
  // Last, because it only saves time: a reply that is not cached is found on its page.
  const lines = linesOfPage(page).filter(({ entry }) => entry.mayReturn && entry.body.kind !== 'unread');
  if (lines.length > 0) await store.cache(account, lines, signal);
}
