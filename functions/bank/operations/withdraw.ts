import type { Planner, Requirement } from './operation.ts';

/** Takes an amount out of an account, never more than is in it. */
export const withdraw: Planner<'withdraw'> = ({ amountMinor }) => ({
  kind: 'effect',
  changeMinor: -amountMinor,
  heldChangeMinor: 0n,
  requires: hasMoney(amountMinor),
});

/** That an account may spare an amount, and can. */
export function hasMoney(amountMinor: bigint): readonly Requirement[] {
  return [
    { kind: 'exists', refusal: 'no_such_account' },
    { kind: 'not_frozen', side: 'debits', refusal: 'account_frozen' },
    { kind: 'balance_at_least', amountMinor, refusal: 'not_enough_money' },
  ];
}
