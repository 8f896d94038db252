import { type Head, type Line, linesOfHead, linesOfPage } from './book.ts';
import type { Entry } from './entry.ts';
import type { HoldEnding } from './operations/operation.ts';
import { type SearchStore, searchFor } from './search.ts';
import { StoreUnavailableError } from './unavailable.ts';

/**
 * Finds how a hold without a mark ended, or that there never was such a hold. It reads the book backwards, so the first entry that names
 * the hold is the one that ended it.
 */
export async function findEnding(
  store: SearchStore,
  account: string,
  hold: string,
  head: Head,
  signal: AbortSignal,
): Promise<HoldEnding> {
  let isUnknownBehind = false;
  const ending = (lines: readonly Line[]) => {
    for (const { entry } of [...lines].reverse()) {
      const found = endingIn(entry, hold);
      // A capture that keeps the rest does not prove the end: an entry of an unknown kind behind it may have ended the hold.
      if (found !== undefined) {
        return found === 'hold_captured' && isUnknownBehind && keeps(entry) ? 'open' : found;
      }
      isUnknownBehind ||= entry.body.kind === 'unknown_kind';
    }
    return undefined;
  };
  const inHead = ending(linesOfHead(head));
  const found =
    inHead ??
    (await searchFor(
      {
        readPages: (...which) => store.readPages(...which),
        readCache: (...which) => store.readCache(...which),
        // A version that knows these kinds must read the pages again.
        noteSearch: (...note) => (isUnknownBehind ? Promise.resolve() : store.noteSearch(...note)),
      },
      { account, key: `${hold}/end` },
      head.turned,
      (page) => {
        const named = ending(linesOfPage(page));
        return named !== undefined || page.watermark < hold ? { found: named } : undefined;
      },
      signal,
    ));
  if (found === 'open') {
    throw new StoreUnavailableError(
      'no',
      `hold ${hold} of ${account} has no mark, and no entry that can be read ends it`,
    );
  }
  return found ?? 'never_used';
}

function keeps({ body }: Entry): boolean {
  return body.kind === 'executed' && body.asked.operation === 'capture' && !body.asked.isFinal;
}

/** What an entry says about a hold. The hold's own entry is read last, and only if no entry ended the hold. */
function endingIn({ key, body }: Entry, hold: string): HoldEnding | 'open' | undefined {
  if (body.kind === 'expired' && body.hold === hold) {
    return 'hold_expired';
  }
  if (body.kind === 'executed' && 'hold' in body.asked && body.asked.hold === hold) {
    return body.asked.operation === 'void' ? 'hold_voided' : 'hold_captured';
  }
  if (key !== hold) {
    return undefined;
  }
  const isHold = body.kind === 'executed' && body.asked.operation === 'hold';
  return isHold || body.kind === 'unknown_kind' ? 'open' : 'no_such_hold';
}
