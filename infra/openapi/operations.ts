import { paths, type ROUTES } from '../../client/contract.ts';
import type { ExampleSchema, ProblemExampleName } from './examples.ts';
import type { ParameterName } from './parameters.ts';

/** One operation of the bank, before it is put into the words of OpenAPI. */
export interface Operation {
  readonly method: (typeof ROUTES)[number]['method'];
  readonly path: string;
  readonly id: string;
  readonly tag: 'money' | 'keys' | 'health';
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly ParameterName[];
  /** True for a deposit or withdrawal, the only ones with a body. */
  readonly hasBody: boolean;
  /** Schema of the body of a 200; undefined for an operation that answers 204. */
  readonly answers: ExampleSchema | undefined;
  readonly answered: string;
  /** True where a write of the answered call may still be on its way, which `Bank-Unsettled` tells. */
  readonly mayBeUnsettled: boolean;
  readonly problems: readonly ProblemExampleName[];
}

const UNAVAILABLE = ['unavailable_not_executed', 'unavailable'] as const;
const BAD_SUBJECT = ['bad_account', 'bad_key'] as const;
const TURNED_AWAY = ['key_in_future', 'key_expired', 'too_many_unacknowledged'] as const;

const MOVE = {
  method: 'POST',
  tag: 'money',
  parameters: ['account', 'idempotencyKey', 'acknowledge', 'timeLeft'],
  hasBody: true,
  answers: 'Moved',
  mayBeUnsettled: true,
} as const;

const MOVE_PROBLEMS = [
  ...BAD_SUBJECT,
  'bad_amount',
  'no_such_route',
  ...TURNED_AWAY,
  'cancelled',
  'key_reused',
  ...UNAVAILABLE,
] as const;

/** Every operation that the deployed bank has, in the order of the contract's routes. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: paths.health(),
    id: 'health',
    tag: 'health',
    summary: 'Whether the Region is whole',
    description: 'Does one strongly consistent read. Moves nothing.',
    parameters: ['timeLeft'],
    hasBody: false,
    answers: 'Health',
    answered: 'A strongly consistent read works, so this Region can move money.',
    mayBeUnsettled: false,
    problems: UNAVAILABLE,
  },
  {
    method: 'GET',
    path: paths.account('{account}'),
    id: 'balance',
    tag: 'money',
    summary: 'Balance of an account',
    description:
      'One strongly consistent read: it sees every write that was answered by then, in either Region. Moves nothing, and needs no key.',
    parameters: ['account', 'timeLeft'],
    hasBody: false,
    answers: 'AccountBalance',
    answered: 'The balance.',
    mayBeUnsettled: false,
    problems: ['bad_account', 'no_account_to_read', 'no_such_route', ...UNAVAILABLE],
  },
  {
    ...MOVE,
    path: paths.move('{account}', 'deposit'),
    id: 'deposit',
    summary: 'Put money into an account',
    description:
      'Adds the amount to the balance, once, however often and to whichever Region the same call is sent with the same key. Every retry is given the same bytes. The first deposit opens the account.',
    answered: 'The money was deposited, by this attempt or an earlier one with the same key.',
    problems: [...MOVE_PROBLEMS, 'balance_too_large'],
  },
  {
    ...MOVE,
    path: paths.move('{account}', 'withdraw'),
    id: 'withdraw',
    summary: 'Take money out of an account',
    description:
      'Takes the amount from the balance, once, if the account holds that much; otherwise takes nothing, and records the refusal. However often and to whichever Region the same call is sent with the same key, every retry is given the same bytes: a refusal stays one, even when there is money again.',
    answered: 'The money was withdrawn, by this attempt or an earlier one with the same key.',
    problems: [...MOVE_PROBLEMS, 'no_account_to_withdraw_from', 'not_enough_money'],
  },
  {
    method: 'GET',
    path: paths.reply('{account}', '{key}'),
    id: 'outcome',
    tag: 'keys',
    summary: 'What has come of a key',
    description:
      'Reads the reply that is recorded under a key. Moves nothing. A 404 `no_reply` settles nothing: the call may still be on its way. To settle it, send the call again with its key, or cancel it. A 410 `key_expired` is of this Region only: the archive of the other one may know.',
    parameters: ['account', 'key', 'timeLeft'],
    hasBody: false,
    answers: 'RecordedReply',
    answered: 'What the call of this key was answered, refusals included.',
    mayBeUnsettled: false,
    problems: [...BAD_SUBJECT, 'no_such_route', 'no_reply', 'key_expired', ...UNAVAILABLE],
  },
  {
    method: 'DELETE',
    path: paths.reply('{account}', '{key}'),
    id: 'acknowledge',
    tag: 'keys',
    summary: 'Let the bank forget a reply',
    description:
      'Gives a reply back. Moves nothing by itself, but whoever gives a reply back must never use its key again: a call with it, and an attempt that is still on its way, would be a new one and move money a second time. Do not give back a reply that came with `Bank-Unsettled: true`, nor one of which an attempt ended without an answer. It need not be done at all: replies are archived by themselves.',
    parameters: ['account', 'key', 'timeLeft'],
    hasBody: false,
    answers: undefined,
    answered: 'The bank remembers no reply under this key, whether or not it did before.',
    mayBeUnsettled: false,
    problems: [...BAD_SUBJECT, 'no_such_route', ...UNAVAILABLE],
  },
  {
    method: 'PUT',
    path: paths.cancellation('{account}', '{key}'),
    id: 'cancel',
    tag: 'keys',
    summary: 'Make sure that a key is never executed',
    description:
      'Closes the matter of a key. If nothing has come of it, it is cancelled: no attempt with it can move money any more, also one that is still on its way. If its call was answered before, that answer is told and stays. Moves nothing.',
    parameters: ['account', 'key', 'timeLeft'],
    hasBody: false,
    answers: 'Cancellation',
    answered: 'The matter is closed: the key is cancelled, or `reply` is what had come of it.',
    mayBeUnsettled: true,
    problems: [...BAD_SUBJECT, 'no_such_route', ...TURNED_AWAY, ...UNAVAILABLE],
  },
];
