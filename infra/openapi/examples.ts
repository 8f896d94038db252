import { PROBLEM_PAGE, PROBLEMS, type ProblemCode } from '../../client/contract/schemas.ts';
import type { DataObject } from './data.ts';

/** The account of all examples. */
export const ACCOUNT = 'joe';

/** The key of all answers: nothing but zeros, so that it is not taken for one to call with, which has to be of today. */
const KEY = '00000000-0000-7000-8000-000000000000';

/** An example by its name, with a line on what it shows. */
export interface Example extends DataObject {
  readonly summary: string;
  readonly value: DataObject;
}

/** An example of a problem. */
export interface ProblemExample extends Example {
  readonly code: ProblemCode;
}

function problem(
  code: ProblemCode,
  summary: string,
  detail: string,
  members: DataObject = {},
): ProblemExample {
  const { status, title } = PROBLEMS[code];
  return {
    code,
    summary,
    value: { type: `${PROBLEM_PAGE}#${code}`, title, status, detail, code, ...members },
  };
}

const AT = '2026-11-01T13:00:00.000Z';
const moved = { account: ACCOUNT, key: KEY, balance: '10', sequence: 1, at: AT };

/** Problems as the bank words them, by the names that operations pick them by. */
export const PROBLEM_EXAMPLES = {
  bad_account: problem(
    'bad_request',
    'The name of the account is not one',
    'An account is 1 to 128 letters, digits and . _ : @ -, and starts with a letter or digit. Nothing has happened.',
  ),
  bad_key: problem(
    'bad_request',
    'The key is not a UUIDv7',
    'An idempotency key is a UUIDv7 (RFC 9562). Nothing has happened.',
  ),
  bad_amount: problem(
    'bad_request',
    'The amount has a fraction',
    'An amount is 1 to 15 decimal digits, without sign, fraction or leading zero. Nothing has happened.',
  ),
  bad_reference: problem(
    'bad_request',
    'The reference is too long',
    'A reference is 1 to 64 printable ASCII characters. Nothing has happened.',
  ),
  bad_limit: problem('bad_request', 'The limit is not one', 'Limit is 1 to 100. Nothing has happened.'),
  both_directions: problem(
    'bad_request',
    'A statement has one direction',
    'Before and after cannot go together. Nothing has happened.',
  ),
  bad_moment: problem(
    'bad_request',
    'The moment is not one',
    'A time is like 2026-11-27T13:00:00Z (RFC 3339). Nothing has happened.',
  ),
  future_moment: problem(
    'bad_request',
    'The moment is still to come',
    'A balance can be asked for now and in the past, and at is in the future. Nothing has happened.',
  ),
  key_in_future: problem(
    'key_in_future',
    'The clock of the caller is ahead',
    'The key was minted more than 5 minutes ahead of the clock of the bank, so it was not executed by this attempt. Set your clock by the Date of this answer, then mint a new key.',
  ),
  no_account_to_read: problem(
    'no_such_account',
    'Nobody has deposited to the account',
    'Nobody has deposited to this account yet.',
  ),
  no_account_to_move: problem(
    'no_such_account',
    'Nobody has deposited to the account',
    'Nobody has deposited to this account yet, so 1234 was not moved. This is recorded: to try again, use a new key.',
  ),
  no_such_route: problem(
    'no_such_route',
    'A slash in the path was escaped, so that the path fits no route once it is decoded',
    'The bank has no such path or method. Nothing has happened. See the HTTP contract for the paths it has.',
  ),
  no_reply: problem(
    'no_reply',
    'Nothing is recorded under the key',
    'No call with this key was answered so far. One that is still on its way may yet be executed: retry the call with the same key to finish it, or cancel the key.',
  ),
  not_enough_money: problem(
    'not_enough_money',
    'The account holds less',
    'The account held less than 1234. Nothing was taken. This is recorded: to try again, use a new key.',
  ),
  balance_too_large: problem(
    'balance_too_large',
    'The balance would have 16 digits',
    'With 999999999999999 more the balance would have more than 15 digits. Nothing was deposited. This is recorded: to try again, use a new key.',
  ),
  cancelled: problem(
    'cancelled',
    'Somebody cancelled the key before',
    'The key was cancelled before any call with it was executed. Nothing has happened and nothing will. To move the money after all, use a new key.',
  ),
  key_expired: problem(
    'key_expired',
    'The key is too old to be used for the first time',
    'The key was first used more than 30 days after it was minted, or is from before the bank was restored, so 10 was not moved. This is recorded: to try again, use a new key.',
  ),
  key_of_a_lost_bank: problem(
    'key_expired',
    'The key is from before the bank was restored, and is cancelled',
    'The key is from before the bank was restored. No call with it is executed any more, and what one did in the bank that was lost is not known here: your own books must tell.',
  ),
  key_reused: problem(
    'key_reused',
    'The key belongs to a call with another amount',
    'This key has been used for a different call on this account. Nothing has happened. Mint one key for each call.',
  ),
  unavailable_not_executed: problem(
    'unavailable',
    'The table was not reached: certainly not executed by this attempt',
    'The table could not be reached or turned the request away, or no time was left to ask it. Nothing has happened. Retry with the same key, here or in the other Region.',
    { executed: false },
  ),
  unavailable: problem(
    'unavailable',
    'The table was asked and did not answer: it may have been executed, or may yet be',
    'The table did not answer as it should, so the bank cannot tell whether the call was executed. Retry with the same key, here or in the other Region: it takes effect at most once.',
  ),
} as const satisfies Record<string, ProblemExample>;

/** Name of an example of a problem. */
export type ProblemExampleName = keyof typeof PROBLEM_EXAMPLES;

const refusal = PROBLEM_EXAMPLES.not_enough_money.value;

/** Bodies that are no problems, by schema. */
export const EXAMPLES = {
  DepositBody: {
    ten: { summary: 'Ten minor units', value: { amount: '10' } },
    existing: {
      summary: 'For an order, to an account that has to exist',
      value: { amount: '10', reference: 'order 4711', mustExist: true },
    },
  },
  WithdrawalBody: {
    ten: { summary: 'Ten minor units, for an order', value: { amount: '10', reference: 'order 4711' } },
  },
  Moved: { moved: { summary: 'Moved, now or by an earlier attempt with this key', value: moved } },
  AccountBalance: { balance: { summary: 'A balance', value: { account: ACCOUNT, balance: '25' } } },
  Accounts: {
    some: {
      summary: 'Some of the accounts',
      value: { accounts: [{ account: ACCOUNT, balance: '25' }], next: ACCOUNT },
    },
    none: { summary: 'The end of the list', value: { accounts: [] } },
  },
  Entries: {
    newest: {
      summary: 'The newest entries, with refusals',
      value: {
        account: ACCOUNT,
        entries: [
          {
            sequence: 3,
            key: KEY,
            type: 'refused',
            code: 'not_enough_money',
            amount: '1234',
            change: '0',
            balance: '6',
            at: AT,
          },
          {
            sequence: 2,
            key: KEY,
            type: 'withdrawal',
            amount: '4',
            change: '-4',
            balance: '6',
            at: AT,
            reference: 'order 4711',
          },
        ],
        next: 2,
      },
    },
  },
  RecordedReply: {
    executed: {
      summary: 'The call was executed',
      value: { key: KEY, status: 200, body: moved },
    },
    refused: { summary: 'The call was refused', value: { key: KEY, status: 409, body: refusal } },
    cancelled: {
      summary: 'The key was cancelled',
      value: { key: KEY, status: 409, body: PROBLEM_EXAMPLES.cancelled.value },
    },
  },
  Cancellation: {
    cancelled: {
      summary: 'The key can never be executed',
      value: { key: KEY, outcome: 'cancelled' },
    },
    executed: {
      summary: 'Too late: the call had been executed',
      value: { key: KEY, outcome: 'executed', reply: { status: 200, body: moved } },
    },
    refused: {
      summary: 'Not needed: the call had been refused',
      value: { key: KEY, outcome: 'executed', reply: { status: 409, body: refusal } },
    },
  },
  Health: { ok: { summary: 'The Region is whole', value: { status: 'ok' } } },
} as const satisfies Record<string, Record<string, Example>>;

/** A schema whose bodies have examples. */
export type ExampleSchema = keyof typeof EXAMPLES;
