import { MAX_AMOUNT_MINOR } from '../../../client/contract/schemas.ts';
import type { Planner, Requirement } from './operation.ts';

/** Puts an amount into an account. The first deposit opens it, unless the caller says that it must exist. */
export const deposit: Planner<'deposit'> = ({ amountMinor, mustExist }) => ({
  kind: 'effect',
  changeMinor: amountMinor,
  heldChangeMinor: 0n,
  requires: [
    ...(mustExist ? [{ kind: 'exists', refusal: 'no_such_account' } as const] : []),
    ...mayTake(amountMinor),
  ],
});

/** Requires that credits are open and that the new balance has at most 15 digits. */
export function mayTake(amountMinor: bigint): readonly Requirement[] {
  return [{ kind: 'not_frozen', side: 'credits', refusal: 'account_frozen' }, hasRoom(amountMinor)];
}

/** Requires that the new balance has at most 15 digits. */
export function hasRoom(amountMinor: bigint): Requirement {
  return {
    kind: 'balance_at_most',
    amountMinor: MAX_AMOUNT_MINOR - amountMinor,
    refusal: 'balance_too_large',
  };
}
