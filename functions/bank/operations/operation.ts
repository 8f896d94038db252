import { MAX_OPEN_HOLDS, MAX_OPEN_TRANSFERS } from '../../../client/contract/schemas.ts';
import { type Counted, countOf, type Head } from '../book.ts';
import type { Asked, OperationName, RecordedRefusal, RefundTerms, Status, StatusChange } from '../entry.ts';
import { type HoldMark, isSameMark, type Mark, type MarkChange } from '../mark.ts';
import type { StoreUnavailableError } from '../unavailable.ts';

/** A statement about a head, which is true or false. `functions/dynamodb/expressions.ts` translates it for DynamoDB. */
export type Predicate =
  | { readonly kind: 'exists' }
  | { readonly kind: 'balance_at_least'; readonly amountMinor: bigint }
  /** Also true of an account that does not exist: its balance begins at 0. */
  | { readonly kind: 'balance_at_most'; readonly amountMinor: bigint }
  | { readonly kind: 'not_frozen'; readonly side: keyof Status }
  | { readonly kind: 'open_below'; readonly of: Counted; readonly count: number }
  /** No entry has the key: the head has none, and no page was turned since all pages were searched. */
  | { readonly kind: 'never_used'; readonly key: string; readonly turned: number }
  /** The mark of the key is this one, or if undefined, the key has no mark. */
  | { readonly kind: 'mark'; readonly key: string; readonly mark: Mark | undefined };

/** What a call requires, and its refusal if that is false. `busy` is not a refusal: a retry may succeed soon. */
export type Requirement = Predicate & { readonly refusal: RecordedRefusal | 'busy' };

/** A predicate, and whether the write requires it to be true or false. */
export interface Condition {
  readonly predicate: Predicate;
  readonly expected: boolean;
}

/** What a call does to an account and what it requires. This is all that the store needs to know about an operation. */
export interface Effect {
  readonly kind: 'effect';
  readonly changeMinor: bigint;
  readonly heldChangeMinor: bigint;
  /** In this order: the first one that is false is the reason for the refusal. */
  readonly requires: readonly Requirement[];
  readonly marks?: readonly MarkChange[];
  readonly capturedMinor?: bigint;
  readonly terms?: RefundTerms;
  readonly status?: StatusChange;
}

/** What to do about a call, given the head. */
export type Plan =
  | Effect
  | {
      readonly kind: 'refused';
      readonly code: RecordedRefusal;
      readonly conditions: readonly Condition[];
    }
  /** The head must be read first. */
  | { readonly kind: 'read_head' }
  /** The hold has no mark. The book must be searched for how it ended. */
  | { readonly kind: 'find_hold'; readonly hold: string; readonly head: Head }
  /** The call to refund must be looked up in the book. */
  | { readonly kind: 'find_call'; readonly call: string }
  /** What was already refunded must be read from the register of the call. */
  | { readonly kind: 'count_refunds'; readonly refundedCall: Refundable; readonly call: string }
  /** The hold has expired, and its expiry must be written first. */
  | { readonly kind: 'write_expiry'; readonly head: Head; readonly hold: string; readonly mark: HoldMark }
  /** The call cannot be executed now, and no refusal would stay true. */
  | { readonly kind: 'unavailable'; readonly error: StoreUnavailableError };

/** How a hold ended; `no_such_hold` if another call has its key, `never_used` if no call has it yet. */
export type HoldEnding = 'no_such_hold' | 'never_used' | 'hold_captured' | 'hold_voided' | 'hold_expired';

/** The call to refund, as its entry describes it. */
export type RefundedCall =
  | {
      readonly kind: 'refundable';
      readonly amountMinor: bigint;
      /** The payer, if the call is the credit of a transfer; undefined if the call took money out of the bank. */
      readonly from: string | undefined;
      /** What was already refunded of it; undefined until that was read. */
      readonly refundedMinor: bigint | undefined;
    }
  | { readonly kind: 'not_refundable' }
  /** No entry had its key when this many entries were on pages. */
  | { readonly kind: 'never_used'; readonly turned: number };

/** A call that can be refunded. */
export type Refundable = Extract<RefundedCall, { kind: 'refundable' }>;

/** The input of a planner. */
export interface PlanInput {
  readonly key: string;
  readonly nowMs: number;
  readonly mayRetry: boolean;
  /** Undefined until the head was read. */
  readonly head: Head | undefined;
  /** How the hold of the call ended; undefined until that was looked up. */
  readonly ending: HoldEnding | undefined;
  /** The call to refund; undefined until it was looked up. */
  readonly refundedCall: RefundedCall | undefined;
}

/** Plans the calls of one operation. */
export type Planner<Name extends OperationName> = (
  asked: Extract<Asked, { operation: Name }>,
  moment: PlanInput,
) => Plan;

/** Requires that one more open hold is allowed. */
export const ROOM_FOR_HOLD: Requirement = {
  kind: 'open_below',
  of: 'hold',
  count: MAX_OPEN_HOLDS,
  refusal: 'too_many_holds',
};

/** Requires that one more transfer or refund under way is allowed. */
export const ROOM_FOR_TRANSFER: Requirement = {
  kind: 'open_below',
  of: 'transfer',
  count: MAX_OPEN_TRANSFERS,
  refusal: 'busy',
};

/** True if a predicate is true of a head. */
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
