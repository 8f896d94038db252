import pMap from 'p-map';
import type { Book, Books } from './books.ts';

/** How far a part of a bank was visited. */
export type Position = { readonly kind: 'at'; readonly from: string } | { readonly kind: 'done' };

/** Where interrupted work continues, part by part. */
export interface Positions {
  placeOf(part: string): Position | undefined;
  note(part: string, place: Position): Promise<void>;
}

/** What is done with books. */
interface Work {
  readonly books: Books;
  /** Handles a book. False stops the progress of its part from being noted. */
  readonly handle: (book: Book) => Promise<boolean>;
  /** Where to continue an earlier run. */
  readonly progress?: Positions | undefined;
  /** Ends the work after the books that are being handled. */
  readonly signal: AbortSignal;
}

/** Parts of a bank that are visited at once, and books of one part. */
const PARTS_AT_ONCE = 4;
const BOOKS_AT_ONCE = 16;

/**
 * Visits the books of a bank. A book that cannot be handled does not stop the others. From there on the progress of its part is not noted,
 * so that the next run reads that part again.
 *
 * Throws the first error of a part, once all parts have stopped: nothing is read or written after that.
 */
export async function visitBooks(work: Work): Promise<void> {
  const failing = new AbortController();
  const signal = AbortSignal.any([work.signal, failing.signal]);
  await sideBySide(work.books.parts, PARTS_AT_ONCE, async (part) => {
    try {
      await visitPart(part, { ...work, signal });
    } catch (error) {
      failing.abort();
      throw error;
    }
  });
}

async function visitPart(part: string, { books, handle, progress, signal }: Work): Promise<void> {
  const place = progress?.placeOf(part);
  if (place?.kind === 'done') {
    return;
  }
  let from = place?.from;
  let clean = true;
  do {
    if (signal.aborted) {
      return;
    }
    const some = await books.read(part, from);
    await sideBySide(some.books, BOOKS_AT_ONCE, async (book) => {
      if (!signal.aborted && !(await handle(book))) {
        clean = false;
      }
    });
    if (signal.aborted) {
      return;
    }
    from = some.next;
    if (clean) {
      await progress?.note(part, from === undefined ? { kind: 'done' } : { kind: 'at', from });
    }
  } while (from !== undefined);
}

/** Calls `act` with each thing, a limited number at a time. After the first error it begins no more, and throws that error once all have ended. */
export async function sideBySide<Thing>(
  things: readonly Thing[],
  atOnce: number,
  act: (thing: Thing) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  const mapper = async (thing: Thing) => {
    if (errors.length === 0) {
      await act(thing).catch((error: unknown) => errors.push(error));
    }
  };
  await pMap(things, mapper, { concurrency: atOnce });
  if (errors.length > 0) {
    throw errors[0];
  }
}
