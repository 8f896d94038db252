/**
 * Every error that the bank answers with (RFC 9457). Web pages load this table; the text of each problem is in
 * `problem-reference.ts`, which they do not.
 *
 * `final` says whether the answer closes its key for ever: it proves that no attempt of this call will be executed any more.
 * An answer that is not final is about one attempt only: another one may have been executed, or may still be.
 * `recorded` says that it is an entry of the account's book, so that every retry returns it again.
 */
export const PROBLEMS = {
  bad_request: { status: 400, title: 'Bad request', final: false, recorded: false },
  key_in_future: { status: 400, title: 'Idempotency key from the future', final: false, recorded: false },
  no_such_account: { status: 404, title: 'No such account', final: true, recorded: true },
  no_such_destination: { status: 404, title: 'No such destination', final: true, recorded: true },
  no_such_hold: { status: 404, title: 'No such hold', final: true, recorded: true },
  no_such_call: { status: 404, title: 'No such call', final: true, recorded: true },
  no_such_route: { status: 404, title: 'No such route', final: false, recorded: false },
  no_reply: { status: 404, title: 'No reply recorded', final: false, recorded: false },
  not_enough_money: { status: 409, title: 'Not enough money', final: true, recorded: true },
  balance_too_large: { status: 409, title: 'Balance too large', final: true, recorded: true },
  hold_exceeded: { status: 409, title: 'Hold exceeded', final: true, recorded: true },
  hold_captured: { status: 409, title: 'Hold captured', final: true, recorded: true },
  hold_voided: { status: 409, title: 'Hold voided', final: true, recorded: true },
  hold_expired: { status: 409, title: 'Hold expired', final: true, recorded: true },
  too_many_open: { status: 409, title: 'Too many open holds', final: true, recorded: true },
  account_frozen: { status: 409, title: 'Account frozen', final: true, recorded: true },
  destination_frozen: { status: 409, title: 'Destination frozen', final: true, recorded: true },
  not_refundable: { status: 409, title: 'Not refundable', final: true, recorded: true },
  refund_exceeded: { status: 409, title: 'Refund exceeded', final: true, recorded: true },
  cancelled: { status: 409, title: 'Idempotency key cancelled', final: true, recorded: true },
  key_expired: { status: 410, title: 'Idempotency key expired', final: true, recorded: true },
  key_reused: { status: 422, title: 'Idempotency key reused', final: true, recorded: false },
  unavailable: { status: 503, title: 'Unavailable', final: false, recorded: false },
} as const satisfies Record<string, { status: number; title: string; final: boolean; recorded: boolean }>;

/** Code of a problem: the literal that programs switch on. */
export type ProblemCode = keyof typeof PROBLEMS;

/** True for a code that this contract knows. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

/** True for a refusal after which no attempt of the key can be executed any more. The gateway's own speak of one attempt only. */
export function isFinal(code: string): boolean {
  return isProblemCode(code) && PROBLEMS[code].final;
}

/** True for a refusal that is an entry of the account's book. */
export function isRecorded(code: string): boolean {
  return isProblemCode(code) && PROBLEMS[code].recorded;
}

/** Media type of a problem (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Page with a section for each code, which is the `type` of a problem: what happened to the money and what to do next. */
export const PROBLEM_PAGE = 'https://github.com/twinbank/twinbank/blob/main/client/ERRORS.md';
