import type { Asked } from '../entry.ts';
import { hasRoom } from './deposit.ts';
import { type Moment, type Original, type Plan, type Planner, ROOM_FOR_TRANSFER } from './operation.ts';
import { hasMoney } from './withdraw.ts';

/**
 * Begins a refund. Of what had left the bank nothing is moved yet; a transfer is paid back like any other one, so its money is held.
 * The rest is in `refund.ts`, beside the write loop.
 */
export const refund: Planner<'refund'> = (asked, moment) => {
  const { original } = moment;
  switch (original?.kind) {
    case undefined:
      return { kind: 'find_call', call: asked.call };
    case 'not_refundable':
      return { kind: 'refused', code: 'not_refundable', conditions: [] };
    case 'never_used': {
      const { turned } = original;
      const predicate = { kind: 'never_used', key: asked.call, turned } as const;
      return moment.head?.balanceMinor === undefined
        ? {
            kind: 'refused',
            code: 'no_such_account',
            conditions: [{ predicate: { kind: 'exists' }, holds: false }],
          }
        : { kind: 'refused', code: 'no_such_call', conditions: [{ predicate, holds: true }] };
    }
    case 'paid':
      return begin(asked, moment, original, asked.amountMinor ?? original.amountMinor);
    case 'received': {
      const { amountMinor: ofMinor, refundedMinor } = original;
      const amountMinor = asked.amountMinor ?? ofMinor - (refundedMinor ?? 0n);
      const isShort = (moment.head?.balanceMinor ?? amountMinor) < amountMinor;
      // What is left of it may be less than it was, and the money for that may be there.
      return asked.amountMinor === undefined && refundedMinor === undefined && isShort
        ? { kind: 'count_refunds', call: asked.call, original }
        : begin(asked, moment, original, amountMinor);
    }
  }
};

function begin(
  { call, amountMinor: asked, reference }: Extract<Asked, { operation: 'refund' }>,
  { key, nowMs, mayReturn }: Moment,
  original: Extract<Original, { kind: 'paid' | 'received' }>,
  amountMinor: bigint,
): Plan {
  if (amountMinor > original.amountMinor || amountMinor === 0n) {
    return { kind: 'refused', code: 'refund_exceeded', conditions: [] };
  }
  const terms = {
    to: original.kind === 'paid' ? undefined : original.from,
    amountMinor,
    ofMinor: original.amountMinor,
  };
  const after = {
    kind: 'refund',
    call,
    ...terms,
    isUpTo: asked === undefined,
    startedMs: nowMs,
    mayReturn,
    reference,
  } as const;
  const marks = [{ key, before: undefined, after }];
  return original.kind === 'paid'
    ? {
        kind: 'effect',
        changeMinor: 0n,
        heldChangeMinor: 0n,
        requires: [
          { kind: 'not_frozen', side: 'credits', otherwise: 'account_frozen' },
          hasRoom(amountMinor),
          ROOM_FOR_TRANSFER,
        ],
        marks,
        terms,
      }
    : {
        kind: 'effect',
        changeMinor: -amountMinor,
        heldChangeMinor: amountMinor,
        requires: [...hasMoney(amountMinor), ROOM_FOR_TRANSFER],
        marks,
        terms,
      };
}

/**
 * Counts a refund in the register of its call, whose balance is what was refunded: all refunds together are at most what the call moved.
 */
export const reserve: Planner<'reserve'> = ({ amountMinor, ofMinor, isUpTo }, { head }) => {
  const leftMinor = ofMinor - (head?.balanceMinor ?? 0n);
  const takenMinor = isUpTo && leftMinor < amountMinor ? atLeastOne(leftMinor) : amountMinor;
  const limitMinor = ofMinor - takenMinor;
  return {
    kind: 'effect',
    changeMinor: takenMinor,
    heldChangeMinor: 0n,
    requires: [
      { kind: 'balance_at_most', amountMinor: limitMinor, otherwise: 'refund_exceeded' },
      // It takes all that is left, also when another refund gave some back meanwhile.
      ...(takenMinor === amountMinor
        ? []
        : [{ kind: 'balance_at_least', amountMinor: limitMinor, otherwise: 'refund_exceeded' } as const]),
    ],
  };
};

/** Where nothing is left, one unit is too much. */
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
