import { type Head, isAtOrBelow, type Line } from './book.ts';
import {
  type Asked,
  type Entry,
  isSame,
  type OperationName,
  type RefusedCode,
  type StatusChange,
} from './entry.ts';
import { keyTimeMs } from './key.ts';
import { MAX_KEY_AGE_MS, MAX_KEY_AHEAD_MS } from './limits.ts';
import { bankKeyOfMark, dueMsOf, type HoldMark, isExpired, type MarkChange } from './mark.ts';
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
import { StoreUnavailableError } from './store.ts';

/** A key on an account. */
export interface Subject {
  readonly account: string;
  /** Idempotency key: a canonical UUIDv7. */
  readonly key: string;
}

/** What a caller wants of a key: to execute a call under it, or to make sure that none ever is. */
export type Intent = Subject & {
  readonly mayRetry: boolean;
} & ({ readonly kind: 'execute'; readonly asked: Asked } | { readonly kind: 'cancel' });

/** Keeps a key from being answered twice, in the condition of each write that answers one. */
export type Guard =
  /** The key is neither in the head nor at or below its watermark. */
  | { readonly kind: 'above_watermark' }
  /** The key is not in the head, and no page was turned since all of them were searched for it. */
  | { readonly kind: 'searched'; readonly turned: number }
  /** The key is that of an entry which ends a mark, and the same write removes the mark: only one of them finds it. */
  | { readonly kind: 'marked' };

/** How a write changes the marks of a head. */
export interface Marking {
  readonly changes: readonly MarkChange[];
  /** True where the write removes the last mark, and with it the time at which the sweep has to look. */
  readonly isLast: boolean;
  /** When the sweep has to look at a mark that is added; it looks at the earliest time of all marks. */
  readonly due: { readonly atMs: number; readonly isEarlier: boolean } | undefined;
}

/** A conditional write of one entry. */
export interface Append {
  readonly account: string;
  readonly entry: Entry;
  readonly guard: Guard;
  readonly conditions: readonly Condition[];
  readonly marking: Marking | undefined;
  readonly status?: StatusChange;
}

/** What each operation does and requires. */
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

/** Whether a key may still be used for the first time. */
export type KeyAge = 'usable' | 'from_the_future' | 'expired' | 'from_before_recovery';

/** Compares a key with the function's clock. `notBeforeMs` is the moment of a restoration: older keys may have been used in the bank that was lost. */
export function ageOf(key: string, nowMs: number, notBeforeMs: number): KeyAge {
  const mintedMs = keyTimeMs(key);
  if (mintedMs > nowMs + MAX_KEY_AHEAD_MS) {
    return 'from_the_future';
  }
  if (mintedMs < notBeforeMs) {
    return 'from_before_recovery';
  }
  return mintedMs < nowMs - MAX_KEY_AGE_MS ? 'expired' : 'usable';
}

/** What an attempt knows beside the head. */
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
  | Exclude<Plan, Effect | { kind: 'refused' | 'release' }>
  /** Writes that a hold has expired, which has to come first. */
  | { readonly kind: 'release'; readonly append: Append };

/**
 * The next step to answer an intent, by what the head has; without a head, the write that executes it, if that can be known. A refusal is
 * written only while it is true: a copy of the call that arrives later could find the money that is missing now.
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
    append: { account, entry, guard, conditions, marking: undefined, ...changes },
  });
  if (intent.kind === 'cancel') {
    return write({ ...nothing, body: { kind: 'cancelled' } }, []);
  }
  const { asked } = intent;
  const refuse = (code: RefusedCode, conditions: readonly Condition[]): Step =>
    write({ ...nothing, body: { kind: 'refused', asked, code } }, conditions);
  if (age !== 'usable') {
    return refuse('key_expired', []);
  }
  const plan = planFor(asked, { key, nowMs, mayRetry, head, ending, refundedCall });
  if (plan.kind === 'refused') {
    return refuse(plan.code, plan.conditions);
  }
  if (plan.kind === 'release') {
    return { kind: 'release', append: expiryOf(account, plan.head, plan.hold, plan.mark, nowMs) };
  }
  if (plan.kind !== 'effect') {
    return plan;
  }
  const { kind: _, changeMinor, heldChangeMinor, requires, marks, status, ...said } = plan;
  const failing = requires.findIndex((each) => head !== undefined && !isTrueOf(each, head));
  const refused = requires[failing];
  if (refused === undefined || head === undefined) {
    const body = { kind: 'executed', asked, ...said } as const;
    const conditions = requires.map((predicate) => ({ predicate, expected: true }));
    return write({ ...nothing, changeMinor, heldChangeMinor, body }, conditions, {
      marking: markingOf(marks, head),
      ...(status === undefined ? {} : { status }),
    });
  }
  // The write that needs the money or the place of an expired hold releases it.
  if (refused.kind === 'balance_at_least' || refused.refusal === 'too_many_open') {
    for (const [hold, mark] of head.marks) {
      if (isExpired(mark, nowMs)) {
        return { kind: 'release', append: expiryOf(account, head, hold, mark, nowMs) };
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

/** The write that ends a hold which has expired. */
export function expiryOf(account: string, head: Head, hold: string, mark: HoldMark, nowMs: number): Append {
  const { remainingMinor } = mark;
  return {
    account,
    guard: { kind: 'marked' },
    conditions: [],
    marking: markingOf([{ key: hold, before: mark, after: undefined }], head),
    entry: {
      key: bankKeyOfMark(account, hold, mark),
      atMs: nowMs,
      mayRetry: false,
      changeMinor: remainingMinor,
      heldChangeMinor: -remainingMinor,
      body: { kind: 'expired', hold },
    },
  };
}

/** How changes of marks are written on a head, as far as it is known. */
export function markingOf(
  changes: readonly MarkChange[] | undefined,
  head: Head | undefined,
): Marking | undefined {
  if (changes === undefined) {
    return undefined;
  }
  const added = changes.find(({ before, after }) => before === undefined && after !== undefined)?.after;
  const atMs = added === undefined ? undefined : dueMsOf(added);
  return {
    changes,
    isLast: head?.marks.size === 1,
    due:
      atMs === undefined
        ? undefined
        : { atMs, isEarlier: head?.dueAtMs !== undefined && head.dueAtMs > atMs },
  };
}

/** True when a head meets a guard. */
export function guards(guard: Guard, key: string, head: Head): boolean {
  if (head.entries.some((entry) => entry.key === key)) {
    return false;
  }
  switch (guard.kind) {
    case 'above_watermark':
      return !isAtOrBelow(key, head.watermark);
    case 'searched':
      return head.turned === guard.turned;
    case 'marked':
      return true;
  }
}

/**
 * Why nothing is ever written for an intent; undefined where something is. A bank that was restored cannot
 * know what a key from before had done in the bank that was lost, so it does not say that it was cancelled.
 */
export function turnedAwayFor(intent: Intent, age: KeyAge): 'key_in_future' | 'key_expired' | undefined {
  if (age === 'from_the_future') {
    return 'key_in_future';
  }
  return age === 'from_before_recovery' && intent.kind === 'cancel' ? 'key_expired' : undefined;
}

/**
 * A recorded reply: a line, of a transfer or a refund that came back the reason, and of a refund the line that ended it. It never
 * changes.
 */
export interface Reply {
  readonly line: Line;
  readonly returned: RefusedCode | undefined;
  readonly end?: Line;
}

/** What an intent is answered. */
export type Answer =
  | ({ readonly kind: 'recorded'; readonly replayed: boolean } & Reply)
  | { readonly kind: 'rejected'; readonly code: 'key_reused' | 'key_in_future' | 'key_expired' }
  /** The line is of a kind that this version of the function cannot read. */
  | { readonly kind: 'unreadable' };

/** Whether an intent whose key is in the book is answered from there, and not turned away. */
export function isAnsweredBy({ entry: { body } }: Line, intent: Intent): boolean {
  return intent.kind === 'cancel' || !('asked' in body) || isSame(body.asked, intent.asked);
}
