import * as v from 'valibot';
import {
  ACCOUNT,
  BALANCE,
  KEY,
  MAX_ACKNOWLEDGED_KEYS,
  type ProblemCode,
  paths,
  PROBLEMS as SETTLED,
} from './wire.ts';

export * from './wire.ts';

/**
 * The HTTP contract between the bank and its callers: paths, headers, bodies and problem codes.
 *
 * It is written once: its words are in `wire.ts`, and its bodies are the schemas here. The function validates requests with them.
 * The client reads answers without a schema library, and `test/package/answers.test.ts` holds its readers to them.
 */

/** Largest request body the bank reads, in bytes. */
export const MAX_BODY_BYTES = 4096;

/** An account's name: 1 to 128 characters, safe in a path, a log line and a policy without any escaping. */
export const accountSchema = v.pipe(v.string(), v.regex(ACCOUNT.pattern, ACCOUNT.says));

/**
 * An idempotency key: a UUIDv7 (RFC 9562). Upper case is accepted as the RFC asks and brought to the canonical lower
 * case, because keys are compared as strings to tell older from newer.
 */
export const keySchema = v.pipe(v.string(), v.regex(KEY.pattern, KEY.says), v.toLowerCase());

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
  v.regex(BALANCE.pattern, BALANCE.says),
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

/** What each problem is called, beside what it means for its key. */
export const PROBLEMS = {
  bad_request: { ...SETTLED.bad_request, title: 'Bad request' },
  key_in_future: { ...SETTLED.key_in_future, title: 'Idempotency key from the future' },
  no_such_account: { ...SETTLED.no_such_account, title: 'No such account' },
  no_such_route: { ...SETTLED.no_such_route, title: 'No such route' },
  no_reply: { ...SETTLED.no_reply, title: 'No reply recorded' },
  not_enough_money: { ...SETTLED.not_enough_money, title: 'Not enough money' },
  balance_too_large: { ...SETTLED.balance_too_large, title: 'Balance too large' },
  cancelled: { ...SETTLED.cancelled, title: 'Idempotency key cancelled' },
  key_expired: { ...SETTLED.key_expired, title: 'Idempotency key expired' },
  key_reused: { ...SETTLED.key_reused, title: 'Idempotency key reused' },
  too_many_unacknowledged: { ...SETTLED.too_many_unacknowledged, title: 'Too many unacknowledged replies' },
  unavailable: { ...SETTLED.unavailable, title: 'Unavailable' },
} as const satisfies Record<ProblemCode, { status: number; title: string; final: boolean }>;

/** An RFC 9457 problem as the bank sends it. */
export type Problem = v.InferOutput<typeof problemSchema>;

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
