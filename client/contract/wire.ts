/**
 * The words of the HTTP contract: paths, headers, problem codes, limits and the form of names. The schemas of bodies are
 * made of them in `schemas.ts`, with a library that weighs more than half of what a page would load of the client; so
 * they are here, in a file that imports nothing, and the client reads answers with `read-answer.ts`.
 */

/** Largest amount and largest balance, in minor units: 15 decimal digits, exact in every JSON and SQL number type. */
export const MAX_AMOUNT_MINOR = 999_999_999_999_999n;

/** Longest reference of a call, in characters. */
export const MAX_REFERENCE_LENGTH = 64;

/** Most entries of a statement, or accounts of a list, in one answer, and how many when the caller does not say. */
export const MAX_LIMIT = 100;
export const DEFAULT_LIMIT = 50;

/** Names of the headers that carry meaning, in the lower case that HTTP libraries hand out. */
export const HEADERS = {
  /** UUIDv7 that makes a deposit or withdrawal safe to retry. */
  idempotencyKey: 'idempotency-key',
  /** How long, in milliseconds, the caller will still wait for this attempt. A duration, because clocks differ. */
  timeLeftMs: 'bank-time-left-ms',
  /** AWS Region that answered. A header, so that bodies are the same bytes from both Regions. */
  region: 'bank-region',
  /** `no` from a caller that minted its key for this one call: nobody will come back, so the reply needs no cached copy. */
  replyCache: 'bank-reply-cache',
  /**
   * `true` on an answer that was already recorded under the key, so that this attempt has moved nothing. An earlier attempt had:
   * of an earlier call, or of the same call when that attempt's answer was lost.
   */
  replayed: 'idempotent-replayed',
  /** API Gateway's own mark, which it puts on every answer: its 4xx then tell that the request went no further. */
  gatewayRequest: 'apigw-requestid',
} as const;

/** The form of a string, and the sentence that says it. */
export interface Form {
  readonly pattern: RegExp;
  readonly says: string;
}

/** An account's name: 1 to 128 characters, safe in a path, a log line and a policy without any escaping. */
export const ACCOUNT: Form = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/,
  says: 'an account is 1 to 128 letters, digits and . _ : @ -, and starts with a letter or digit',
};

/**
 * An idempotency key: a UUIDv7 (RFC 9562). Upper case is accepted as the RFC asks; keys are compared in lower case. Both
 * cases are spelled out: a JSON Schema made of this has patterns, but no flags.
 */
export const KEY: Form = {
  pattern: /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$/,
  says: 'an idempotency key is a UUIDv7 (RFC 9562)',
};

/** The key of an entry: that of its call, or one that the bank made. Always in lower case. */
export const ENTRY_KEY: Form = {
  pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  says: 'the key of an entry is a UUID in lower case',
};

/**
 * A balance on the wire: whole minor units as decimal digits, no sign, no leading zero. No deposit makes one of more than 15,
 * but money that is given back is never refused, so a balance may have up to 18.
 */
export const BALANCE: Form = {
  pattern: /^(0|[1-9][0-9]{0,17})$/,
  says: 'a balance is 1 to 18 decimal digits',
};

/** What an entry did to a balance: like a balance, with a sign where money left. */
export const CHANGE: Form = {
  pattern: /^(0|-?[1-9][0-9]{0,17})$/,
  says: 'a change is 1 to 18 decimal digits, after a minus where money left',
};

/** A moment on the wire (RFC 3339), with its offset from UTC. */
export const MOMENT: Form = {
  pattern:
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$/,
  says: 'a time is like 2026-11-27T13:00:00Z (RFC 3339)',
};

/** A reference: the caller's own words for a call, as its statement shows them. */
export const REFERENCE: Form = {
  pattern: /^[\x20-\x7e]{1,64}$/,
  says: `a reference is 1 to ${MAX_REFERENCE_LENGTH} printable ASCII characters`,
};

/** A place in a book, in a query: the number of an entry. */
export const SEQUENCE: Form = {
  pattern: /^(0|[1-9][0-9]{0,14})$/,
  says: 'an entry is named by its number, a whole number without a sign',
};

/**
 * Everything the bank can answer other than 200.
 *
 * `final` says whether the answer closes its key for ever: it proves that no attempt of this call will be executed any more.
 * An answer that is not final speaks of one attempt only: another one may have been executed, or may yet be.
 * `recorded` says that it is an entry of the account's book, so that every retry is given it again.
 */
export const PROBLEMS = {
  bad_request: { status: 400, title: 'Bad request', final: false, recorded: false },
  key_in_future: { status: 400, title: 'Idempotency key from the future', final: false, recorded: false },
  no_such_account: { status: 404, title: 'No such account', final: true, recorded: true },
  no_such_route: { status: 404, title: 'No such route', final: false, recorded: false },
  no_reply: { status: 404, title: 'No reply recorded', final: false, recorded: false },
  not_enough_money: { status: 409, title: 'Not enough money', final: true, recorded: true },
  balance_too_large: { status: 409, title: 'Balance too large', final: true, recorded: true },
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

/**
 * Everything that the bank can do. The gateway's routes, the router, the grants, the client, the metrics and the dashboard
 * go by this table. A part of a path in braces stands for one segment: a name of the forms above, which needs no escaping.
 *
 * `grant` says whether a caller has to be allowed it, `moves` whether it moves money under an idempotency key.
 */
export const OPERATIONS = {
  health: { method: 'GET', path: '/health', grant: false, moves: false },
  accounts: { method: 'GET', path: '/accounts', grant: true, moves: false },
  balance: { method: 'GET', path: '/accounts/{account}', grant: true, moves: false },
  entries: { method: 'GET', path: '/accounts/{account}/entries', grant: true, moves: false },
  deposit: { method: 'POST', path: '/accounts/{account}/deposits', grant: true, moves: true },
  withdraw: { method: 'POST', path: '/accounts/{account}/withdrawals', grant: true, moves: true },
  outcome: { method: 'GET', path: '/accounts/{account}/replies/{key}', grant: true, moves: false },
  acknowledge: { method: 'DELETE', path: '/accounts/{account}/replies/{key}', grant: true, moves: false },
  cancel: { method: 'PUT', path: '/accounts/{account}/cancellations/{key}', grant: true, moves: false },
} as const;

/** Name of something that the bank can do. */
export type Operation = keyof typeof OPERATIONS;

/** An operation that moves money. */
export type Move = {
  [Name in Operation]: (typeof OPERATIONS)[Name]['moves'] extends true ? Name : never;
}[Operation];

/** True for an operation that moves money. */
export function isMove(operation: Operation): operation is Move {
  return OPERATIONS[operation].moves;
}

/** The path of an operation, with names of the forms above. */
export function pathOf(
  operation: Operation,
  names: { readonly account?: string; readonly key?: string } = {},
): string {
  return OPERATIONS[operation].path.replace(
    /\{(account|key)\}/g,
    (_, name: 'account' | 'key') => names[name] ?? '',
  );
}
