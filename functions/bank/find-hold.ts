import { type Head, type Line, linesOfHead, linesOfPage } from './book.ts';
import type { HoldEnding } from './operations/operation.ts';
import { type SearchStore, searchFor } from './search.ts';
import { StoreUnavailableError } from './store.ts';

/**
 * How a hold ended that has no mark on the head, or that there is none. The entry that ended it is behind its own, so the book is read
 * from its end: what names the hold first is what ended it.
 */
export async function findEnding(
  store: SearchStore,
  account: string,
  hold: string,
  head: Head,
  signal: AbortSignal,
): Promise<HoldEnding> {
  const ending = (lines: readonly Line[]) =>
    [...lines].reverse().flatMap((line) => endingIn(line, hold) ?? [])[0];
  const inHead = ending(linesOfHead(head));
  const found =
    inHead ??
    (await searchFor(
      store,
      { account, key: `${hold}/end` },
      head.turned,
      (page) => {
        const named = ending(linesOfPage(page));
        return named !== undefined || page.watermark < hold ? { found: named } : undefined;
      },
      signal,
    ));
  if (found === 'open') {
    throw new StoreUnavailableError('no', `hold ${hold} of ${account} has no mark, and no entry ends it`);
  }
  return found ?? 'never_used';
}

/** What a line says of a hold. Its own line comes last, and only a hold that nothing ended would get there. */
function endingIn({ entry: { key, body } }: Line, hold: string): HoldEnding | 'open' | undefined {
  if (body.kind === 'expired' && body.hold === hold) {
    return 'hold_expired';
  }
  if (body.kind === 'executed' && 'hold' in body.asked && body.asked.hold === hold) {
    return body.asked.operation === 'void' ? 'hold_voided' : 'hold_captured';
  }
  if (key !== hold) {
    return undefined;
  }
  return body.kind === 'executed' && body.asked.operation === 'hold' ? 'open' : 'no_such_hold';
}
