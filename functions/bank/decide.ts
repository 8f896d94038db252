import type { Append, Guard, Subject } from './append.ts';
import type { Head } from './book.ts';
import type { Asked, Entry, OperationName, RecordedRefusal } from './entry.ts';
import type { KeyAge } from './key.ts';
import { bankKeyOfMark, type HoldMark, isExpired, markingOf } from './mark.ts';
import { deposit } from './operations/deposit.ts';
import { capture, hold, voidHold } from './operations/hold.ts';
import {
  type Condition,
  type Effect,
  type HoldEnding,
  isTrueOf,
  type Plan,
  type PlanInput,
  type Planner,
  type RefundedCall,
} from './operations/operation.ts';
import { refund, reserve, unreserve } from './operations/refund.ts';
import { setStatus } from './operations/status.ts';
import { credit, transfer } from './operations/transfer.ts';
import { withdraw } from './operations/withdraw.ts';
import { StoreUnavailableError } from './unavailable.ts';

/** What a caller wants for a key: to execute a call under it, or to cancel it, so that no call with it is ever executed. */
export type Intent = Subject & {
  readonly mayRetry: boolean;
} & ({ readonly kind: 'execute'; readonly asked: Asked } | { readonly kind: 'cancel' });

/** The planner of each operation. */
const PLANNERS: { readonly [Name in OperationName]: Planner<Name> } = {
  deposit,
  withdraw,
  transfer,
  credit,
  hold,
  capture,
  void: voidHold,
  setStatus,
  refund,
  reserve,
  unreserve,
};

/** What an attempt knows in addition to the head. */
export interface AttemptState {
  readonly age: KeyAge;
  readonly nowMs: number;
  readonly guard: Guard;
  readonly ending: HoldEnding | undefined;
  readonly refundedCall: RefundedCall | undefined;
}

/** The next step of an intent. */
export type Step =
  | { readonly kind: 'append'; readonly append: Append }
  | Exclude<Plan, Effect | { kind: 'refused' | 'write_expiry' }>
  /** Writes the expiry of a hold. The intent is decided again after that. */
  | { readonly kind: 'write_expiry'; readonly append: Append };

/**
 * Returns the next step for an intent, given the head. Without a head it returns the write that would execute the call, if the call alone
 * determines that write. A refusal is written on condition that it is still true, because the missing
 * money can come in between the read and the write.
 */
export function decide(
  intent: Intent,
  head: Head | undefined,
  { age, nowMs, guard, ending, refundedCall }: AttemptState,
): Step {
  const { account, key, mayRetry } = intent;
  const nothing = { key, atMs: nowMs, mayRetry, changeMinor: 0n, heldChangeMinor: 0n };
  const write = (
    entry: Entry,
    conditions: readonly Condition[],
    changes: Partial<Pick<Append, 'marking' | 'status'>> = {},
  ): Step => ({
    kind: 'append',
    append: { account, entries: [entry], guard, conditions, marking: undefined, ...changes },
  });
  if (intent.kind === 'cancel') {
    return write({ ...nothing, body: { kind: 'cancelled' } }, []);
  }
  const { asked } = intent;
  const refuse = (code: RecordedRefusal, conditions: readonly Condition[]): Step =>
    write({ ...nothing, body: { kind: 'refused', asked, code } }, conditions);
  if (age !== 'usable') {
    return refuse('key_expired', []);
  }
  const plan = planFor(asked, { key, nowMs, mayRetry, head, ending, refundedCall });
  if (plan.kind === 'refused') {
    return refuse(plan.code, plan.conditions);
  }
  if (plan.kind === 'write_expiry') {
    return { kind: 'write_expiry', append: expiryOf(account, plan.head, plan.hold, plan.mark, nowMs) };
  }
  if (plan.kind !== 'effect') {
    return plan;
  }
  const { kind: _, changeMinor, heldChangeMinor, requires, marks, status, ...decided } = plan;
  const failing = requires.findIndex((each) => head !== undefined && !isTrueOf(each, head));
  const refused = requires[failing];
  if (refused === undefined || head === undefined) {
    const body = { kind: 'executed', asked, ...decided } as const;
    const conditions = requires.map((predicate) => ({ predicate, expected: true }));
    return write({ ...nothing, changeMinor, heldChangeMinor, body }, conditions, {
      marking: markingOf(marks, head),
      ...(status === undefined ? {} : { status }),
    });
  }
  // The call lacks money or a place that an expired hold still takes up, so the expiry is written first.
  if (refused.kind === 'balance_at_least' || refused.refusal === 'too_many_holds') {
    for (const [hold, mark] of head.marks) {
      if (isExpired(mark, nowMs)) {
        return { kind: 'write_expiry', append: expiryOf(account, head, hold, mark, nowMs) };
      }
    }
  }
  if (refused.refusal === 'busy') {
    const message = `${account} has too many transfers under way`;
    const error = new StoreUnavailableError('no', message, { reason: 'too_many_transfers' });
    return { kind: 'unavailable', error };
  }
  return refuse(
    refused.refusal,
    requires.slice(0, failing + 1).map((predicate, index) => ({ predicate, expected: index < failing })),
  );
}

function planFor<Name extends OperationName>(
  asked: Extract<Asked, { operation: Name }>,
  moment: PlanInput,
): Plan {
  const plan: Planner<Name> = PLANNERS[asked.operation as Name];
  return plan(asked, moment);
}

/** The write that ends an expired hold. */
export function expiryOf(account: string, head: Head, hold: string, mark: HoldMark, nowMs: number): Append {
  const { remainingMinor } = mark;
  return {
    account,
    guard: { kind: 'marked' },
    conditions: [],
    marking: markingOf([{ key: hold, before: mark, after: undefined }], head),
    entries: [
      {
        key: bankKeyOfMark(account, hold, mark),
        atMs: nowMs,
        mayRetry: false,
        changeMinor: remainingMinor,
        heldChangeMinor: -remainingMinor,
        body: { kind: 'expired', hold },
      },
    ],
  };
}
