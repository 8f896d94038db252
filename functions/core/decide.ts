import { MAX_AMOUNT_MINOR } from '../../client/contract.ts';
import { type Account, type Call, isRetryOf, type RecordedCall, type RecordedRefusal } from './account.ts';
import { MAX_REMEMBERED_REPLIES } from './limits.ts';

/** A conditional write of one account item. `liftFullMark` takes the mark away that an account no longer deserves. */
export type Change =
  | { readonly kind: 'execute'; readonly call: Call; readonly liftFullMark: boolean }
  | {
      readonly kind: 'refuse';
      readonly call: Call;
      readonly code: RecordedRefusal;
      readonly liftFullMark: boolean;
    };

/** Answers that change nothing and are recorded nowhere. */
export type TurnedAway = 'key_in_future' | 'key_reused' | 'key_expired' | 'too_many_unacknowledged';

/** What a call is answered. */
export type Answer =
  | { readonly kind: 'replied'; readonly recorded: RecordedCall; readonly replayed: boolean }
  | { readonly kind: 'turned_away'; readonly code: TurnedAway };

/** What to do next about a call. */
export type Decision =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'look_in_archive' }
  | { readonly kind: 'write'; readonly change: Change };

/**
 * Decides about a call from the account as a failed condition showed it.
 *
 * The order matters: what is recorded under the key comes first, because a write that reports a failed condition may be
 * the SDK's retry of a write that had succeeded. The watermark comes before the money, because a key at or below it may
 * have been executed already.
 */
export function decide(account: Account | undefined, call: Call): Decision {
  const recorded = account?.recorded.get(call.key);
  if (recorded !== undefined) {
    return { kind: 'answer', answer: answerFromRecord(recorded, call) };
  }
  if (account?.watermark !== undefined && call.key <= account.watermark) {
    return { kind: 'look_in_archive' };
  }
  const full = account?.full ?? false;
  if (full && account !== undefined && account.recorded.size >= MAX_REMEMBERED_REPLIES) {
    return { kind: 'answer', answer: { kind: 'turned_away', code: 'too_many_unacknowledged' } };
  }
  const code = refusalFor(account?.balanceMinor, call);
  return {
    kind: 'write',
    change:
      code === undefined
        ? { kind: 'execute', call, liftFullMark: full }
        : { kind: 'refuse', call, code, liftFullMark: full },
  };
}

/** Answers a call whose key is recorded: with the record if it is a retry, with `key_reused` if it asks for something else. */
export function answerFromRecord(recorded: RecordedCall, call: Call): Answer {
  return isRetryOf(recorded, call)
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
