import type { Asked } from '../entry.ts';
import type { Effect } from './operation.ts';

/** Takes an amount out of an account, never more than is in it. */
export function withdraw({ amountMinor }: Asked): Effect {
  return {
    changeMinor: -amountMinor,
    heldChangeMinor: 0n,
    requires: [
      { kind: 'exists', otherwise: 'no_such_account' },
      { kind: 'balance_at_least', amountMinor, otherwise: 'not_enough_money' },
    ],
  };
}
