/**
 * The words of the HTTP contract: paths, headers, problem codes, limits and the form of names. The schemas of bodies are
 * made of them in `contract.ts`, with a library that weighs more than half of what a page would load of the client; so
 * they are here, in a file that imports nothing, and the client reads answers with `read-answer.ts`.
 */

/** Largest amount and largest balance, in minor units: 15 decimal digits, exact in every JSON and SQL number type. */
export const MAX_AMOUNT_MINOR = 999_999_999_999_999n;

/** Most keys that one call can give back. */
export const MAX_ACKNOWLEDGED_KEYS = 25;

/** Names of the headers that carry meaning, in the lower case that HTTP libraries hand out. */
export const HEADERS = {
  /** UUIDv7 that makes a deposit or withdrawal safe to retry. */
  idempotencyKey: 'idempotency-key',
  /** Keys, separated by commas, whose replies the caller has and gives back with this call. */
  acknowledge: 'idempotency-acknowledge',
  /** How long, in milliseconds, the caller will still wait for this attempt. A duration, because clocks differ. */
  timeLeftMs: 'bank-time-left-ms',
  /** AWS Region that answered. A header, so that bodies are the same bytes from both Regions. */
  region: 'bank-region',
  /**
   * `true` on an answer while a write of its call may still be on its way to the table, sent before the one that was
   * answered. The recorded reply keeps it from taking effect, so whoever is told this must not give the reply back.
   */
  unsettled: 'bank-unsettled',
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

/** A balance on the wire: whole minor units as decimal digits, no sign, no leading zero. */
export const BALANCE: Form = {
  pattern: /^(0|[1-9][0-9]{0,14})$/,
  says: 'a balance is 1 to 15 decimal digits',
};

/**
 * Everything the bank can answer other than 200.
 *
 * `final` says whether the answer settles its key for ever: it is what was recorded, or it proves that the call was not
 * and will not be executed. An answer that is not final speaks of one attempt only: another attempt of the same key may
 * have been executed, or may yet be. (`key_expired` is one of them: nothing will be executed any more, but an attempt
 * before the key expired may have been.)
 */
export const PROBLEMS = {
  bad_request: { status: 400, final: false },
  key_in_future: { status: 400, final: false },
  no_such_account: { status: 404, final: true },
  no_such_route: { status: 404, final: false },
  no_reply: { status: 404, final: false },
  not_enough_money: { status: 409, final: true },
  balance_too_large: { status: 409, final: true },
  cancelled: { status: 409, final: true },
  key_expired: { status: 410, final: false },
  key_reused: { status: 422, final: true },
  too_many_unacknowledged: { status: 429, final: false },
  unavailable: { status: 503, final: false },
} as const satisfies Record<string, { status: number; final: boolean }>;

/** Code of a problem: the literal that programs switch on. */
export type ProblemCode = keyof typeof PROBLEMS;

/** True for a code that this contract knows. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

/** Operations that move money; each is a path below the account. */
export const MOVES = { deposit: 'deposits', withdraw: 'withdrawals' } as const;

/** An operation that moves money. */
export type Move = keyof typeof MOVES;

/** Paths, given names of the forms above (which therefore need no escaping). */
export const paths = {
  health: () => '/health',
  account: (account: string) => `/accounts/${account}`,
  move: (account: string, move: Move) => `/accounts/${account}/${MOVES[move]}`,
  reply: (account: string, key: string) => `/accounts/${account}/replies/${key}`,
  cancellation: (account: string, key: string) => `/accounts/${account}/cancellations/${key}`,
} as const;
