import { type Line, lineOf, linesOfPage } from './book.ts';
import type { Subject } from './decide.ts';
import { type Store, StoreUnavailableError } from './store.ts';

/** Pages of a search's first read: a key at or below the watermark is usually near it. The next ones read this many times as many. */
const FIRST_PAGES = 16;

/** Most pages of one read. The store brings 1 MB of them at the most. */
const MOST_PAGES = 2048;

/**
 * Searches the pages of a book for a key at or below its watermark, newest first, until a page whose watermark is below
 * the key: no earlier page can hold it, and no clock takes part. Pages below `floor` were searched before.
 *
 * A search that has to read far notes how far it came, so that the next one goes on from there when its time is up.
 *
 * Throws {@link StoreUnavailableError}, also when a page is missing: a gap is never taken for "not found".
 */
export async function search(
  store: Pick<Store, 'readPages' | 'readCache' | 'noteSearch'>,
  subject: Subject,
  turned: number,
  floor: number,
  signal: AbortSignal,
): Promise<Line | undefined> {
  const { account, key } = subject;
  const cached = await ifItCan(store.readCache(subject, signal), signal);
  if (cached?.kind === 'line') return cached.line;
  let end = turned;
  for (let limit = FIRST_PAGES; end > floor; limit = Math.min(limit * FIRST_PAGES, MOST_PAGES)) {
    if (cached !== undefined && cached.start < end && end <= cached.end) {
      end = cached.start;
      continue;
    }
    const pages = await store.readPages(account, { below: end, limit }, signal);
    if (pages.length === 0) throw missing(account, end);
    for (const page of pages) {
      if (page.start + page.entries.length !== end) throw missing(account, end);
      const line = lineOf(linesOfPage(page), key);
      if (line !== undefined || page.watermark < key) return line;
      end = page.start;
      if (end === cached?.end) break;
    }
    if (limit > FIRST_PAGES && end > floor) {
      await ifItCan(store.noteSearch(subject, { start: end, end: turned }, signal), signal);
    }
  }
  return undefined;
}

/** What the cache answers, if it can: it only ever saves time. */
async function ifItCan<Found>(asking: Promise<Found>, signal: AbortSignal): Promise<Found | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof StoreUnavailableError && !signal.aborted) return undefined;
    throw error;
  }
}

function missing(account: string, end: number): StoreUnavailableError {
  return new StoreUnavailableError('no', `the page of ${account} that ends with entry ${end} is missing`);
}
