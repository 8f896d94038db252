import type { Planner } from './operation.ts';

/** Opens or freezes an account for debits, for credits or for both. Transfers, refunds and holds that have begun still end. */
export const setStatus: Planner<'setStatus'> = ({ debits, credits }) => ({
  kind: 'effect',
  changeMinor: 0n,
  heldChangeMinor: 0n,
  requires: [{ kind: 'exists', refusal: 'no_such_account' }],
  status: { debits, credits },
});
