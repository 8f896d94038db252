/**
 * How to retry a refused call once the reason is gone: with the same key, because the key is not closed and an earlier attempt may have been
 * executed; with a new key, because this refusal is recorded; or never, because the same call is always refused. After `key_reused` it is
 * never, too: a program that used one key for two calls must not choose between them by itself.
 */
export type RetryWith = 'same key' | 'new key' | 'never';

interface Problem {
  readonly status: number;
  readonly title: string;
  readonly final: boolean;
  readonly recorded: boolean;
  readonly retryWith: RetryWith;
}

const recorded = (status: number, title: string, retryWith: RetryWith = 'new key') =>
  ({ status, title, final: true, recorded: true, retryWith }) as const;

/**
 * The problems that the bank answers with (RFC 9457). Web pages load this table. They do not load `problem-reference.ts`, which has the text
 * of each problem.
 *
 * `final` says whether the answer closes the key permanently: no attempt of this call can be executed any more. An answer that is not final
 * is about one attempt only: another one may have been executed, or may still be.
 * `recorded` says whether the answer is an entry of the account's book, so that every retry returns it again.
 */
export const PROBLEMS = {
  bad_request: { status: 400, title: 'Bad request', final: false, recorded: false, retryWith: 'never' },
  key_in_future: {
    status: 400,
    title: 'Idempotency key from the future',
    final: false,
    recorded: false,
    retryWith: 'same key',
  },
  no_such_account: recorded(404, 'No such account'),
  no_such_destination: recorded(404, 'No such destination'),
  no_such_hold: recorded(404, 'No such hold'),
  no_such_call: recorded(404, 'No such call'),
  no_such_route: { status: 404, title: 'No such route', final: false, recorded: false, retryWith: 'never' },
  no_reply: { status: 404, title: 'No reply recorded', final: false, recorded: false, retryWith: 'same key' },
  not_enough_money: recorded(409, 'Not enough money'),
  balance_too_large: recorded(409, 'Balance too large'),
  hold_exceeded: recorded(409, 'Hold exceeded'),
  hold_captured: recorded(409, 'Hold captured', 'never'),
  hold_voided: recorded(409, 'Hold voided', 'never'),
  hold_expired: recorded(409, 'Hold expired', 'never'),
  too_many_holds: recorded(409, 'Too many open holds'),
  account_frozen: recorded(409, 'Account frozen'),
  destination_frozen: recorded(409, 'Destination frozen'),
  not_refundable: recorded(409, 'Not refundable', 'never'),
  refund_exceeded: recorded(409, 'Refund exceeded'),
  cancelled: recorded(409, 'Idempotency key cancelled'),
  key_expired: recorded(410, 'Idempotency key expired'),
  key_reused: {
    status: 422,
    title: 'Idempotency key reused',
    final: true,
    recorded: false,
    retryWith: 'never',
  },
  unavailable: { status: 503, title: 'Unavailable', final: false, recorded: false, retryWith: 'same key' },
} as const satisfies Record<string, Problem>;

/** Code of a problem: programs decide by it. */
export type ProblemCode = keyof typeof PROBLEMS;

/** Code of a refusal that is an entry of the account's book. */
export type RecordedCode = {
  [Code in ProblemCode]: (typeof PROBLEMS)[Code]['recorded'] extends true ? Code : never;
}[ProblemCode];

/** True for a code of this contract. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

/** True for a refusal after which no attempt with the key can be executed any more. A refusal by the gateway is about one attempt only. */
export function isFinalRefusal(code: string): boolean {
  return isProblemCode(code) && PROBLEMS[code].final;
}

/** True for a refusal that is an entry of the account's book. */
export function isRecorded(code: string): boolean {
  return isProblemCode(code) && PROBLEMS[code].recorded;
}

/** Media type of a problem (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Page with a section for each code: what happened to the money, and what to do next. The `type` of a problem links to it. */
export const PROBLEM_PAGE = 'https://github.com/twinbank/twinbank/blob/main/client/ERRORS.md';
