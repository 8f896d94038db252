import type { RefusalCode } from '../entry.ts';

/** Something about an account that a call needs. What does not hold is the reason of its refusal. */
export type Requirement = {
  /** What the call is refused with when this does not hold. */
  readonly otherwise: RefusalCode;
} & (
  | { readonly kind: 'exists' }
  | { readonly kind: 'balance_at_least'; readonly amountMinor: bigint }
  /** Holds for an account that does not exist as well: its balance will begin at 0. */
  | { readonly kind: 'balance_at_most'; readonly amountMinor: bigint }
);

/** What a call does to an account, and what it needs for it: everything that the store has to know of an operation. */
export interface Effect {
  readonly changeMinor: bigint;
  readonly heldChangeMinor: bigint;
  /** In this order: the first one that does not hold is the reason of the refusal. */
  readonly requires: readonly Requirement[];
}
