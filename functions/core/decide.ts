import { MAX_AMOUNT_MINOR } from '../../client/contract.ts';
import {
  type Account,
  type Call,
  isBelowWatermark,
  isRetryOf,
  type Recorded,
  type RecordedRefusal,
  type Subject,
} from './account.ts';
import { MAX_REMEMBERED_REPLIES } from './limits.ts';

/** What a caller wants: to move money, or to make sure that a key never will. */
export type Intent =
  | {
      readonly kind: 'move';
      readonly call: Call;
      /** Keys whose replies the caller gives back; they leave the account in the same write. */
      readonly acknowledge: readonly string[];
    }
  | { readonly kind: 'cancel'; readonly call: Subject; readonly acknowledge: readonly [] };

/**
 * A conditional write of one account item. `liftFullMark` takes the mark away that an account no longer deserves,
 * `acknowledge` the replies that are given back.
 */
export type Change = {
  readonly liftFullMark: boolean;
  readonly acknowledge: readonly string[];
} & (
  | { readonly kind: 'execute'; readonly call: Call }
  | { readonly kind: 'refuse'; readonly call: Call; readonly code: RecordedRefusal }
  | { readonly kind: 'cancel'; readonly call: Subject }
);

/** Answers that change nothing and are recorded nowhere. */
export type TurnedAway = 'key_in_future' | 'key_reused' | 'key_expired' | 'too_many_unacknowledged';

/** What an intent is answered: what is recorded under its key, or that it was turned away. */
export type Answer =
  | { readonly kind: 'replied'; readonly recorded: Recorded; readonly replayed: boolean }
  | { readonly kind: 'turned_away'; readonly code: TurnedAway };

/** What to do next about an intent. */
export type Decision =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'look_in_archive' }
  | { readonly kind: 'write'; readonly change: Change };

/** The write to begin with, before anything is known of the account. */
export function firstChange(intent: Intent): Change {
  return changeOf(intent, undefined, false);
}

/**
 * Decides about an intent from the account as a failed condition showed it.
 *
 * The order matters: what is recorded under the key comes first, because a write that reports a failed condition may be
 * the SDK's retry of a write that had succeeded. The watermark comes before the money, because a key at or below it may
 * have been executed already.
 */
export function decide(account: Account | undefined, intent: Intent): Decision {
  const { key } = intent.call;
  const recorded = account?.recorded.get(key);
  if (recorded !== undefined) {
    return { kind: 'answer', answer: answerFromRecord(recorded, intent) };
  }
  if (isBelowWatermark(key, account)) {
    return { kind: 'look_in_archive' };
  }
  const full = account?.full ?? false;
  if (full && rememberedAfter(account, intent.acknowledge) >= MAX_REMEMBERED_REPLIES) {
    return { kind: 'answer', answer: { kind: 'turned_away', code: 'too_many_unacknowledged' } };
  }
  const refusal = intent.kind === 'move' ? refusalFor(account?.balanceMinor, intent.call) : undefined;
  return { kind: 'write', change: changeOf(intent, refusal, full) };
}

/**
 * Answers an intent whose key is recorded. A cancelled key is told as cancelled, whatever is asked of it; a call that asks
 * for something else than the recorded one is `key_reused`.
 */
export function answerFromRecord(recorded: Recorded, intent: Intent): Answer {
  return intent.kind === 'cancel' || recorded.kind === 'cancelled' || isRetryOf(recorded, intent.call)
    ? { kind: 'replied', recorded, replayed: true }
    : { kind: 'turned_away', code: 'key_reused' };
}

/** The refusal that a balance gives a call, or undefined when the call can be executed. */
export function refusalFor(balanceMinor: bigint | undefined, call: Call): RecordedRefusal | undefined {
  switch (call.move) {
    case 'deposit':
      return (balanceMinor ?? 0n) + call.amountMinor > MAX_AMOUNT_MINOR ? 'balance_too_large' : undefined;
    case 'withdraw':
      if (balanceMinor === undefined) {
        return 'no_such_account';
      }
      return balanceMinor < call.amountMinor ? 'not_enough_money' : undefined;
  }
}

function changeOf(intent: Intent, refusal: RecordedRefusal | undefined, liftFullMark: boolean): Change {
  const common = { liftFullMark, acknowledge: intent.acknowledge };
  if (intent.kind === 'cancel') {
    return { ...common, kind: 'cancel', call: intent.call };
  }
  return refusal === undefined
    ? { ...common, kind: 'execute', call: intent.call }
    : { ...common, kind: 'refuse', call: intent.call, code: refusal };
}

/** How many replies the account would remember after those were given back. */
function rememberedAfter(account: Account | undefined, acknowledge: readonly string[]): number {
  const recorded = account?.recorded ?? new Map();
  return recorded.size - acknowledge.filter((key) => recorded.has(key)).length;
}
