import type * as v from 'valibot';
import type { Operation } from './operations.ts';
import type { ProblemCaseName } from './problem-reference.ts';
import * as schemas from './schemas.ts';

/** What the API reference says about an operation, in addition to its method and path. */
export interface OperationReference {
  readonly tag: 'Money' | 'Holds' | 'Keys' | 'Operators' | 'Health';
  readonly summary: string;
  readonly description: string;
  /** Schema of the query, if the operation has one. */
  readonly query?: v.GenericSchema & { readonly entries: v.ObjectEntries };
  /** Schema of the request body, if the operation has one. */
  readonly body?: v.GenericSchema;
  /** Description of the success response. */
  readonly success: string;
  /** Schema of the body of a 200; undefined for an operation that answers 204. */
  readonly response?: v.GenericSchema;
  /** Schema of the body of a 202, if the operation can answer with one. Its description describes the answer. */
  readonly pending?: v.GenericSchema;
  /** True if the answer is recorded under a key, so that a retry returns it again. */
  readonly isRecorded?: true;
  /** The problems that the operation can answer with. */
  readonly problems: readonly ProblemCaseName[];
}

const UNAVAILABLE = ['not_executed', 'outcome_unknown'] as const;
const INVALID_PATH = ['invalid_account', 'invalid_key', 'no_such_route'] as const;
const KEYED_PROBLEMS = [
  ...INVALID_PATH,
  'invalid_reference',
  'key_in_future',
  'no_such_account',
  'key_expired',
  'cancelled',
  'key_reused',
  ...UNAVAILABLE,
] as const;
const MOVE_PROBLEMS = [...KEYED_PROBLEMS, 'invalid_amount'] as const;
const TRANSFER_PROBLEMS = ['transfer_to_itself', 'too_many_transfers', 'transfer_pending'] as const;
const DESTINATION_PROBLEMS = ['no_such_destination', 'destination_too_large', 'destination_frozen'] as const;
const HOLD_PROBLEMS = ['no_such_hold', 'hold_captured', 'hold_voided', 'hold_expired'] as const;

const CAPTURE =
  'Without `amount`, all that remains of the hold is captured. The rest is released, unless `final` is false: then the hold stays open with what remains. The call takes effect at most once per idempotency key, in either Region, and every retry returns the same status and body, even after the hold has changed.';

/** The API reference of every operation. The OpenAPI document is made from it. */
export const OPERATION_REFERENCE: Readonly<Record<Operation, OperationReference>> = {
  health: {
    tag: 'Health',
    summary: 'Check the health of a Region',
    description:
      'Makes one strongly consistent read. A Region where it succeeds can execute deposits and withdrawals.',
    success: 'The Region is healthy.',
    response: schemas.healthSchema,
    problems: ['not_executed'],
  },
  accounts: {
    tag: 'Operators',
    summary: 'List accounts',
    description:
      'Returns a part of the accounts with their balances, in the order of the table. To get the next part, pass `next` as `after`; the last part has no `next`. A part may have fewer accounts than `limit`, or none, and still have `next`. Accounts without a deposit are left out. The read is eventually consistent: calls of the last seconds may be missing. This operation is for operators and needs a permission of its own.',
    query: schemas.accountsQuerySchema,
    success: 'A part of the accounts.',
    response: schemas.accountsBodySchema,
    problems: ['invalid_limit', 'invalid_after', 'not_executed'],
  },
  balance: {
    tag: 'Money',
    summary: 'Retrieve a balance',
    description:
      'Returns the balance of an account, how much is held in addition, and whether the account is frozen. The money of an expired hold is part of the balance at once. The read is strongly consistent: it includes every call that was answered before it, in either Region. With `at`, returns the balance after the last entry at or before that time, or 0 if there was none.',
    query: schemas.balanceQuerySchema,
    success: 'The balance.',
    response: schemas.balanceBodySchema,
    problems: [
      'invalid_account',
      'invalid_time',
      'time_in_future',
      'no_account_to_read',
      'no_such_route',
      'not_executed',
    ],
  },
  entries: {
    tag: 'Money',
    summary: 'List the entries of an account',
    description:
      'Returns a part of the statement of an account: newest first from `before`, oldest first from `after`, and the newest entries with neither. The read is strongly consistent: it includes every call that was answered before it, in either Region. To get the next part, pass `next` as `before`, or as `after` if the first request had `after`; the last part has no `next`. Entries that are left out count towards `limit`, so a part may be empty and still have `next`.',
    query: schemas.entriesQuerySchema,
    success: 'A part of the entries.',
    response: schemas.entriesBodySchema,
    problems: [
      'invalid_account',
      'invalid_limit',
      'before_and_after',
      'no_account_to_read',
      'no_such_route',
      'not_executed',
    ],
  },
  deposit: {
    tag: 'Money',
    summary: 'Deposit money',
    description:
      'Adds the amount to the balance of the account. The first deposit opens the account, unless `mustExist` is true. The call takes effect at most once per idempotency key, in either Region, and every retry returns the same status and body, even if the call was refused.',
    body: schemas.depositBodySchema,
    success: 'The deposit was executed, by this request or an earlier one with the same key.',
    response: schemas.movedSchema,
    isRecorded: true,
    problems: [...MOVE_PROBLEMS, 'balance_too_large', 'credits_frozen'],
  },
  withdraw: {
    tag: 'Money',
    summary: 'Withdraw money',
    description:
      'Takes the amount from the balance of the account. If the account holds less, nothing is taken and the call is refused. The call takes effect at most once per idempotency key, in either Region, and every retry returns the same status and body. A refusal is final: a retry with the same key is refused even after a deposit.',
    body: schemas.withdrawalBodySchema,
    success: 'The withdrawal was executed, by this request or an earlier one with the same key.',
    response: schemas.movedSchema,
    isRecorded: true,
    problems: [...MOVE_PROBLEMS, 'not_enough_money', 'debits_frozen'],
  },
  batch: {
    tag: 'Money',
    summary: 'Make several calls at once',
    description:
      'Executes up to 25 deposits and withdrawals of one account, each as if it was sent alone: with its own idempotency key, at most once, in either Region. The bank executes them in any order and records as many as it can in one write, so an account takes many more calls a second than with a request for each. A call that is refused does not stop the others. A retry of the whole batch, or of one call alone, gets the recorded answers. A call that the bank could not answer has the status 503 in the list: retry it.',
    body: schemas.batchBodySchema,
    success: 'The answers to the calls; see the status of each.',
    response: schemas.batchAnswersSchema,
    problems: [
      'invalid_account',
      'invalid_batch',
      'invalid_call_in_batch',
      'shared_key',
      'no_such_route',
      ...UNAVAILABLE,
    ],
  },
  transfer: {
    tag: 'Money',
    summary: 'Transfer money to another account',
    description:
      'Moves the amount from the balance of `account` to that of `to`. The call is refused, and nothing is moved, if the balance is less than the amount, if debits of `account` or credits of `to` are frozen, if `to` does not exist, or if its balance would have more than 15 digits. The call takes effect at most once per idempotency key of `account`, in either Region, and every retry returns the same status and body. The bank answers when `to` has the money. A transfer that has begun is always completed, with or without a retry.',
    body: schemas.transferBodySchema,
    success: 'The transfer was executed, by this request or an earlier one with the same key.',
    response: schemas.transferredSchema,
    isRecorded: true,
    problems: [
      ...MOVE_PROBLEMS,
      ...TRANSFER_PROBLEMS,
      'not_enough_money',
      'debits_frozen',
      ...DESTINATION_PROBLEMS,
    ],
  },
  hold: {
    tag: 'Holds',
    summary: 'Hold money',
    description:
      'Takes the amount from the balance and holds it, until the hold is captured or voided, or expires. The idempotency key of the call is the name of the hold. The call takes effect at most once per key, in either Region, and every retry returns the same status and body, even after the hold has ended.',
    body: schemas.holdBodySchema,
    success: 'The money was held, by this request or an earlier one with the same key.',
    response: schemas.heldSchema,
    isRecorded: true,
    problems: [...MOVE_PROBLEMS, 'invalid_expiry', 'not_enough_money', 'debits_frozen', 'too_many_holds'],
  },
  holds: {
    tag: 'Holds',
    summary: 'List the open holds of an account',
    description:
      'Returns the open holds of an account, in the order of their keys. Expired holds are left out at once. The read is strongly consistent: it includes every call that was answered before it, in either Region.',
    success: 'The open holds.',
    response: schemas.holdsBodySchema,
    problems: ['invalid_account', 'no_account_to_read', 'no_such_route', 'not_executed'],
  },
  capture: {
    tag: 'Holds',
    summary: 'Capture a hold',
    description: `Takes the held money out of the bank. ${CAPTURE}`,
    body: schemas.captureBodySchema,
    success: 'The capture was executed, by this request or an earlier one with the same key.',
    response: schemas.capturedSchema,
    isRecorded: true,
    problems: [...MOVE_PROBLEMS, ...HOLD_PROBLEMS, 'hold_exceeded', 'debits_frozen'],
  },
  captureTo: {
    tag: 'Holds',
    summary: 'Capture a hold for another account',
    description: `Transfers the held money to the account \`to\`. ${CAPTURE} If \`to\` does not exist, is frozen for credits, or would have more than 15 digits, the captured money is returned to the balance of the payer, and is no longer part of the hold.`,
    body: schemas.captureBodySchema,
    success: 'The capture was executed, by this request or an earlier one with the same key.',
    response: schemas.capturedSchema,
    isRecorded: true,
    problems: [
      ...MOVE_PROBLEMS,
      ...TRANSFER_PROBLEMS,
      ...HOLD_PROBLEMS,
      'hold_exceeded',
      'debits_frozen',
      ...DESTINATION_PROBLEMS,
    ],
  },
  void: {
    tag: 'Holds',
    summary: 'Void a hold',
    description:
      'Ends a hold and releases what remains of it to the balance. The call takes effect at most once per idempotency key, in either Region, and every retry returns the same status and body.',
    body: schemas.voidBodySchema,
    success: 'The hold was voided, by this request or an earlier one with the same key.',
    response: schemas.voidedSchema,
    isRecorded: true,
    problems: [...KEYED_PROBLEMS, ...HOLD_PROBLEMS],
  },
  refund: {
    tag: 'Money',
    summary: 'Refund a call',
    description:
      'Gives back what a call moved, or a part of it. `call` is the key of an entry of the statement. The money of a withdrawal, or of a capture that took money out of the bank, returns to the balance. The credit of a transfer returns from the balance to the account that paid. Without `amount`, refunds all that was not refunded before. A call can be refunded several times, but never more than it moved. A refund cannot be refunded. The call takes effect at most once per idempotency key, in either Region, and every retry returns the same status and body.',
    body: schemas.refundBodySchema,
    success: 'The refund was executed, by this request or an earlier one with the same key.',
    response: schemas.refundedSchema,
    isRecorded: true,
    problems: [
      ...MOVE_PROBLEMS,
      'invalid_call',
      'too_many_transfers',
      'transfer_pending',
      'no_such_call',
      'not_refundable',
      'refund_exceeded',
      'nothing_to_refund',
      'refund_frozen',
      'not_enough_money',
      'balance_too_large',
      'destination_too_large',
      'destination_frozen',
    ],
  },
  setStatus: {
    tag: 'Operators',
    summary: 'Freeze or open an account',
    description:
      'Freezes or opens an account for debits, for credits or for both; a side that the body does not name stays as it is. While debits are frozen, withdrawals, transfers, holds, captures and refunds of transfers are refused. While credits are frozen, deposits and refunds of withdrawals and captures are refused, and transfers to the account return to their payers. Holds can still be voided and still expire, transfers and refunds that have begun still end, and returned money is accepted. The call takes effect at most once per idempotency key, in either Region, and every retry returns the same status and body. This operation is for operators and needs a permission of its own.',
    body: schemas.statusBodySchema,
    success: 'The status was changed, by this request or an earlier one with the same key.',
    response: schemas.statusSchema,
    isRecorded: true,
    problems: [...KEYED_PROBLEMS, 'invalid_status'],
  },
  outcome: {
    tag: 'Keys',
    summary: 'Retrieve a recorded reply',
    description:
      'Returns the reply that is recorded under an idempotency key, and what was refunded of the call. The answer `no_reply` is not final, because the call may still be in flight. To resolve the outcome, retry the call with the same key or cancel the key. If a transfer or a refund is under way, the answer is a 202.',
    success: 'The recorded reply, which may be a refusal.',
    response: schemas.recordedReplySchema,
    pending: schemas.pendingSchema,
    problems: [...INVALID_PATH, 'no_reply', 'outcome_unknown'],
  },
  acknowledge: {
    tag: 'Keys',
    summary: 'Delete a cached reply',
    description:
      'Deletes the cached copy of a reply, to save storage. This is always safe: the entry stays in the book of the account, and a retry with the key still returns the same reply.',
    success: 'There is no cached reply under this key.',
    problems: [...INVALID_PATH, 'outcome_unknown'],
  },
  cancel: {
    tag: 'Keys',
    summary: 'Cancel an idempotency key',
    description:
      'Cancels a key, so that no call with it can be executed any more, not even one in flight. If a call with the key was answered before, nothing changes and `reply` is that answer. A transfer or refund that is under way is completed first.',
    success: 'The key is cancelled, or `reply` is the earlier answer to its call.',
    response: schemas.cancellationSchema,
    isRecorded: true,
    problems: [...INVALID_PATH, 'key_in_future', 'key_from_before_restore', ...UNAVAILABLE],
  },
};
