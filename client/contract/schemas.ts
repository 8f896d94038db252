import * as v from 'valibot';
import {
  ACCOUNT,
  AMOUNT,
  BALANCE,
  CHANGE,
  DEFAULT_EXPIRES_IN_SECONDS,
  DEFAULT_LIMIT,
  ENTRY_KEY,
  EXPIRES_IN_SECONDS,
  type Format,
  KEY,
  LIMIT,
  MAX_EXPIRES_IN_SECONDS,
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

export const transferBodySchema = v.pipe(
  v.strictObject(
    { amount: amountSchema, reference: v.optional(referenceSchema) },
    'the body is a JSON object with "amount", and perhaps "reference"',
  ),
  v.description('A transfer. A retry has the same fields. Unknown fields are rejected.'),
);

export const holdBodySchema = v.pipe(
  v.strictObject(
    {
      amount: amountSchema,
      expiresInSeconds: v.optional(
        v.pipe(
          v.number(EXPIRES_IN_SECONDS),
          v.integer(EXPIRES_IN_SECONDS),
          v.minValue(1, EXPIRES_IN_SECONDS),
          v.maxValue(MAX_EXPIRES_IN_SECONDS, EXPIRES_IN_SECONDS),
          v.description('Seconds until the hold expires and its money can be taken out again.'),
        ),
        DEFAULT_EXPIRES_IN_SECONDS,
      ),
      reference: v.optional(referenceSchema),
    },
    'the body is a JSON object with "amount", and perhaps "expiresInSeconds" and "reference"',
  ),
  v.description(
    'A hold. Its idempotency key is the name of the hold. A retry has the same fields. Unknown fields are rejected.',
  ),
);

export const captureBodySchema = v.pipe(
  v.strictObject(
    {
      amount: v.optional(
        v.pipe(amountSchema, v.description('What to capture of the hold. Default: all that remains.')),
      ),
      final: v.optional(
        v.pipe(
          v.boolean('final is true or false'),
          v.description(
            'True to release what then remains of the hold, false to keep it for another capture.',
          ),
        ),
        true,
      ),
      reference: v.optional(referenceSchema),
    },
    'the body is a JSON object, perhaps with "amount", "final" and "reference"',
  ),
  v.description('A capture. A retry has the same fields. Unknown fields are rejected.'),
);

export const voidBodySchema = v.pipe(
  v.strictObject(
    { reference: v.optional(referenceSchema) },
    'the body is a JSON object, perhaps with "reference"',
  ),
  v.description('The end of a hold. A retry has the same fields. Unknown fields are rejected.'),
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

export const transferredSchema = v.pipe(
  v.object({ ...movedSchema.entries, to: accountSchema }),
  v.description('An executed transfer: like a withdrawal, with the account that has the money now.'),
);

export const heldSchema = v.pipe(
  v.object({ ...movedSchema.entries, held: balanceSchema, expiresAt: timestampSchema }),
  v.description(
    'A hold, whose name is `key`: what can be taken out and what is held right after it, and when the hold expires.',
  ),
);

export const voidedSchema = v.pipe(
  v.object({ ...movedSchema.entries, held: balanceSchema, hold: keySchema, amount: amountSchema }),
  v.description('A voided hold. `amount` is what was released.'),
);

export const capturedSchema = v.pipe(
  v.object({ ...voidedSchema.entries, to: v.optional(accountSchema) }),
  v.description(
    'An executed capture. `amount` is what was captured, and `to` the account that has it now, if it was transferred.',
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
    key: entryKey('Idempotency key of the call, or a key that the bank made.'),
    type: v.pipe(
      v.string(),
      v.description(
        '`deposit`, `withdrawal`, `transfer`, `credit`, `settled`, `returned`, `hold`, `capture`, `void`, `expired`, `refused` or `cancelled`. Other types may be added.',
      ),
    ),
    code: v.optional(
      v.pipe(v.string(), v.description('Of a refused call or a returned transfer: the code of the problem.')),
    ),
    amount: v.optional(amountSchema),
    change: changed('What the entry added to the balance, with a minus sign if it took money.'),
    heldChange: v.optional(
      changed(
        'What the entry added to the held money, with a minus sign if it took some. Absent if nothing.',
      ),
    ),
    balance: balanceSchema,
    at: timestampSchema,
    reference: v.optional(referenceSchema),
    other: v.optional(v.pipe(accountSchema, v.description('Of a transfer: the other account.'))),
    transfer: v.optional(
      entryKey('Of a transfer: the idempotency key of its call, which is on the account of the payer.'),
    ),
    hold: v.optional(entryKey('Of a hold: its name, which is the idempotency key that made it.')),
  }),
  v.description(
    'One entry of a statement. `amount` is the amount of the call, or what was captured or released; `balance` is the balance after the entry.',
  ),
);

function entryKey(description: string) {
  return v.pipe(v.string(), formatted(ENTRY_KEY), v.description(description));
}

function changed(description: string) {
  return v.pipe(
    v.string(),
    formatted(CHANGE),
    v.description(description),
    v.transform((digits) => BigInt(digits)),
  );
}

export const entriesBodySchema = v.pipe(
  v.object({ account: accountSchema, entries: v.array(entrySchema), next: v.optional(sequenceSchema) }),
  v.description(
    'A page of entries. `next` is the `before` or `after` of the next page; the last page has none.',
  ),
);

export const balanceBodySchema = v.pipe(
  v.object({ account: accountSchema, balance: balanceSchema, held: balanceSchema }),
  v.description(
    'An account. `balance` is what can be taken out, `held` what its holds and its transfers under way have reserved beside it.',
  ),
);

export const listedAccountSchema = v.pipe(
  v.object({ account: accountSchema, balance: balanceSchema }),
  v.description('An account and its balance.'),
);

export const holdsBodySchema = v.pipe(
  v.object({
    account: accountSchema,
    holds: v.array(
      v.object({
        hold: v.pipe(keySchema, v.description('Name of the hold: the idempotency key that made it.')),
        amount: amountSchema,
        remaining: v.pipe(amountSchema, v.description('What can still be captured.')),
        expiresAt: timestampSchema,
        reference: v.optional(referenceSchema),
      }),
    ),
  }),
  v.description('The open holds of an account, oldest first.'),
);

export const accountsBodySchema = v.pipe(
  v.object({ accounts: v.array(listedAccountSchema), next: v.optional(accountSchema) }),
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

export const pendingSchema = v.pipe(
  v.object({ key: keySchema, outcome: v.literal('pending') }),
  v.description(
    'A transfer with this key is under way: the money is held, and goes to its destination or back to the payer.',
  ),
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
    '`cancelled`: no call with this key can be executed any more. `executed`: its call was answered before, and `reply` is that answer, which may be a refusal. A transfer under way is driven to its end first.',
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
