import { MAX_AMOUNT_MINOR } from '../../../client/contract/schemas.ts';
import type { Planner } from './operation.ts';

/** Puts an amount into an account. The first deposit opens it, unless the caller says that it must exist. */
export const deposit: Planner<'deposit'> = ({ amountMinor, mustExist }) => ({
  kind: 'effect',
  changeMinor: amountMinor,
  heldChangeMinor: 0n,
  requires: [
    ...(mustExist ? [{ kind: 'exists', otherwise: 'no_such_account' } as const] : []),
    {
      kind: 'balance_at_most',
      amountMinor: MAX_AMOUNT_MINOR - amountMinor,
      otherwise: 'balance_too_large',
    },
  ],
});
