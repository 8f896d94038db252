import type { Planner, Requirement } from './operation.ts';

/** Takes an amount out of an account, never more than is in it. */
export const withdraw: Planner<'withdraw'> = ({ amountMinor }) => ({
  kind: 'effect',
  changeMinor: -amountMinor,
  heldChangeMinor: 0n,
  requires: hasMoney(amountMinor),
});

/** Requires that the account exists, that debits are open and that the balance covers the amount. */
export function hasMoney(amountMinor: bigint): readonly Requirement[] {
  return [
    { kind: 'exists', refusal: 'no_such_account' },
    { kind: 'not_frozen', side: 'debits', refusal: 'account_frozen' },
    { kind: 'balance_at_least', amountMinor, refusal: 'not_enough_money' },
  ];
}
