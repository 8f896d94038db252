import type { Asked } from '../entry.ts';
import { mayTake } from './deposit.ts';
import {
  type Effect,
  isTrueOf,
  type PlanInput,
  type Planner,
  type Refundable,
  ROOM_FOR_TRANSFER,
} from './operation.ts';
import { hasMoney } from './withdraw.ts';

/**
 * Begins a refund. A refund of a withdrawal or a capture moves nothing yet; a refund of a transfer holds the money.
 * `../complete-refund.ts` makes the remaining writes.
 */
export const refund: Planner<'refund'> = (asked, moment) => {
  const { refundedCall, head } = moment;
  switch (refundedCall?.kind) {
    case undefined:
      return { kind: 'find_call', call: asked.call };
    case 'not_refundable':
      return { kind: 'refused', code: 'not_refundable', conditions: [] };
    case 'never_used': {
      const { turned } = refundedCall;
      const predicate = { kind: 'never_used', key: asked.call, turned } as const;
      return head?.balanceMinor === undefined
        ? {
            kind: 'refused',
            code: 'no_such_account',
            conditions: [{ predicate: { kind: 'exists' }, expected: false }],
          }
        : { kind: 'refused', code: 'no_such_call', conditions: [{ predicate, expected: true }] };
    }
    case 'refundable': {
      const { amountMinor: ofMinor, refundedMinor } = refundedCall;
      const amountMinor = asked.amountMinor ?? ofMinor - (refundedMinor ?? 0n);
      const effect = effectOf(asked, moment, refundedCall, amountMinor);
      // The account cannot pay or take all that the call moved, but perhaps what is left to refund.
      const isTight = head !== undefined && !effect.requires.every((each) => isTrueOf(each, head));
      if (asked.amountMinor === undefined && refundedMinor === undefined && isTight) {
        return { kind: 'count_refunds', call: asked.call, refundedCall };
      }
      return amountMinor > ofMinor || amountMinor === 0n
        ? { kind: 'refused', code: 'refund_exceeded', conditions: [] }
        : effect;
    }
  }
};

/** The first write of a refund. To refund a transfer, it takes the money out of the balance and holds it. */
function effectOf(
  { call, amountMinor: asked, reference }: Extract<Asked, { operation: 'refund' }>,
  { key, nowMs, mayRetry }: PlanInput,
  { amountMinor: ofMinor, from: to }: Refundable,
  amountMinor: bigint,
): Effect {
  const terms = { to, amountMinor, ofMinor };
  const mayTakeLess = asked === undefined;
  const mark = {
    kind: 'refund',
    call,
    ...terms,
    mayTakeLess,
    startedMs: nowMs,
    mayRetry,
    reference,
  } as const;
  const heldMinor = to === undefined ? 0n : amountMinor;
  return {
    kind: 'effect',
    changeMinor: -heldMinor,
    heldChangeMinor: heldMinor,
    requires: [...(to === undefined ? mayTake(amountMinor) : hasMoney(amountMinor)), ROOM_FOR_TRANSFER],
    marks: [{ key, before: undefined, after: mark }],
    terms,
  };
}

/**
 * Counts a refund in the register of its call. The balance of the register is what was refunded: at most what the call moved.
 */
export const reserve: Planner<'reserve'> = ({ amountMinor, ofMinor, mayTakeLess }, { head }) => {
  const leftMinor = ofMinor - (head?.balanceMinor ?? 0n);
  const takenMinor = mayTakeLess && leftMinor < amountMinor ? atLeastOne(leftMinor) : amountMinor;
  const limitMinor = ofMinor - takenMinor;
  return {
    kind: 'effect',
    changeMinor: takenMinor,
    heldChangeMinor: 0n,
    requires: [
      { kind: 'balance_at_most', amountMinor: limitMinor, refusal: 'refund_exceeded' },
      // If another reservation is taken back meanwhile, more is left, and the refund must take that too.
      ...(takenMinor === amountMinor
        ? []
        : [{ kind: 'balance_at_least', amountMinor: limitMinor, refusal: 'refund_exceeded' } as const]),
    ],
  };
};

/** Asks for at least 1, so that the condition fails if nothing is left. */
function atLeastOne(amountMinor: bigint): bigint {
  return amountMinor > 0n ? amountMinor : 1n;
}

/** Takes a reservation back. */
export const unreserve: Planner<'unreserve'> = ({ amountMinor }) => ({
  kind: 'effect',
  changeMinor: -amountMinor,
  heldChangeMinor: 0n,
  requires: [],
});
