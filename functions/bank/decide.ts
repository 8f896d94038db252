import { type Head, isAtOrBelow, type Line } from './book.ts';
import { type Asked, type Entry, isSame, type OperationName } from './entry.ts';
import { keyTimeMs } from './key.ts';
import { MAX_KEY_AGE_MS, MAX_KEY_AHEAD_MS } from './limits.ts';
import { deposit } from './operations/deposit.ts';
import type { Effect, Requirement } from './operations/operation.ts';
import { withdraw } from './operations/withdraw.ts';

/** A key on an account. */
export interface Subject {
  readonly account: string;
  /** Idempotency key: a canonical UUIDv7. */
  readonly key: string;
}

/** What a caller wants of a key: to execute a call under it, or to make sure that none ever is. */
export type Intent = Subject & {
  readonly mayReturn: boolean;
} & ({ readonly kind: 'execute'; readonly asked: Asked } | { readonly kind: 'cancel' });

/** Keeps a key from being answered twice, in the condition of each write that answers one. */
export type Guard =
  /** The key is neither in the head nor at or below its watermark. */
  | { readonly kind: 'above_watermark' }
  /** The key is not in the head, and no page was turned since all of them were searched for it. */
  | { readonly kind: 'searched'; readonly turned: number };

/** A requirement, and whether the write needs it to hold or not to hold. */
export interface Condition {
  readonly requirement: Requirement;
  readonly holds: boolean;
}

/** A conditional write of one entry. */
export interface Append {
  readonly account: string;
  readonly entry: Entry;
  readonly guard: Guard;
  readonly conditions: readonly Condition[];
}

/** What each operation does and requires. */
export const OPERATIONS: Readonly<Record<OperationName, (asked: Asked) => Effect>> = { deposit, withdraw };

/** Whether a key may still be used for the first time. */
export type KeyAge = 'usable' | 'from_the_future' | 'expired' | 'from_a_lost_bank';

/** Holds a key against the function's clock. `notBeforeMs` is the moment of a restoration: older keys may have been used in the bank that was lost. */
export function ageOf(key: string, nowMs: number, notBeforeMs: number): KeyAge {
  const mintedMs = keyTimeMs(key);
  if (mintedMs > nowMs + MAX_KEY_AHEAD_MS) return 'from_the_future';
  if (mintedMs < notBeforeMs) return 'from_a_lost_bank';
  return mintedMs < nowMs - MAX_KEY_AGE_MS ? 'expired' : 'usable';
}

/**
 * The write that answers an intent, as far as the head tells; without one, the write that executes it. A refusal is written only while it is true: a copy of the
 * call that arrives later could find the money that is missing now.
 */
export function appendFor(
  intent: Intent,
  head: Head | undefined,
  guard: Guard,
  { age, nowMs: atMs }: { readonly age: KeyAge; readonly nowMs: number },
): Append {
  const { account, key, mayReturn } = intent;
  const nothing = { key, changeMinor: 0n, heldChangeMinor: 0n, atMs, mayReturn };
  if (intent.kind === 'cancel') {
    return { account, guard, conditions: [], entry: { ...nothing, body: { kind: 'cancelled' } } };
  }
  const { asked } = intent;
  if (age !== 'usable') {
    const body = { kind: 'refused', asked, code: 'key_expired' } as const;
    return { account, guard, conditions: [], entry: { ...nothing, body } };
  }
  const { changeMinor, heldChangeMinor, requires } = OPERATIONS[asked.operation](asked);
  const failing = requires.findIndex((each) => head !== undefined && !holds(each, head));
  const [refused] = failing === -1 ? [] : requires.slice(failing);
  if (refused === undefined) {
    const conditions = requires.map((requirement) => ({ requirement, holds: true }));
    const entry: Entry = { ...nothing, changeMinor, heldChangeMinor, body: { kind: 'executed', asked } };
    return { account, guard, conditions, entry };
  }
  const conditions = requires
    .slice(0, failing + 1)
    .map((requirement, index) => ({ requirement, holds: index < failing }));
  const body = { kind: 'refused', asked, code: refused.otherwise } as const;
  return { account, guard, conditions, entry: { ...nothing, body } };
}

/** True when a head meets a requirement. The store says the same in DynamoDB's words. */
export function holds(requirement: Requirement, { balanceMinor }: Head): boolean {
  switch (requirement.kind) {
    case 'exists':
      return balanceMinor !== undefined;
    case 'balance_at_least':
      return balanceMinor !== undefined && balanceMinor >= requirement.amountMinor;
    case 'balance_at_most':
      return (balanceMinor ?? 0n) <= requirement.amountMinor;
  }
}

/** True when a head meets a guard. */
export function guards(guard: Guard, key: string, head: Head): boolean {
  if (head.entries.some((entry) => entry.key === key)) return false;
  return guard.kind === 'searched' ? head.turned === guard.turned : !isAtOrBelow(key, head.watermark);
}

/**
 * Why nothing is written for an intent, whatever the book says; undefined where something is. A bank that was restored cannot
 * know what a key from before had done in the bank that was lost, so it does not say that it was cancelled.
 */
export function turnedAwayFor(intent: Intent, age: KeyAge): 'key_in_future' | 'key_expired' | undefined {
  if (age === 'from_the_future') return 'key_in_future';
  return age === 'from_a_lost_bank' && intent.kind === 'cancel' ? 'key_expired' : undefined;
}

/** What an intent is answered. */
export type Answer =
  | { readonly kind: 'recorded'; readonly line: Line; readonly replayed: boolean }
  | { readonly kind: 'turned_away'; readonly code: 'key_reused' | 'key_in_future' | 'key_expired' }
  /** The line is of a kind that this version of the function cannot read. */
  | { readonly kind: 'unreadable' };

/** Answers an intent whose key is in the book. A cancelled key is told as cancelled, whatever is asked of it. */
export function answerFrom(line: Line, intent: Intent, replayed: boolean): Answer {
  const { body } = line.entry;
  if (body.kind === 'unread') return { kind: 'unreadable' };
  if (intent.kind === 'cancel') return { kind: 'recorded', line, replayed };
  // It repeats no answer: no call with this key had one before.
  if (body.kind === 'cancelled') return { kind: 'recorded', line, replayed: false };
  return isSame(body.asked, intent.asked)
    ? { kind: 'recorded', line, replayed }
    : { kind: 'turned_away', code: 'key_reused' };
}
