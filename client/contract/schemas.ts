import * as v from 'valibot';
import {
  ACCOUNT,
  BALANCE,
  CHANGE,
  DEFAULT_LIMIT,
  ENTRY_KEY,
  type Form,
  KEY,
  MAX_LIMIT,
  MOMENT,
  OPERATIONS,
  type Operation,
  REFERENCE,
  SEQUENCE,
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
export const accountSchema = v.pipe(v.string(), formed(ACCOUNT));

/**
 * An idempotency key: a UUIDv7 (RFC 9562). Upper case is accepted as the RFC asks and brought to the canonical lower
 * case, because keys are compared as strings to tell older from newer.
 */
export const keySchema = v.pipe(v.string(), formed(KEY), v.toLowerCase());

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
  formed(BALANCE),
  v.transform((digits) => BigInt(digits)),
);

/** The caller's own words for a call. */
export const referenceSchema = v.pipe(v.string(REFERENCE.says), formed(REFERENCE));

/** Bodies of what moves money. Strict: a field that the bank would ignore must not look as if it had been obeyed. */
export const moveBodySchemas = {
  deposit: v.strictObject(
    { amount: amountSchema, reference: v.optional(referenceSchema), mustExist: v.optional(v.boolean()) },
    'the body is a JSON object with "amount", and perhaps "reference" and "mustExist"',
  ),
  withdraw: v.strictObject(
    { amount: amountSchema, reference: v.optional(referenceSchema) },
    'the body is a JSON object with "amount", and perhaps "reference"',
  ),
};

/** The number of an entry in its book, from 1. */
export const sequenceSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** A moment, in UTC. */
export const momentSchema = v.pipe(v.string(), formed(MOMENT), v.check(isMoment, MOMENT.says));

/** 200 body of a deposit or withdrawal: the balance after it, and its place in the account's book. */
export const movedSchema = v.object({
  account: accountSchema,
  key: keySchema,
  balance: balanceSchema,
  sequence: sequenceSchema,
  at: momentSchema,
});

const entryNumberSchema = v.pipe(
  v.string(),
  formed(SEQUENCE),
  v.transform((digits) => Number(digits)),
);

/** How many of what is listed are wanted, in a query. */
export const limitSchema = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^([1-9][0-9]?|100)$/, `limit is 1 to ${MAX_LIMIT}`),
    v.transform((digits) => Number(digits)),
  ),
  String(DEFAULT_LIMIT),
);

/** Query of a balance: `at` asks for the balance at that moment. */
export const balanceQuerySchema = v.strictObject(
  { at: v.optional(momentSchema) },
  'a balance is asked for with nothing, or with at',
);

/** Query of the list of accounts: those behind `after`, in the order of the table. */
export const accountsQuerySchema = v.strictObject(
  { limit: limitSchema, after: v.optional(accountSchema) },
  'accounts are asked for with limit and after',
);

/** Query of a statement. */
export const entriesQuerySchema = v.pipe(
  v.strictObject(
    {
      limit: limitSchema,
      before: v.optional(entryNumberSchema),
      after: v.optional(entryNumberSchema),
      refusals: v.optional(v.picklist(['true', 'false'], 'refusals is true or false'), 'false'),
    },
    'a statement is asked for with limit, refusals, and before or after',
  ),
  v.check(
    ({ before, after }) => before === undefined || after === undefined,
    'before and after cannot go together',
  ),
);

/** One entry of a statement. */
export const entrySchema = v.object({
  sequence: sequenceSchema,
  key: v.pipe(v.string(), formed(ENTRY_KEY)),
  type: v.string(),
  code: v.optional(v.string()),
  amount: v.optional(amountSchema),
  change: v.pipe(
    v.string(),
    formed(CHANGE),
    v.transform((digits) => BigInt(digits)),
  ),
  balance: balanceSchema,
  at: momentSchema,
  reference: v.optional(referenceSchema),
});

/** 200 body of a statement: `next` is where its next page begins, as `before` or `after` of the next request. */
export const entriesBodySchema = v.object({
  account: accountSchema,
  entries: v.array(entrySchema),
  next: v.optional(sequenceSchema),
});

/** 200 body of a balance. */
export const balanceBodySchema = v.object({
  account: accountSchema,
  balance: balanceSchema,
});

/** 200 body of the list of accounts: `next` is what the next request gives as `after`. */
export const accountsBodySchema = v.object({
  accounts: v.array(balanceBodySchema),
  next: v.optional(accountSchema),
});

/** 200 body of a recorded reply: the status and the body that the call was answered with. */
export const recordedReplySchema = v.object({
  key: keySchema,
  status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
  body: v.record(v.string(), v.unknown()),
});

/** 200 body of a cancellation: the key is cancelled, or this is what its call was answered. */
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

/** An RFC 9457 problem as the bank sends it. */
export type Problem = v.InferOutput<typeof problemSchema>;

/** What a gateway calls the requests that it has no route for. */
export const NO_ROUTE_KEY = '$default';

/** The operation of a request, and the names in its path. The gateway, which enforces who may call, goes by the same patterns. */
export function operationOf(
  method: string,
  path: string,
): { readonly operation: Operation; readonly names: Readonly<Record<string, string>> } | undefined {
  for (const operation of Object.keys(OPERATIONS) as Operation[]) {
    const names =
      OPERATIONS[operation].method === method ? matched(OPERATIONS[operation].path, path) : undefined;
    if (names !== undefined) return { operation, names };
  }
  return undefined;
}

/** The key of the route that a gateway finds for a request, such as `GET /accounts/{account}`. */
export function routeKeyOf(method: string, path: string): string {
  const found = operationOf(method, path);
  return found === undefined ? NO_ROUTE_KEY : `${method} ${OPERATIONS[found.operation].path}`;
}

function formed({ pattern, says }: Form) {
  return v.regex<string, string>(pattern, says);
}

/** The form lets through days and hours that there are not, and the 30th of February is the 2nd of March to `Date`. */
function isMoment(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return !Number.isNaN(Date.parse(text)) && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function matched(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const segments = path.split('/');
  const parts = pattern.split('/');
  const isMatch =
    parts.length === segments.length &&
    parts.every(
      (part, index) => part === segments[index] || (part.startsWith('{') && segments[index] !== ''),
    );
  if (!isMatch) return undefined;
  return Object.fromEntries(
    parts.flatMap((part, index) =>
      part.startsWith('{') ? [[part.slice(1, -1), segments[index] ?? '']] : [],
    ),
  );
}
