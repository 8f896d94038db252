import * as v from 'valibot';

/**
 * The HTTP contract between the bank and its callers: paths, headers, bodies and problem codes.
 *
 * It is written once. The function validates requests with these schemas, the client validates answers with
 * them, so the two sides cannot drift apart.
 */

/** Largest amount and largest balance, in minor units: 15 decimal digits, exact in every JSON and SQL number type. */
export const MAX_AMOUNT_MINOR = 999_999_999_999_999n;

/** Largest request body the bank reads, in bytes. */
export const MAX_BODY_BYTES = 4096;

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
} as const;

/** An account's name: 1 to 128 characters, safe in a path, a log line and a policy without any escaping. */
export const accountSchema = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/,
    'an account is 1 to 128 letters, digits and . _ : @ -, and starts with a letter or digit',
  ),
);

/**
 * An idempotency key: a UUIDv7 (RFC 9562). Upper case is accepted as the RFC asks and brought to the canonical lower
 * case, because keys are compared as strings to tell older from newer.
 */
export const keySchema = v.pipe(
  v.string(),
  v.regex(
    // Both cases are spelled out: a JSON Schema made of this has patterns, but no flags.
    /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$/,
    'an idempotency key is a UUIDv7, like 0198c5a0-7e57-7abc-8def-0123456789ab',
  ),
  v.toLowerCase(),
);

/** The keys that one call gives back, each once or more, in the order of the header that lists them. */
export const acknowledgedKeysSchema = v.pipe(
  v.array(keySchema),
  v.maxLength(MAX_ACKNOWLEDGED_KEYS, `Idempotency-Acknowledge holds at most ${MAX_ACKNOWLEDGED_KEYS} keys`),
);

/** A time left that the bank goes by: whole milliseconds, as a header says them. It ignores everything else. */
export const timeLeftMsSchema = v.pipe(v.string(), v.regex(/^[0-9]{1,9}$/));

/** An amount on the wire: whole minor units as decimal digits, from 1 to 15 of them, no sign, no leading zero. */
export const amountSchema = v.pipe(
  v.string('an amount is a string of decimal digits'),
  v.regex(
    /^[1-9][0-9]{0,14}$/,
    'an amount is 1 to 15 decimal digits, without sign, fraction or leading zero',
  ),
  v.transform((digits) => BigInt(digits)),
);

/** A balance on the wire: like an amount, but it may be zero. */
export const balanceSchema = v.pipe(
  v.string(),
  v.regex(/^(0|[1-9][0-9]{0,14})$/, 'a balance is 1 to 15 decimal digits'),
  v.transform((digits) => BigInt(digits)),
);

/** Body of a deposit or withdrawal. Strict: a field that the bank would ignore must not look as if it had been obeyed. */
export const moveBodySchema = v.strictObject(
  { amount: amountSchema },
  'the body is a JSON object with one field, "amount"',
);

/** 200 body of a deposit or withdrawal. */
export const movedSchema = v.object({
  account: accountSchema,
  key: keySchema,
  balance: balanceSchema,
});

/** 200 body of a balance. */
export const balanceBodySchema = v.object({
  account: accountSchema,
  balance: balanceSchema,
});

/** 200 body of a recorded reply: the status and the body that the call was answered with. */
export const recordedReplySchema = v.object({
  key: keySchema,
  status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
  body: v.record(v.string(), v.unknown()),
});

/** 200 body of a cancellation: the key can no longer be executed, or this is what has come of it. */
export const cancellationSchema = v.variant('outcome', [
  v.object({ key: keySchema, outcome: v.literal('cancelled') }),
  v.object({
    key: keySchema,
    outcome: v.literal('executed'),
    reply: v.object({ status: recordedReplySchema.entries.status, body: recordedReplySchema.entries.body }),
  }),
]);

/** RFC 9457 problem, with the members that this bank adds. */
export const problemSchema = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  code: v.string(),
  /**
   * Present and `false` on a 503 whose call certainly was not executed by this attempt (the table was never reached, or
   * turned every write away). Absent when the bank cannot tell.
   */
  executed: v.optional(v.literal(false)),
});

/** Page that tells of each problem what happened to the money and what to do next. `type` is a section of it. */
export const PROBLEM_PAGE = 'https://github.com/twinbank/twinbank/blob/main/client/ERRORS.md';

/** Media type of every answer that is not 200 (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/**
 * Everything the bank can answer other than 200.
 *
 * `final` says whether the answer settles its key for ever: it is what was recorded, or it proves that the call was not
 * and will not be executed. An answer that is not final speaks of one attempt only: another attempt of the same key may
 * have been executed, or may yet be. (`key_expired` is one of them: nothing will be executed any more, but an attempt
 * before the key expired may have been.)
 */
export const PROBLEMS = {
  bad_request: { status: 400, title: 'Bad request', final: false },
  key_in_future: {
    status: 400,
    title: 'Idempotency key from the future',
    final: false,
  },
  no_such_account: { status: 404, title: 'No such account', final: true },
  no_such_route: { status: 404, title: 'No such route', final: false },
  no_reply: { status: 404, title: 'No reply recorded', final: false },
  not_enough_money: { status: 409, title: 'Not enough money', final: true },
  balance_too_large: { status: 409, title: 'Balance too large', final: true },
  cancelled: { status: 409, title: 'Idempotency key cancelled', final: true },
  key_expired: { status: 410, title: 'Idempotency key expired', final: false },
  key_reused: { status: 422, title: 'Idempotency key reused', final: true },
  too_many_unacknowledged: {
    status: 429,
    title: 'Too many unacknowledged replies',
    final: false,
  },
  unavailable: { status: 503, title: 'Unavailable', final: false },
} as const satisfies Record<string, { status: number; title: string; final: boolean }>;

/** Code of a problem: the literal that programs switch on. */
export type ProblemCode = keyof typeof PROBLEMS;

/** An RFC 9457 problem as the bank sends it. */
export type Problem = v.InferOutput<typeof problemSchema>;

/** True for a code that this contract knows. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

/** Operations that move money; each is a path below the account. */
export const MOVES = { deposit: 'deposits', withdraw: 'withdrawals' } as const;

/** An operation that moves money. */
export type Move = keyof typeof MOVES;

/** Paths, given names that the schemas above accept (and which therefore need no escaping). */
export const paths = {
  health: () => '/health',
  account: (account: string) => `/accounts/${account}`,
  move: (account: string, move: Move) => `/accounts/${account}/${MOVES[move]}`,
  reply: (account: string, key: string) => `/accounts/${account}/replies/${key}`,
  cancellation: (account: string, key: string) => `/accounts/${account}/cancellations/${key}`,
} as const;

/**
 * Every request that the bank knows, as patterns of a gateway: a part in braces stands for one segment of the path. A
 * gateway that enforces who may call goes by these.
 */
export const ROUTES = [
  { method: 'GET', path: paths.health() },
  { method: 'GET', path: paths.account('{account}') },
  { method: 'POST', path: paths.move('{account}', 'deposit') },
  { method: 'POST', path: paths.move('{account}', 'withdraw') },
  { method: 'GET', path: paths.reply('{account}', '{key}') },
  { method: 'DELETE', path: paths.reply('{account}', '{key}') },
  { method: 'PUT', path: paths.cancellation('{account}', '{key}') },
] as const;

/** What a gateway calls the requests that it has no route for. */
export const NO_ROUTE_KEY = '$default';

/** The key of the route that a gateway finds for a request, such as `GET /accounts/{account}`. */
export function routeKeyOf(method: string, path: string): string {
  const route = ROUTES.find((each) => each.method === method && matches(each.path, path));
  return route === undefined ? NO_ROUTE_KEY : `${route.method} ${route.path}`;
}

function matches(pattern: string, path: string): boolean {
  const segments = path.split('/');
  const parts = pattern.split('/');
  return (
    parts.length === segments.length &&
    parts.every((part, index) => part === segments[index] || (part.startsWith('{') && segments[index] !== ''))
  );
}
