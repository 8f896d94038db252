import { type Head, isAtOrBelow, type Line, lineOf, linesOfHead, linesOfPage, type Page } from './book.ts';
import type { Subject } from './decide.ts';
import { MOST_PAGES, pagesBack } from './pages.ts';
import { type Cached, type PageRange, type Store, StoreUnavailableError } from './store.ts';

/** Reads from one note to the next of a search that does not run out of time. */
const READS_PER_NOTE = 8;

/** What searches read with. */
export type SearchStore = Pick<Store, 'readPages' | 'readCache' | 'noteSearch'>;

/** What a page says of something that is searched for: where it is, that no earlier page can have it, or nothing. */
type Finding<Found> = { readonly found: Found | undefined } | undefined;

/** Finds the line of a key in a book: in its head, or if the key is at or below the watermark, on its pages. */
export async function lineInBook(
  store: SearchStore,
  subject: Subject,
  head: Head,
  signal: AbortSignal,
): Promise<Line | undefined> {
  const inHead = lineOf(linesOfHead(head), subject.key);
  const mayBeOnPage = inHead === undefined && isAtOrBelow(subject.key, head.watermark);
  return mayBeOnPage ? await search(store, subject, head.turned, 0, signal) : inHead;
}

/**
 * Searches the pages of a book for a key at or below its watermark, newest first, until a page whose watermark is below
 * the key: no earlier page can hold it, and no clock takes part. Pages below `floor` were searched before.
 *
 * Throws {@link StoreUnavailableError}, also when a page is missing.
 */
export async function search(
  store: SearchStore,
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
    // A page is counted through only where the key is: to read each entry of a megabyte takes longer than to get it.
    const found = page.entries.some((entry) => entry.key === key)
      ? lineOf(linesOfPage(page), key)
      : undefined;
    return found !== undefined || page.watermark < key ? { found } : undefined;
  };
  return await searchPages(store, subject, { start: floor, end: turned }, cached, find, signal);
}

/** Searches pages for what an entry says of something else than its own key. `name` is what the cache calls the search. */
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
 * Reads pages newest first until one of them ends the search. A search that has to read far notes how far it came, so that the
 * next one goes on from there when its time is up.
 */
async function searchPages<Found>(
  store: SearchStore,
  subject: Subject,
  { start: floor, end: turned }: PageRange,
  noted: Extract<Cached, { kind: 'searched' }> | undefined,
  find: (page: Page) => Finding<Found>,
  signal: AbortSignal,
): Promise<Found | undefined> {
  for (const { start, end } of leftToRead({ start: floor, end: turned }, noted)) {
    let from = end;
    let notedFrom = end;
    let reads = 0;
    const note = async (noteSignal: AbortSignal) => {
      // A note takes the place of the one before, so it is made only where it reaches further.
      const isFurther = start === floor || turned - from > pagesIn(noted);
      if (from < notedFrom && isFurther) {
        notedFrom = from;
        await ignoreUnavailable(
          store.noteSearch(subject, { start: from, end: turned }, noteSignal),
          noteSignal,
        );
      }
    };
    // What another search left is far back: this one goes on with the largest reads.
    const goesOn = end !== turned;
    const firstPages = goesOn ? MOST_PAGES : undefined;
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
        // A note costs as much as a read, so there are few. One is made early, because a function that has answered is frozen and may
        // never send the last one: without it a search that has the time for a few reads would always begin at the same place.
        if (reads % READS_PER_NOTE === (goesOn ? 1 : 2)) {
          await note(signal);
        }
      }
    } catch (error) {
      // Mostly the caller's time is up, so this note has a signal of its own, and the answer does not wait for it.
      note(new AbortController().signal).catch(() => undefined);
      throw error;
    }
  }
  return undefined;
}

function pagesIn(noted: PageRange | undefined): number {
  return noted === undefined ? 0 : noted.end - noted.start;
}

/** What is left of a stretch, newest first, without what another search has noted. */
function leftToRead({ start, end }: PageRange, noted: PageRange | undefined): readonly PageRange[] {
  const stretches =
    noted === undefined
      ? [{ start, end }]
      : [
          { start: Math.max(start, noted.end), end },
          { start, end: noted.start },
        ];
  return stretches.filter((stretch) => stretch.start < stretch.end);
}

/** What the cache or an index answers, if it can: they only ever save time. */
export async function ignoreUnavailable<Found>(
  asking: Promise<Found>,
  signal: AbortSignal,
): Promise<Found | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof StoreUnavailableError && !signal.aborted) {
      return undefined;
    }
    throw error;
  }
}
