import { MAX_AMOUNT_MINOR } from '../../../client/contract/schemas.ts';
import { type Planner, roomFor } from './operation.ts';
import { hasMoney } from './withdraw.ts';

/**
 * Begins a transfer: the money is held until it has arrived, and the mark names the credit. The rest is in `transfer.ts`, beside
 * the write loop.
 */
export const transfer: Planner<'transfer'> = (asked, { key, nowMs, mayReturn, head }) => {
  const { amountMinor, to, reference } = asked;
  const mark = { kind: 'transfer', to, amountMinor, startedMs: nowMs, mayReturn, reference } as const;
  return {
    kind: 'effect',
    changeMinor: -amountMinor,
    heldChangeMinor: amountMinor,
    requires: [...hasMoney(amountMinor), roomFor('transfer', 'busy', head)],
    marks: [{ key, before: undefined, after: mark }],
  };
};

/** Puts the money of a transfer into the payee's account, which must exist. */
export const credit: Planner<'credit'> = ({ amountMinor }) => ({
  kind: 'effect',
  changeMinor: amountMinor,
  heldChangeMinor: 0n,
  requires: [
    { kind: 'exists', otherwise: 'no_such_destination' },
    {
      kind: 'balance_at_most',
      amountMinor: MAX_AMOUNT_MINOR - amountMinor,
      otherwise: 'balance_too_large',
    },
  ],
});
