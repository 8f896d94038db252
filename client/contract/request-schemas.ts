import * as v from 'valibot';
import {
  accountSchema,
  amountSchema,
  formatted,
  referenceSchema,
  sideSchema,
  timestampSchema,
} from './field-schemas.ts';
import {
  DEFAULT_EXPIRES_IN_SECONDS,
  DEFAULT_LIMIT,
  EXPIRES_IN_SECONDS,
  LIMIT,
  MAX_EXPIRES_IN_SECONDS,
  MAX_LIMIT,
  SEQUENCE,
  STATUS,
} from './formats.ts';
import { BEFORE_AND_AFTER } from './problem-reference.ts';

/** Largest request body the bank reads, in bytes. */
export const MAX_BODY_BYTES = 4096;

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

export const refundBodySchema = v.pipe(
  v.strictObject(
    {
      amount: v.optional(
        v.pipe(
          amountSchema,
          v.description('What to refund of the call. Default: all that was not refunded before.'),
        ),
      ),
      reference: v.optional(referenceSchema),
    },
    'the body is a JSON object, perhaps with "amount" and "reference"',
  ),
  v.description('A refund. A retry has the same fields. Unknown fields are rejected.'),
);

export const statusBodySchema = v.pipe(
  v.strictObject(
    {
      debits: v.optional(
        v.pipe(
          sideSchema,
          v.description(
            'Whether money may leave the account: by withdrawals, transfers, holds and captures. Default: as it is.',
          ),
        ),
      ),
      credits: v.optional(
        v.pipe(
          sideSchema,
          v.description('Whether money may come in: by deposits and transfers. Default: as it is.'),
        ),
      ),
      reference: v.optional(referenceSchema),
    },
    'the body is a JSON object with "debits", "credits" or both, and perhaps "reference"',
  ),
  v.check(({ debits, credits }) => debits !== undefined || credits !== undefined, STATUS),
  v.description('A change of status. A retry has the same fields. Unknown fields are rejected.'),
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
