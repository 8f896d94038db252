import * as v from 'valibot';
import {
  ACCOUNT,
  AMOUNT,
  BALANCE,
  CHANGE,
  DEFAULT_LIMIT,
  ENTRY_KEY,
  type Format,
  KEY,
  LIMIT,
  MAX_LIMIT,
  REFERENCE,
  SEQUENCE,
  TIMESTAMP,
} from './formats.ts';
import { BEFORE_AND_AFTER } from './problem-reference.ts';

export * from './formats.ts';
export * from './operations.ts';
export * from './problems.ts';

/**
 * The schemas of what goes over the wire. The function validates requests with them, and the OpenAPI document is made from them,
 * descriptions included. The client reads answers without a schema library (`read-answer.ts`), and
 * `test/package/answers.test.ts` checks that both accept the same.
 */

/** Largest request body the bank reads, in bytes. */
export const MAX_BODY_BYTES = 4096;

export const accountSchema = v.pipe(
  v.string(),
  formatted(ACCOUNT),
  v.description(
    'Name of an account: 1 to 128 letters, digits and . _ : @ -, starting with a letter or digit.',
  ),
  v.examples(['joe']),
);

/** Upper case is accepted as the RFC asks and brought to lower case, because keys are compared as strings to tell older from newer. */
export const keySchema = v.pipe(
  v.string(),
  formatted(KEY),
  v.description(
    'Idempotency key: a UUIDv7 (RFC 9562). When it is first used, its timestamp is at most 5 minutes ahead of the clock of the bank and at most 30 days behind it. The bank returns it in lower case.',
  ),
  v.toLowerCase(),
);

/** The time that a caller will still wait. The bank ignores what is not valid. */
export const timeLeftMsSchema = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,9}$/),
  v.description('Whole milliseconds. Other values are ignored.'),
  v.examples(['2000']),
);

export const amountSchema = v.pipe(
  v.string('an amount is a string of decimal digits'),
  formatted(AMOUNT),
  v.description(
    'Amount in whole minor units, as a string of decimal digits: 1 to 999999999999999, without sign, fraction or leading zero.',
  ),
  v.transform((digits) => BigInt(digits)),
);

export const balanceSchema = v.pipe(
  v.string(),
  formatted(BALANCE),
  v.description(
    'Balance in whole minor units, as a string of decimal digits. No deposit makes a balance of more than 15 digits, but a balance may have up to 18.',
  ),
  v.transform((digits) => BigInt(digits)),
);

export const referenceSchema = v.pipe(
  v.string(REFERENCE.message),
  formatted(REFERENCE),
  v.description(
    "The caller's own text for a call, which the statement shows: 1 to 64 printable ASCII characters.",
  ),
);

// Strict, so that the bank never silently ignores a field.
export const depositBodySchema = v.pipe(
  v.strictObject(
    {
      amount: amountSchema,
      reference: v.optional(referenceSchema),
      mustExist: v.optional(
        v.pipe(v.boolean(), v.description('True to refuse the deposit if the account does not exist.')),
      ),
    },
    'the body is a JSON object with "amount", and perhaps "reference" and "mustExist"',
  ),
  v.description('A deposit. A retry has the same fields. Unknown fields are rejected.'),
);

export const withdrawalBodySchema = v.pipe(
  v.strictObject(
    { amount: amountSchema, reference: v.optional(referenceSchema) },
    'the body is a JSON object with "amount", and perhaps "reference"',
  ),
  v.description('A withdrawal. A retry has the same fields. Unknown fields are rejected.'),
);

export const sequenceSchema = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(1),
  v.description(
    'Number of an entry in the book of its account. The first entry has 1, and there are no gaps.',
  ),
);

export const timestampSchema = v.pipe(
  v.string(),
  formatted(TIMESTAMP),
  v.check(exists, TIMESTAMP.message),
  v.description('A time (RFC 3339).'),
);

export const healthSchema = v.pipe(
  v.object({ status: v.literal('ok') }),
  v.description('A strongly consistent read succeeded in this Region.'),
);

export const movedSchema = v.pipe(
  v.object({
    account: accountSchema,
    key: keySchema,
    balance: balanceSchema,
    sequence: sequenceSchema,
    at: timestampSchema,
  }),
  v.description(
    'An executed deposit or withdrawal: the balance right after it, and the number and time of its entry.',
  ),
);

/** Size of a page, in a query. */
const limitSchema = v.optional(
  v.pipe(
    v.string(),
    formatted(LIMIT),
    v.transform(Number),
    v.number(),
    v.integer(),
    v.minValue(1),
    v.maxValue(MAX_LIMIT),
    v.description('Maximum number of items to return.'),
    v.examples([10]),
  ),
  String(DEFAULT_LIMIT),
);

export const balanceQuerySchema = v.strictObject(
  {
    at: v.optional(
      v.pipe(
        timestampSchema,
        v.description('Return the balance at this time, which must not be in the future. Default: now.'),
        v.examples(['2026-11-01T13:00:00Z']),
      ),
    ),
  },
  'the query of a balance is empty, or has at',
);

export const accountsQuerySchema = v.strictObject(
  {
    limit: limitSchema,
    after: v.optional(
      v.pipe(accountSchema, v.description('Return accounts after this one, in the order of the table.')),
    ),
  },
  'the query of the accounts may have limit and after',
);

/** The number of an entry, in a query. */
function entryNumber(description: string, example: number) {
  return v.optional(
    v.pipe(
      v.string(),
      formatted(SEQUENCE),
      v.transform(Number),
      v.number(),
      v.integer(),
      v.minValue(0),
      v.description(description),
      v.examples([example]),
    ),
  );
}

export const entriesQuerySchema = v.pipe(
  v.strictObject(
    {
      limit: limitSchema,
      before: entryNumber(
        'Return entries with a lower number, newest first. Cannot be combined with `after`.',
        42,
      ),
      after: entryNumber(
        'Return entries with a higher number, oldest first; 0 starts at the first entry. Cannot be combined with `before`.',
        0,
      ),
      refusals: v.optional(
        v.pipe(
          v.picklist(['true', 'false'], 'refusals is true or false'),
          v.transform((text) => text === 'true'),
          v.boolean(),
          v.description('True to include refused and cancelled calls, which moved no money.'),
          v.examples([true]),
        ),
        'false',
      ),
    },
    'the query of a statement may have limit, refusals, and before or after',
  ),
  v.check(({ before, after }) => before === undefined || after === undefined, BEFORE_AND_AFTER),
);

export const entrySchema = v.pipe(
  v.object({
    sequence: sequenceSchema,
    key: v.pipe(
      v.string(),
      formatted(ENTRY_KEY),
      v.description('Idempotency key of the call, or a key that the bank made.'),
    ),
    type: v.pipe(
      v.string(),
      v.description('`deposit`, `withdrawal`, `refused` or `cancelled`. Other types may be added.'),
    ),
    code: v.optional(v.pipe(v.string(), v.description('Of a refused call: the code of the problem.'))),
    amount: v.optional(amountSchema),
    change: v.pipe(
      v.string(),
      formatted(CHANGE),
      v.description('What the entry added to the balance, with a minus sign if it took money.'),
      v.transform((digits) => BigInt(digits)),
    ),
    balance: balanceSchema,
    at: timestampSchema,
    reference: v.optional(referenceSchema),
  }),
  v.description(
    'One entry of a statement. `amount` is the amount of the call, `balance` the balance after the entry.',
  ),
);

export const entriesBodySchema = v.pipe(
  v.object({ account: accountSchema, entries: v.array(entrySchema), next: v.optional(sequenceSchema) }),
  v.description(
    'A page of entries. `next` is the `before` or `after` of the next page; the last page has none.',
  ),
);

export const balanceBodySchema = v.pipe(
  v.object({ account: accountSchema, balance: balanceSchema }),
  v.description('An account and its balance.'),
);

export const accountsBodySchema = v.pipe(
  v.object({ accounts: v.array(balanceBodySchema), next: v.optional(accountSchema) }),
  v.description('A page of accounts. `next` is the `after` of the next page; the last page has none.'),
);

export const recordedReplySchema = v.pipe(
  v.object({
    key: keySchema,
    status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
    body: v.record(v.string(), v.unknown()),
  }),
  v.description('The status and the body that the call with this key was answered with.'),
);

export const cancellationSchema = v.pipe(
  v.variant('outcome', [
    v.object({ key: keySchema, outcome: v.literal('cancelled') }),
    v.object({
      key: keySchema,
      outcome: v.literal('executed'),
      reply: v.object({
        status: recordedReplySchema.entries.status,
        body: recordedReplySchema.entries.body,
      }),
    }),
  ]),
  v.description(
    '`cancelled`: no call with this key can be executed any more. `executed`: its call was answered before, and `reply` is that answer, which may be a refusal.',
  ),
);

/** RFC 9457 problem, with the members that this bank adds. */
export const problemSchema = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  code: v.string(),
  /**
   * Present and `false` on a 503 whose call certainly was not executed by this attempt (the table was never reached, or
   * rejected every write). Absent when the bank cannot tell.
   */
  executed: v.optional(v.literal(false)),
});

/** An RFC 9457 problem as the bank sends it. */
export type Problem = v.InferOutput<typeof problemSchema>;

function formatted({ pattern, message }: Format) {
  return v.regex<string, string>(pattern, message);
}

/** The format admits days and hours that do not exist, and `Date` takes the 30th of February for the 2nd of March. */
function exists(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return !Number.isNaN(Date.parse(text)) && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
