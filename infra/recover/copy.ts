import { type Item, ItemError } from './item.ts';
import type { Progress } from './progress.ts';
import type { Page, Source } from './source.ts';

/** What is done with the items of a source. */
export interface Work {
  readonly source: Source;
  /** Does what is to be done with a page of items that are fit for the fresh bank, and names those that it could not. */
  readonly handle: (items: readonly Item[]) => Promise<readonly string[]>;
  /** Checks an item and gives it as it is to be; undefined for one that is not kept. Throws {@link ItemError}. */
  readonly prepare: (item: Item) => Item | undefined;
  /** Where it goes on, when it does. */
  readonly progress?: Progress | undefined;
  /** Parts worked on side by side. */
  readonly concurrency: number;
  /** Ends the work after the pages that are being handled. */
  readonly signal: AbortSignal;
  readonly onPage?: (count: Count) => void;
}

/** What was done. */
export interface Count {
  readonly items: number;
  readonly skipped: number;
  /** What is wrong, in words, the first of them only. */
  readonly faults: readonly string[];
  readonly faultCount: number;
}

/** Faults that are told one by one; the others are counted. */
export const MAX_FAULTS = 100;

/** Nothing was done. */
export const NOTHING: Count = { items: 0, skipped: 0, faults: [], faultCount: 0 };

/**
 * Goes through a source, part by part. An item that cannot be used does not keep the others from being handled, but the
 * place of its part is not noted from there on: once it is mended, the next run comes by again.
 */
export async function goThrough(parts: Work): Promise<Count> {
  const names = [...(await parts.source.parts())];
  let total = NOTHING;
  const worker = async () => {
    for (let name = names.shift(); name !== undefined && !parts.signal.aborted; name = names.shift()) {
      await part(name, parts, (count) => {
        total = add(total, count);
        parts.onPage?.(total);
      });
    }
  };
  await Promise.all(Array.from({ length: parts.concurrency }, worker));
  return total;
}

async function part(name: string, parts: Work, tell: (count: Count) => void): Promise<void> {
  const { source, progress, signal } = parts;
  const place = progress?.placeOf(name);
  if (place?.kind === 'done') {
    return;
  }
  let from = place?.from;
  let clean = true;
  do {
    const page: Page = await source.read(name, from);
    const count = await handlePage(page, parts);
    tell(count);
    from = page.next;
    clean &&= count.faultCount === 0;
    if (clean) {
      await progress?.note(name, from === undefined ? { kind: 'done' } : { kind: 'at', from });
    }
  } while (from !== undefined && !signal.aborted);
}

async function handlePage({ items }: Page, { prepare, handle }: Work): Promise<Count> {
  const faults: string[] = [];
  const prepared = items.flatMap((item) => {
    try {
      const ready = prepare(item);
      return ready === undefined ? [] : [ready];
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      faults.push(error.message);
      return [];
    }
  });
  const skipped = items.length - prepared.length - faults.length;
  faults.push(...(await handle(prepared)));
  return { items: items.length, skipped, faults: faults.slice(0, MAX_FAULTS), faultCount: faults.length };
}

function add(one: Count, other: Count): Count {
  return {
    items: one.items + other.items,
    skipped: one.skipped + other.skipped,
    faults: [...one.faults, ...other.faults].slice(0, MAX_FAULTS),
    faultCount: one.faultCount + other.faultCount,
  };
}
