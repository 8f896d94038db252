import type { Subject } from './append.ts';
import { type Head, type Line, lineOf, linesOfPage } from './book.ts';
import type { Entry } from './entry.ts';
import type { RefundedCall } from './operations/operation.ts';
import { ignoreUnavailable, lineInBook } from './search.ts';
import type { Store } from './store.ts';
import { StoreUnavailableError } from './unavailable.ts';

/**
 * Number of pages to read from the one that the index names. The call is on that page or shortly after it, because concurrent calls with
 * higher keys may have been written first. A call whose key was minted long before its first use is further behind.
 */
const PAGES_BEHIND = 16;

/** The part of the store that a search for a call uses. */
export type FindStore = Pick<Store, 'findPage' | 'readPages' | 'readCache' | 'noteSearch'>;

/**
 * Finds the call to refund. Without a head, it reads only the pages that the index points to, and returns undefined if the call is not
 * there.
 *
 * Throws {@link StoreUnavailableError}.
 */
export async function findCall(
  store: FindStore,
  { account, key }: Subject,
  head: Head | undefined,
  signal: AbortSignal,
): Promise<RefundedCall | undefined> {
  if (head === undefined) {
    return refundedCallIn(await lookAhead(store, { account, key }, signal));
  }
  const line = await lineInBook(store, { account, key }, head, signal);
  return refundedCallIn(line) ?? { kind: 'never_used', turned: head.turned };
}

/** Reads the pages on which a call should be according to the index. The index may be behind, so the call may be on another page. */
async function lookAhead(store: FindStore, subject: Subject, signal: AbortSignal): Promise<Line | undefined> {
  const from = await ignoreUnavailable(store.findPage(subject, signal), signal);
  if (from === undefined) {
    return undefined;
  }
  const which = { from, limit: PAGES_BEHIND };
  const pages = (await ignoreUnavailable(store.readPages(subject.account, which, signal), signal)) ?? [];
  return pages.map((page) => lineOf(linesOfPage(page), subject.key)).find((line) => line !== undefined);
}

function refundedCallIn(line: Line | undefined): RefundedCall | undefined {
  return line === undefined ? undefined : refundedCallOf(line.entry);
}

/** What can be refunded of an entry: money that it took out of the bank, or that it received by a transfer. A refund cannot be refunded. */
export function refundedCallOf({ key, changeMinor, body }: Entry): RefundedCall {
  if (body.kind === 'unknown_kind') {
    throw new StoreUnavailableError(
      'no',
      `the entry of ${key} was written by a newer version of the function`,
    );
  }
  if (body.kind !== 'executed') {
    return { kind: 'not_refundable' };
  }
  const { asked, capturedMinor } = body;
  switch (asked.operation) {
    case 'withdraw':
      return refundable(-changeMinor, undefined);
    case 'capture':
      return asked.to === undefined && capturedMinor !== undefined
        ? refundable(capturedMinor, undefined)
        : { kind: 'not_refundable' };
    case 'credit':
      return asked.isRefund === true ? { kind: 'not_refundable' } : refundable(changeMinor, asked.from);
    default:
      return { kind: 'not_refundable' };
  }
}

function refundable(amountMinor: bigint, from: string | undefined): RefundedCall {
  return { kind: 'refundable', amountMinor, from, refundedMinor: undefined };
}
