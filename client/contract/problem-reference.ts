import type { Problem } from './answer-schemas.ts';
import * as formats from './formats.ts';
import { PROBLEM_PAGE, PROBLEMS, type ProblemCode } from './problems.ts';

/** One reason for a code, with its text. */
interface ProblemCase {
  readonly code: ProblemCode;
  /** Text of the answer. `{amount}` is replaced by the amount of the call, or by `the money` if it has none. */
  readonly detail: string;
  /** False if this attempt certainly did not execute the call. */
  readonly executed?: false;
}

const RECORDED = 'This is recorded: to try again, use a new key.';
const NOT_TRANSFERRED =
  '{amount} was not transferred. It is in the balance of the payer; after a capture, it is no longer part of the hold.';

/** Messages for queries whose parameters are each valid, but not the query. */
export const BEFORE_AND_AFTER = 'before and after cannot be combined';
export const TIME_IN_FUTURE = 'at must not be in the future';

/** The reasons for problems, by name. The API reference shows each as an example. */
export const PROBLEM_CASES = {
  invalid_account: invalid(formats.ACCOUNT.message),
  invalid_key: invalid(formats.KEY.message),
  invalid_call: invalid(formats.ENTRY_KEY.message),
  invalid_amount: invalid(formats.AMOUNT.message),
  invalid_reference: invalid(formats.REFERENCE.message),
  invalid_expiry: invalid(formats.EXPIRES_IN_SECONDS),
  invalid_batch: invalid(formats.BATCH_CALLS),
  invalid_call_in_batch: invalid(`call 1: ${formats.AMOUNT.message}`),
  shared_key: invalid(formats.BATCH_KEYS),
  transfer_to_itself: invalid(formats.TRANSFER_TO_ITSELF),
  invalid_status: invalid(formats.STATUS),
  invalid_limit: invalid(formats.LIMIT.message),
  invalid_after: invalid(formats.AFTER.message),
  invalid_time: invalid(formats.TIMESTAMP.message),
  time_in_future: invalid(TIME_IN_FUTURE),
  before_and_after: invalid(BEFORE_AND_AFTER),
  key_in_future: {
    code: 'key_in_future',
    detail:
      'The key was minted more than 5 minutes ahead of the clock of the bank, so this attempt was not executed. Set your clock by the Date header of this answer, and use a new key only if no earlier attempt with this one can have been executed.',
  },
  no_account_to_read: { code: 'no_such_account', detail: 'No deposit has been made to this account yet.' },
  no_such_account: {
    code: 'no_such_account',
    detail: `No deposit has been made to this account yet, so nothing was moved or changed. ${RECORDED}`,
  },
  no_such_destination: {
    code: 'no_such_destination',
    detail: `No deposit has been made to the destination yet, so ${NOT_TRANSFERRED} ${RECORDED}`,
  },
  no_such_hold: {
    code: 'no_such_hold',
    detail: `This account never had a hold with this key. Nothing was moved. ${RECORDED}`,
  },
  no_such_call: {
    code: 'no_such_call',
    detail: `The statement of this account has no entry with the key of the call. Nothing was moved. ${RECORDED}`,
  },
  no_such_route: {
    code: 'no_such_route',
    detail:
      'The API has no such path or method. This request moved no money. The API reference lists the paths.',
  },
  no_reply: {
    code: 'no_reply',
    detail:
      'No call with this key has been answered. One may still be in flight: retry the call with the same key, or cancel the key.',
  },
  not_enough_money: {
    code: 'not_enough_money',
    detail: `The balance was less than {amount}. Nothing was taken. ${RECORDED}`,
  },
  balance_too_large: {
    code: 'balance_too_large',
    detail: `Adding {amount} would make the balance longer than 15 digits, so nothing was moved. ${RECORDED}`,
  },
  destination_too_large: {
    code: 'balance_too_large',
    detail: `Adding {amount} would make the balance of the destination longer than 15 digits, so ${NOT_TRANSFERRED} ${RECORDED}`,
  },
  hold_exceeded: {
    code: 'hold_exceeded',
    detail: `Less than {amount} remained of the hold. Nothing was captured. ${RECORDED}`,
  },
  hold_captured: {
    code: 'hold_captured',
    detail: 'The hold was already captured. This call moved no money. This is recorded.',
  },
  hold_voided: {
    code: 'hold_voided',
    detail:
      'The hold was already voided; its money is in the balance. This call moved no money. This is recorded.',
  },
  hold_expired: {
    code: 'hold_expired',
    detail:
      'The hold has already expired; its money is in the balance. This call moved no money. This is recorded.',
  },
  too_many_holds: {
    code: 'too_many_holds',
    detail: `The account had ${formats.MAX_OPEN_HOLDS} open holds, which is the maximum, so {amount} was not held. ${RECORDED}`,
  },
  not_refundable: {
    code: 'not_refundable',
    detail:
      'That call cannot be refunded. You can refund a withdrawal, a capture that took money out of the bank, or a transfer that the account received. This call moved no money. This is recorded.',
  },
  refund_exceeded: {
    code: 'refund_exceeded',
    detail: `Less than {amount} of the call was left to refund. Nothing was moved. ${RECORDED}`,
  },
  nothing_to_refund: {
    code: 'refund_exceeded',
    detail: 'The call was already refunded in full. Nothing was moved. This is recorded.',
  },
  refund_frozen: {
    code: 'account_frozen',
    detail: `The account is frozen, so {amount} was not moved. To refund a withdrawal or a capture, credits must be open; to refund a transfer, debits. ${RECORDED}`,
  },
  debits_frozen: {
    code: 'account_frozen',
    detail: `The account is frozen for debits, so {amount} was not moved. ${RECORDED}`,
  },
  credits_frozen: {
    code: 'account_frozen',
    detail: `The account is frozen for credits, so {amount} was not deposited. ${RECORDED}`,
  },
  destination_frozen: {
    code: 'destination_frozen',
    detail: `The destination is frozen for credits, so ${NOT_TRANSFERRED} ${RECORDED}`,
  },
  cancelled: {
    code: 'cancelled',
    detail:
      'The key was cancelled before a call with it was executed. No money was moved. To move the money, use a new key.',
  },
  key_expired: {
    code: 'key_expired',
    detail: `The key was first used more than 30 days after it was minted, or was minted before the bank was recovered, so the call was not executed. ${RECORDED}`,
  },
  key_from_before_restore: {
    code: 'key_expired',
    detail:
      'The key was minted before the bank was recovered, so no call with it can be executed any more. The recovered bank does not know whether one was executed before: check your own records.',
  },
  key_reused: {
    code: 'key_reused',
    detail:
      'This key was used for a different call on this account. No money was moved by this call. Mint one key for each call.',
  },
  not_executed: {
    code: 'unavailable',
    detail:
      'The bank cannot execute the call now. No money was moved by this attempt. Retry in this Region or the other one, with the same key if the call has one.',
    executed: false,
  },
  too_many_transfers: {
    code: 'unavailable',
    detail: `The account has ${formats.MAX_OPEN_TRANSFERS} transfers and refunds under way, which is the maximum. No money was moved by this attempt. Retry with the same key: there is room as soon as one has ended.`,
    executed: false,
  },
  transfer_pending: {
    code: 'unavailable',
    detail:
      'The transfer or refund has begun, but the time was up before it ended. The bank completes it without a retry. Retry with the same key, in this Region or the other one, to learn how it ended.',
  },
  outcome_unknown: {
    code: 'unavailable',
    detail:
      'The table did not answer as expected, so the call may have been executed, or may still be. Retry with the same key, in this Region or the other one: the call takes effect at most once.',
  },
} as const satisfies Record<string, ProblemCase>;

/** Name of a case. */
export type ProblemCaseName = keyof typeof PROBLEM_CASES;

/** The problem of a case. */
export function problemOf(name: ProblemCaseName, amount?: bigint | string): Problem {
  return complete({
    ...PROBLEM_CASES[name],
    detail: PROBLEM_CASES[name].detail.replaceAll('{amount}', String(amount ?? 'the money')),
  });
}

/** The problem for a request that is not valid. */
export function badRequest(message: string): Problem {
  return complete(invalid(message));
}

function invalid(message: string) {
  // A field such as expiresInSeconds keeps its name.
  const isField = /^[a-z]+[A-Z]/.test(message);
  const sentence = isField ? message : message.charAt(0).toUpperCase() + message.slice(1);
  return { code: 'bad_request', detail: `${sentence}. This request moved no money.` } as const;
}

function complete({ code, detail, ...members }: ProblemCase): Problem {
  const { status, title } = PROBLEMS[code];
  return { type: `${PROBLEM_PAGE}#${code}`, title, status, detail, code, ...members };
}
