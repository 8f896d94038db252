import type { Subject } from './append.ts';
import { type Head, isAtOrBelow, type Line, lineOf, linesOfHead, linesOfPage, type Page } from './book.ts';
import { MAX_PAGES_PER_READ, pagesBack } from './pages.ts';
import type { Cached, PageRange, Store } from './store.ts';
import { StoreUnavailableError } from './unavailable.ts';

/** Number of reads after which a search notes its position again. */
const READS_PER_NOTE = 8;

/**
 * Number of pages to read from the one that the index names. The key is on that page or shortly after it, because concurrent calls with
 * higher keys may have been written first. A key that was minted long before its first use is further behind.
 */
const PAGES_BEHIND = 16;

/** The part of the store that searches use. */
export type SearchStore = Pick<Store, 'readPages' | 'readCache' | 'noteSearch'>;

/** The part of the store that searches for a key use. */
export type KeySearchStore = SearchStore & Pick<Store, 'findPage'>;

/** The result of looking at one page: found, certainly not on earlier pages either (`found` is undefined), or undefined to read on. */
type Finding<Found> = { readonly found: Found | undefined } | undefined;

/** Finds the line of a key in a book: in its head, or if the key is at or below the watermark, on its pages. */
export async function lineInBook(
  store: KeySearchStore,
  subject: Subject,
  head: Head,
  signal: AbortSignal,
): Promise<Line | undefined> {
  const inHead = lineOf(linesOfHead(head), subject.key);
  const mayBeOnPage = inHead === undefined && isAtOrBelow(subject.key, head.watermark);
  return mayBeOnPage ? await search(store, subject, head.turned, 0, signal) : inHead;
}

/**
 * Finds the line of a key on the pages on which it should be according to the index. The index may be behind, so the key may be on another
 * page.
 */
export async function lookInIndex(
  store: Pick<Store, 'findPage' | 'readPages'>,
  subject: Subject,
  signal: AbortSignal,
): Promise<Line | undefined> {
  const from = await ignoreUnavailable(store.findPage(subject, signal), signal);
  if (from === undefined) {
    return undefined;
  }
  const which = { from, limit: PAGES_BEHIND };
  const pages = (await ignoreUnavailable(store.readPages(subject.account, which, signal), signal)) ?? [];
  return pages.map((page) => lineOf(linesOfPage(page), subject.key)).find((line) => line !== undefined);
}

/**
 * Searches the pages of a book for a key at or below its watermark, newest first. It ends at a page whose watermark is below the key: no
 * earlier page can have the key, whatever any clock said. Pages below `floor` were searched before. If the key is not on the newest
 * pages, the search looks where the index points to before it reads on: a key that was used is there, usually.
 *
 * Throws {@link StoreUnavailableError}, also if a page is missing.
 */
export async function search(
  store: KeySearchStore,
  subject: Subject,
  turned: number,
  floor: number,
  signal: AbortSignal,
): Promise<Line | undefined> {
  const { key } = subject;
  const cached = await ignoreUnavailable(store.readCache(subject, signal), signal);
  if (cached?.kind === 'line') {
    return cached.line;
  }
  const find = (page: Page): Finding<Line> => {
    // The lines of a page are made only if it has the key: making those of each page would take longer than reading the pages.
    const found = page.entries.some((entry) => entry.key === key)
      ? lineOf(linesOfPage(page), key)
      : undefined;
    return found !== undefined || page.watermark < key ? { found } : undefined;
  };
  const range = { start: floor, end: turned };
  return await searchPages(store, subject, range, cached, find, signal, () =>
    lookInIndex(store, subject, signal),
  );
}

/** Searches the pages for an entry by something else than its key. The cache notes the search under `name`. */
export async function searchFor<Found>(
  store: SearchStore,
  name: Subject,
  turned: number,
  find: (page: Page) => Finding<Found>,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const cached = await ignoreUnavailable(store.readCache(name, signal), signal);
  const noted = cached?.kind === 'searched' ? cached : undefined;
  return await searchPages(store, name, { start: 0, end: turned }, noted, find, signal);
}

/**
 * Reads pages, newest first, until one of them ends the search. A long search notes its position, so that the next one can continue there
 * if the time is up. After the first note, `lookInIndex` may find the entry.
 */
async function searchPages<Found>(
  store: SearchStore,
  subject: Subject,
  { start: floor, end: turned }: PageRange,
  noted: Extract<Cached, { kind: 'searched' }> | undefined,
  find: (page: Page) => Finding<Found>,
  signal: AbortSignal,
  lookInIndex: () => Promise<Found | undefined> = () => Promise.resolve(undefined),
): Promise<Found | undefined> {
  let hasLooked = false;
  for (const { start, end } of leftToRead({ start: floor, end: turned }, noted)) {
    let from = end;
    let notedFrom = end;
    let reads = 0;
    const note = async (noteSignal: AbortSignal) => {
      // A note replaces the one before, so it is written only if it covers more pages.
      const isFurther = start === floor || turned - from > pagesIn(noted);
      if (from < notedFrom && isFurther) {
        notedFrom = from;
        await ignoreUnavailable(
          store.noteSearch(subject, { start: from, end: turned }, noteSignal),
          noteSignal,
        );
      }
    };
    // What another search did not reach is far back, so this search continues there with the largest reads.
    const continues = end !== turned;
    const firstPages = continues ? MAX_PAGES_PER_READ : undefined;
    try {
      for await (const pages of pagesBack(store, subject.account, end, signal, firstPages)) {
        for (const page of pages) {
          const finding = find(page);
          if (finding !== undefined) {
            return finding.found;
          }
          from = page.start;
        }
        if (from <= start) {
          break;
        }
        reads += 1;
        // A note costs as much as a read, so there are few. One is written early: Lambda may freeze the function before the last note is
        // sent, and without an early one a search with time for only a few reads would always begin at the same place.
        if (reads % READS_PER_NOTE === (continues ? 1 : 2)) {
          await note(signal);
          // After the note: if the time ends here, the position is saved.
          if (!hasLooked) {
            hasLooked = true;
            const found = await lookInIndex();
            if (found !== undefined) {
              return found;
            }
          }
        }
      }
    } catch (error) {
      // Usually the caller's time is up. So this note has its own signal, and the answer does not wait for it.
      note(new AbortController().signal).catch(() => undefined);
      throw error;
    }
  }
  return undefined;
}

function pagesIn(noted: PageRange | undefined): number {
  return noted === undefined ? 0 : noted.end - noted.start;
}

/** The parts of a range that another search has not noted as read, newest first. */
function leftToRead({ start, end }: PageRange, noted: PageRange | undefined): readonly PageRange[] {
  const ranges =
    noted === undefined
      ? [{ start, end }]
      : [
          { start: Math.max(start, noted.end), end },
          { start, end: noted.start },
        ];
  return ranges.filter((range) => range.start < range.end);
}

/** Waits for the cache or an index, and returns undefined if it is unavailable: both only save time. */
export async function ignoreUnavailable<Found>(
  answer: Promise<Found>,
  signal: AbortSignal,
): Promise<Found | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StoreUnavailableError && !signal.aborted) {
      return undefined;
    }
    throw error;
  }
}
