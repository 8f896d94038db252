import type { Attempt } from './attempt.ts';
import {
  type Completed,
  completeTransfer,
  endOf,
  refusalOf,
  returnedBy,
  writeOnce,
} from './complete-transfer.ts';
import { endTransferOrRefund, type Marked } from './end-mark.ts';
import { bankKeyOf, registerOf } from './key.ts';
import { bankKeyOfMark, type RefundMark, type TransferMark } from './mark.ts';

/** Completes the transfer or the refund of a mark. */
export function complete(
  attempt: Attempt,
  { mark, ...marked }: Marked<TransferMark | RefundMark>,
): Promise<Completed> {
  return mark.kind === 'transfer'
    ? completeTransfer(attempt, { ...marked, mark })
    : completeRefund(attempt, { ...marked, mark });
}

/**
 * Makes the remaining writes of a refund: the reservation in the register of its call; if it refunds a transfer, the credit in the book of
 * the account that had paid; then the entry that removes its mark. Any function may do so, at any time and repeatedly, as with a transfer.
 *
 * The register alone decides how much may be refunded, under a key that follows from the refund. If the payer cannot be credited, the
 * reservation is taken back before the money returns, so that another refund can have it.
 */
export async function completeRefund(attempt: Attempt, marked: Marked<RefundMark>): Promise<Completed> {
  const { account, key, mark } = marked;
  const { call, to, amountMinor, ofMinor, mayTakeLess, reference } = mark;
  const register = registerOf(account, call);
  const id = bankKeyOfMark(account, key, mark);
  const heldMinor = to === undefined ? 0n : amountMinor;
  const reserved = await writeOnce(attempt, register, id, {
    operation: 'reserve',
    refund: key,
    amountMinor,
    ofMinor,
    mayTakeLess,
    reference: undefined,
  });
  const takenMinor = reserved.line.entry.changeMinor;
  let returned = refusalOf(reserved.line);
  if (returned === undefined && to !== undefined) {
    const credited = await writeOnce(attempt, to, id, {
      operation: 'credit',
      amountMinor: takenMinor,
      from: account,
      transfer: key,
      isRefund: true,
      reference,
    });
    returned = refusalOf(credited.line);
    if (returned !== undefined) {
      const asked = {
        operation: 'unreserve',
        refund: key,
        amountMinor: takenMinor,
        reference: undefined,
      } as const;
      await writeOnce(attempt, register, bankKeyOf(register, id, mark.startedMs), asked);
    }
  }
  const refundedMinor = returned === undefined ? takenMinor : 0n;
  const changeMinor = to === undefined ? refundedMinor : heldMinor - refundedMinor;
  const { written, head } = await endTransferOrRefund(attempt, marked, [changeMinor, -heldMinor], {
    kind: 'refunded',
    refund: key,
    call,
    to,
    code: returned,
  });
  const end = await endOf(attempt, { account, id, head, after: 0 });
  return { returned: returnedBy(end), wasMoved: !written, end };
}
