import type { RecordedRefusal } from '../entry.ts';
import { type HoldMark, isExpired } from '../mark.ts';
import { StoreUnavailableError } from '../unavailable.ts';
import {
  type Plan,
  type PlanInput,
  type Planner,
  type Predicate,
  ROOM_FOR_HOLD,
  ROOM_FOR_TRANSFER,
} from './operation.ts';
import { hasMoney } from './withdraw.ts';

/** Reserves an amount: it can be captured, in parts, until it is voided or expires. */
export const hold: Planner<'hold'> = (asked, { key, nowMs }) => {
  const { amountMinor, expiresInSeconds, reference } = asked;
  const expiresAtMs = nowMs + expiresInSeconds * 1000;
  const mark = {
    kind: 'hold',
    amountMinor,
    remainingMinor: amountMinor,
    expiresAtMs,
    reference,
  } as const;
  return {
    kind: 'effect',
    changeMinor: -amountMinor,
    heldChangeMinor: amountMinor,
    requires: [...hasMoney(amountMinor), ROOM_FOR_HOLD],
    marks: [{ key, before: undefined, after: mark }],
  };
};

/**
 * A capture takes money out of the account, so debits must be open, although the money was held before. A void needs nothing: it only
 * gives back.
 */
const MAY_PAY = { kind: 'not_frozen', side: 'debits', refusal: 'account_frozen' } as const;

/** Takes held money out of the bank, or begins to transfer it. The rest of the hold is released or kept. */
export const capture: Planner<'capture'> = (asked, moment) =>
  ofOpenHold(asked.hold, moment, (mark) => {
    const { remainingMinor } = mark;
    const capturedMinor = asked.amountMinor ?? remainingMinor;
    if (capturedMinor > remainingMinor) {
      const predicate = { kind: 'mark', key: asked.hold, mark } as const;
      return { kind: 'refused', code: 'hold_exceeded', conditions: [{ predicate, expected: true }] };
    }
    const leftMinor = remainingMinor - capturedMinor;
    const isKept = !asked.isFinal && leftMinor > 0n;
    const releasedMinor = isKept ? 0n : leftMinor;
    const after = isKept ? { ...mark, remainingMinor: leftMinor } : undefined;
    const change = { key: asked.hold, before: mark, after };
    if (asked.to === undefined) {
      return {
        kind: 'effect',
        changeMinor: releasedMinor,
        heldChangeMinor: -capturedMinor - releasedMinor,
        requires: [MAY_PAY],
        marks: [change],
        capturedMinor,
      };
    }
    const { key, nowMs, mayRetry } = moment;
    const transfer = {
      kind: 'transfer',
      to: asked.to,
      amountMinor: capturedMinor,
      startedMs: nowMs,
      mayRetry,
      reference: asked.reference,
    } as const;
    return {
      kind: 'effect',
      changeMinor: releasedMinor,
      heldChangeMinor: -releasedMinor,
      requires: [MAY_PAY, ROOM_FOR_TRANSFER],
      marks: [change, { key, before: undefined, after: transfer }],
      capturedMinor,
    };
  });

/** Releases all that remains of a hold. */
export const voidHold: Planner<'void'> = (asked, moment) =>
  ofOpenHold(asked.hold, moment, (mark) => ({
    kind: 'effect',
    changeMinor: mark.remainingMinor,
    heldChangeMinor: -mark.remainingMinor,
    requires: [],
    marks: [{ key: asked.hold, before: mark, after: undefined }],
  }));

/**
 * Plans a call that needs an open hold. The write requires the mark as it was read, so only one of several concurrent calls can end the
 * hold.
 */
function ofOpenHold(key: string, moment: PlanInput, plan: (mark: HoldMark) => Plan): Plan {
  const { head, ending, nowMs } = moment;
  if (head === undefined) {
    return { kind: 'read_head' };
  }
  if (head.balanceMinor === undefined) {
    const conditions = [{ predicate: { kind: 'exists' }, expected: false }] as const;
    return { kind: 'refused', code: 'no_such_account', conditions };
  }
  const mark = head.marks.get(key);
  if (mark?.kind === 'hold') {
    return isExpired(mark, nowMs) ? { kind: 'write_expiry', head, hold: key, mark } : plan(mark);
  }
  if (mark?.kind === 'unknown_kind') {
    const message = `the mark of ${key} was written by a newer version of the function`;
    return { kind: 'unavailable', error: new StoreUnavailableError('no', message) };
  }
  // The mark of a transfer or a refund.
  if (mark !== undefined) {
    return refusedIf('no_such_hold', { kind: 'mark', key, mark });
  }
  if (ending === undefined) {
    return { kind: 'find_hold', hold: key, head };
  }
  // A hold that has ended never comes back. A hold that never was may still be made before the refusal is written.
  return ending === 'never_used'
    ? refusedIf('no_such_hold', { kind: 'never_used', key, turned: head.turned })
    : refusedIf(ending, { kind: 'mark', key, mark: undefined });
}

function refusedIf(code: RecordedRefusal, predicate: Predicate): Plan {
  return { kind: 'refused', code, conditions: [{ predicate, expected: true }] };
}
