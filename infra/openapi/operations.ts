import { OPERATIONS as CONTRACT, type Operation as Name } from '../../client/contract/schemas.ts';
import type { ExampleSchema, ProblemExampleName } from './examples.ts';
import type { ParameterName } from './parameters.ts';

/** What the contract's table does not say of an operation, before it is put into the words of OpenAPI. */
interface Described {
  readonly tag: 'money' | 'keys' | 'operators' | 'health';
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly ParameterName[];
  /** Schema of the body of a request; undefined for an operation that takes none. */
  readonly takes?: 'DepositBody' | 'WithdrawalBody';
  /** Schema of the body of a 200; undefined for an operation that answers 204. */
  readonly answers?: ExampleSchema;
  readonly answered: string;
  /** True where an answer is recorded under a key, so that a retry is given it again. */
  readonly records?: true;
  readonly problems: readonly ProblemExampleName[];
}

/** One operation of the bank. */
export interface Operation extends Described {
  readonly id: Name;
  readonly method: string;
  readonly path: string;
}

const UNAVAILABLE = ['unavailable_not_executed', 'unavailable'] as const;
const BAD_SUBJECT = ['bad_account', 'bad_key', 'no_such_route'] as const;

const MOVE_PARAMETERS = ['account', 'idempotencyKey', 'replyCache', 'timeLeft'] as const;
const MOVE_PROBLEMS = [
  ...BAD_SUBJECT,
  'bad_amount',
  'bad_reference',
  'key_in_future',
  'no_account_to_move',
  'key_expired',
  'cancelled',
  'key_reused',
  ...UNAVAILABLE,
] as const;

const DESCRIBED: Readonly<Record<Name, Described>> = {
  health: {
    tag: 'health',
    summary: 'Whether the Region is whole',
    description: 'Does one strongly consistent read. Moves nothing.',
    parameters: ['timeLeft'],
    answers: 'Health',
    answered: 'A strongly consistent read works, so this Region can move money.',
    problems: UNAVAILABLE,
  },
  accounts: {
    tag: 'operators',
    summary: 'Names and balances of all accounts',
    description:
      'Lists the accounts in the order of the table, some at a time: `next` is what the next request gives as `after`, and without it the list is at its end. An answer may hold fewer than were asked for, or none, and still have `next`. Accounts that nobody has deposited to are left out. Eventually consistent: it may lack what was answered in the last seconds. A right of its own, for operators.',
    parameters: ['limit', 'afterAccount', 'timeLeft'],
    answers: 'Accounts',
    answered: 'Some of the accounts.',
    problems: ['bad_limit', 'bad_account', ...UNAVAILABLE],
  },
  balance: {
    tag: 'money',
    summary: 'Balance of an account, now or at a moment',
    description:
      'A strongly consistent read: it sees every write that was answered by then, in either Region. With `at` it is the balance after the last entry whose time is not later, 0 before the first one. Moves nothing, and needs no key.',
    parameters: ['account', 'at', 'timeLeft'],
    answers: 'AccountBalance',
    answered: 'The balance.',
    problems: [
      'bad_account',
      'bad_moment',
      'future_moment',
      'no_account_to_read',
      'no_such_route',
      ...UNAVAILABLE,
    ],
  },
  entries: {
    tag: 'money',
    summary: 'Statement of an account',
    description:
      'The entries of the account, newest first from `before` on, or oldest first from `after` on; with neither, the newest. Complete at every moment, from either Region: an answer that a caller holds is in the statement that it asks for next. `next` is what the next request gives as `before` or `after`, and without it the statement is at its end. Entries that are left out count for `limit`, so an answer may hold none and still have `next`. Moves nothing.',
    parameters: ['account', 'limit', 'before', 'afterEntry', 'refusals', 'timeLeft'],
    answers: 'Entries',
    answered: 'Some of the entries.',
    problems: [
      'bad_account',
      'bad_limit',
      'both_directions',
      'no_account_to_read',
      'no_such_route',
      ...UNAVAILABLE,
    ],
  },
  deposit: {
    tag: 'money',
    summary: 'Put money into an account',
    description:
      'Adds the amount to the balance, once, however often and to whichever Region the same call is sent with the same key. Every retry is given the same bytes. The first deposit opens the account, unless it says `mustExist`.',
    parameters: MOVE_PARAMETERS,
    takes: 'DepositBody',
    answers: 'Moved',
    answered: 'The money was deposited, by this attempt or an earlier one with the same key.',
    records: true,
    problems: [...MOVE_PROBLEMS, 'balance_too_large'],
  },
  withdraw: {
    tag: 'money',
    summary: 'Take money out of an account',
    description:
      'Takes the amount from the balance, once, if the account holds that much; otherwise takes nothing, and records the refusal. However often and to whichever Region the same call is sent with the same key, every retry is given the same bytes: a refusal stays one, even when there is money again.',
    parameters: MOVE_PARAMETERS,
    takes: 'WithdrawalBody',
    answers: 'Moved',
    answered: 'The money was withdrawn, by this attempt or an earlier one with the same key.',
    records: true,
    problems: [...MOVE_PROBLEMS, 'not_enough_money'],
  },
  outcome: {
    tag: 'keys',
    summary: 'What the call with a key was answered',
    description:
      'Reads what is recorded under a key. Moves nothing. A 404 `no_reply` settles nothing: the call may still be on its way. To settle it, send the call again with its key, or cancel it.',
    parameters: ['account', 'key', 'timeLeft'],
    answers: 'RecordedReply',
    answered: 'What the call of this key was answered, refusals included.',
    problems: [...BAD_SUBJECT, 'no_reply', ...UNAVAILABLE],
  },
  acknowledge: {
    tag: 'keys',
    summary: 'Remove a reply from the cache',
    description:
      'Says that nobody will ask for this reply again, which saves storage. Safe at any time, and changes nothing else: the entry stays in the book of the account, guards its key, and answers a retry.',
    parameters: ['account', 'key', 'timeLeft'],
    answered: 'The cache holds no reply under this key, whether or not it did before.',
    problems: [...BAD_SUBJECT, ...UNAVAILABLE],
  },
  cancel: {
    tag: 'keys',
    summary: 'Make sure that a key is never executed',
    description:
      'Cancels a key. If no call with it was answered, it is cancelled: no attempt with it can move money any more, also one that is still on its way. If its call was answered before, that answer is told and stays. Moves nothing.',
    parameters: ['account', 'key', 'timeLeft'],
    answers: 'Cancellation',
    answered: 'The key is cancelled, or `reply` is what its call was answered.',
    records: true,
    problems: [...BAD_SUBJECT, 'key_in_future', 'key_of_a_lost_bank', ...UNAVAILABLE],
  },
};

/** Every operation that the deployed bank has, in the order of the contract's table. */
export const OPERATIONS: readonly Operation[] = (Object.keys(CONTRACT) as Name[]).map((id) => {
  const { method, path } = CONTRACT[id];
  return { id, method, path, ...DESCRIBED[id] };
});
