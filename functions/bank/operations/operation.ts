import { MAX_OPEN_HOLDS, MAX_OPEN_TRANSFERS } from '../../../client/contract/schemas.ts';
import { type Counted, countOf, type Head } from '../book.ts';
import type { Asked, OperationName, RefundTerms, RefusedCode, Status, StatusChange } from '../entry.ts';
import { type HoldMark, isSameMark, type Mark, type MarkChange } from '../mark.ts';
import type { StoreUnavailableError } from '../store.ts';

/** Something about a head that is true of it or not. The store says the same in DynamoDB's words. */
export type Predicate =
  | { readonly kind: 'exists' }
  | { readonly kind: 'balance_at_least'; readonly amountMinor: bigint }
  /** Holds for an account that does not exist as well: its balance will begin at 0. */
  | { readonly kind: 'balance_at_most'; readonly amountMinor: bigint }
  | { readonly kind: 'not_frozen'; readonly side: keyof Status }
  | { readonly kind: 'open_below'; readonly of: Counted; readonly count: number }
  /** No entry has a key, of which all pages were searched before one was turned. */
  | { readonly kind: 'never_used'; readonly key: string; readonly turned: number }
  /** The mark of a key is this one; undefined for none. */
  | { readonly kind: 'mark'; readonly key: string; readonly mark: Mark | undefined };

/** What a call needs, and what it is refused with when that does not hold. `busy` is no refusal: the next moment may have room. */
export type Requirement = Predicate & { readonly refusal: RefusedCode | 'busy' };

/** A predicate, and whether the write needs it to hold or not to hold. */
export interface Condition {
  readonly predicate: Predicate;
  readonly expected: boolean;
}

/** What a call does to an account, and what it needs for it: everything that the store has to know of an operation. */
export interface Effect {
  readonly kind: 'effect';
  readonly changeMinor: bigint;
  readonly heldChangeMinor: bigint;
  /** In this order: the first one that does not hold is the reason of the refusal. */
  readonly requires: readonly Requirement[];
  readonly marks?: readonly MarkChange[];
  readonly capturedMinor?: bigint;
  readonly terms?: RefundTerms;
  readonly status?: StatusChange;
}

/** What is to be done about a call, by what the head has. */
export type Plan =
  | Effect
  | {
      readonly kind: 'refused';
      readonly code: RefusedCode;
      readonly conditions: readonly Condition[];
    }
  /** The head is needed to plan it. */
  | { readonly kind: 'read_head' }
  /** There is no such mark; how the hold ended is in the book. */
  | { readonly kind: 'find_hold'; readonly hold: string; readonly head: Head }
  /** What the call that is to be refunded did is in the book. */
  | { readonly kind: 'find_call'; readonly call: string }
  /** The register of the call that is to be refunded has what was refunded of it. */
  | { readonly kind: 'count_refunds'; readonly refundedCall: Refundable; readonly call: string }
  /** The hold has expired, and nothing has written that yet. */
  | { readonly kind: 'write_expiry'; readonly head: Head; readonly hold: string; readonly mark: HoldMark }
  /** Nothing can be written now, and no refusal would stay true. */
  | { readonly kind: 'unavailable'; readonly error: StoreUnavailableError };

/** How a hold ended; `no_such_hold` where its key is that of another call, `never_used` where it is that of none yet. */
export type HoldEnding = 'no_such_hold' | 'never_used' | 'hold_captured' | 'hold_voided' | 'hold_expired';

/** What a call did that is to be refunded. */
export type RefundedCall =
  | {
      readonly kind: 'refundable';
      readonly amountMinor: bigint;
      /** The payer, of the credit of a transfer; undefined where the call took money out of the bank. */
      readonly from: string | undefined;
      /** What was refunded of it, once that was looked for. */
      readonly refundedMinor: bigint | undefined;
    }
  | { readonly kind: 'not_refundable' }
  /** No entry had its key when this many had left the head. */
  | { readonly kind: 'never_used'; readonly turned: number };

/** A call that can be refunded. */
export type Refundable = Extract<RefundedCall, { kind: 'refundable' }>;

/** What a call is planned with. */
export interface PlanInput {
  readonly key: string;
  readonly nowMs: number;
  readonly mayRetry: boolean;
  /** Undefined before anything was read or written. */
  readonly head: Head | undefined;
  /** How the hold that the call names ended, once that was looked for. */
  readonly ending: HoldEnding | undefined;
  /** What the call did that is to be refunded, once that was looked for. */
  readonly refundedCall: RefundedCall | undefined;
}

/** Plans one kind of call. */
export type Planner<Name extends OperationName> = (
  asked: Extract<Asked, { operation: Name }>,
  moment: PlanInput,
) => Plan;

/** Room for one more open hold. */
export const ROOM_FOR_HOLD: Requirement = {
  kind: 'open_below',
  of: 'hold',
  count: MAX_OPEN_HOLDS,
  refusal: 'too_many_open',
};

/** Room for one more transfer under way. */
export const ROOM_FOR_TRANSFER: Requirement = {
  kind: 'open_below',
  of: 'transfer',
  count: MAX_OPEN_TRANSFERS,
  refusal: 'busy',
};

/** True when a head is as a predicate says. */
export function isTrueOf(predicate: Predicate, head: Head): boolean {
  const { balanceMinor, marks, status } = head;
  switch (predicate.kind) {
    case 'exists':
      return balanceMinor !== undefined;
    case 'balance_at_least':
      return balanceMinor !== undefined && balanceMinor >= predicate.amountMinor;
    case 'balance_at_most':
      return (balanceMinor ?? 0n) <= predicate.amountMinor;
    case 'not_frozen':
      return status[predicate.side] === 'open';
    case 'open_below':
      return countOf(predicate.of, head) < predicate.count;
    case 'never_used':
      return head.turned === predicate.turned && head.entries.every(({ key }) => key !== predicate.key);
    case 'mark':
      return isSameMark(marks.get(predicate.key), predicate.mark);
  }
}
