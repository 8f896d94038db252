import type { Subject } from './append.ts';
import type { Head, Line } from './book.ts';
import type { Entry } from './entry.ts';
import type { RefundedCall } from './operations/operation.ts';
import { type KeySearchStore, lineInBook, lookInIndex } from './search.ts';
import { StoreUnavailableError } from './unavailable.ts';

/**
 * Finds the call to refund. Without a head, it reads only the pages that the index points to, and returns undefined if the call is not
 * there.
 *
 * Throws {@link StoreUnavailableError}.
 */
export async function findCall(
  store: KeySearchStore,
  { account, key }: Subject,
  head: Head | undefined,
  signal: AbortSignal,
): Promise<RefundedCall | undefined> {
  if (head === undefined) {
    return refundedCallIn(await lookInIndex(store, { account, key }, signal));
  }
  const line = await lineInBook(store, { account, key }, head, signal);
  return refundedCallIn(line) ?? { kind: 'never_used', turned: head.turned };
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
