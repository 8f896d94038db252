import { MAX_OPEN_HOLDS } from './formats.ts';
import type { ProblemCode } from './problems.ts';

/**
 * The API reference's description of each code: what it means for the money. It is a file of its own, because a bundler would not leave it
 * out of a bank.
 */
export const PROBLEM_DESCRIPTIONS = {
  bad_request: 'The request is not valid; `detail` describes the first error. This request moved no money.',
  key_in_future:
    'The timestamp of the key is more than 5 minutes ahead of the clock of the bank. This attempt was not executed. Correct your clock with the `Date` header. Use a new key only if no earlier attempt with this one can have been executed.',
  no_such_account:
    'The account does not exist, because no deposit was made to it. No money was moved. For a call that moves money the refusal is recorded: a retry with the same key returns it again.',
  no_such_destination:
    'The destination does not exist, because no deposit was made to it. No money was transferred; the held money was returned to the balance of the payer. The refusal is recorded: a retry with the same key returns it again.',
  no_such_hold:
    'The account never had a hold with this key. No money was moved. The refusal is recorded: a retry with the same key returns it again, even after a hold with that key.',
  no_such_call:
    'The statement of the account has no entry with this key. No money was moved. The refusal is recorded: a retry with the same key returns it again, even after a call with that key.',
  no_such_route: 'The API has no such path or method. This request moved no money.',
  no_reply:
    'No call with this key has been answered. This is not final: a call with the key may still be in flight.',
  not_enough_money:
    'The balance is less than the amount. No money was moved or held. The refusal is recorded: a retry with the same key returns it again, even after a deposit.',
  balance_too_large:
    'The call would make a balance longer than 15 digits: that of the account, or of the destination of a transfer. No money was moved; money that was held for a transfer was returned to the balance of the payer. The refusal is recorded: a retry with the same key returns it again.',
  hold_exceeded:
    'Less than the amount remains of the hold. Nothing was captured, and the hold did not change. The refusal is recorded: a retry with the same key returns it again.',
  hold_captured:
    'The hold has ended: a capture took all that remained, or released the rest. This call moved no money. The refusal is recorded.',
  hold_voided:
    'The hold has ended: it was voided, and its money is in the balance again. This call moved no money. The refusal is recorded.',
  hold_expired:
    'The hold has ended: it expired, and its money is in the balance again. This call moved no money. The refusal is recorded.',
  too_many_holds: `The account has ${MAX_OPEN_HOLDS} open holds, which is the maximum. No money was held. The refusal is recorded: a retry with the same key returns it again, even after a hold has ended.`,
  account_frozen:
    'The account is frozen for debits, so that no money can leave it, or for credits, so that none can come in. This call moved no money. The refusal is recorded: a retry with the same key returns it again, even after the account was opened again.',
  destination_frozen:
    'The destination is frozen for credits. No money was transferred; the held money was returned to the balance of the payer. The refusal is recorded: a retry with the same key returns it again.',
  not_refundable:
    'The entry is not a withdrawal, a capture that took money out of the bank, or the credit of a transfer; or it belongs to a refund. This call moved no money. The refusal is recorded.',
  refund_exceeded:
    'All refunds of the call together would be more than the call moved. This call moved no money. The refusal is recorded: a retry with the same key returns it again.',
  cancelled:
    'The key was cancelled before a call with it was executed. No call with it can move money any more.',
  key_expired:
    'The key is more than 30 days old, or older than the recovered bank, and no call with it was executed in this bank. For a call that moves money the refusal is recorded: a retry with the same key returns it again.',
  key_reused:
    'The key belongs to a different call on this account. This call was not executed and cannot be with this key.',
  unavailable:
    'The bank could not complete the call. With `"executed": false` this attempt moved no money. Without it the call may have been executed, or may still be. In both cases retry with the same key, in this Region or the other one.',
} as const satisfies Record<ProblemCode, string>;
