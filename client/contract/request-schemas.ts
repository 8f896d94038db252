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

/** The schema of a request body. It is strict, so that the bank never silently ignores a field. */
function body<const Entries extends v.ObjectEntries>(what: string, entries: Entries) {
  const fields = Object.entries(entries).map(
    ([name, { type }]) => `"${name}"${type === 'optional' ? ' (optional)' : ''}`,
  );
  return v.pipe(
    v.strictObject(entries, `the body must be a JSON object with these fields: ${fields.join(', ')}`),
    v.description(`${what} A retry has the same fields. Unknown fields are rejected.`),
  );
}

const reference = v.optional(referenceSchema);
const cash = { amount: amountSchema, reference };

export const depositBodySchema = body('A deposit.', {
  ...cash,
  mustExist: v.optional(
    v.pipe(
      v.boolean('mustExist must be true or false'),
      v.description('True to refuse the deposit if the account does not exist.'),
    ),
  ),
});

export const withdrawalBodySchema = body('A withdrawal.', cash);

export const transferBodySchema = body('A transfer.', cash);

export const holdBodySchema = body('A hold. Its idempotency key is the name of the hold.', {
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
  reference,
});

export const captureBodySchema = body('A capture.', {
  amount: v.optional(
    v.pipe(amountSchema, v.description('What to capture of the hold. Default: all that remains.')),
  ),
  final: v.optional(
    v.pipe(
      v.boolean('final must be true or false'),
      v.description('True to release what then remains of the hold, false to keep it for another capture.'),
    ),
    true,
  ),
  reference,
});

export const voidBodySchema = body('The end of a hold.', { reference });

export const refundBodySchema = body('A refund.', {
  amount: v.optional(
    v.pipe(
      amountSchema,
      v.description('What to refund of the call. Default: all that was not refunded before.'),
    ),
  ),
  reference,
});

export const statusBodySchema = v.pipe(
  body('A change of status.', {
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
    reference,
  }),
  v.check(({ debits, credits }) => debits !== undefined || credits !== undefined, STATUS),
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
  'the only query parameter of a balance is at',
);

export const accountsQuerySchema = v.strictObject(
  {
    limit: limitSchema,
    after: v.optional(
      v.pipe(accountSchema, v.description('Return accounts after this one, in the order of the table.')),
    ),
  },
  'the query parameters of the list of accounts are limit and after',
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
          v.picklist(['true', 'false'], 'refusals must be true or false'),
          v.transform((text) => text === 'true'),
          v.boolean(),
          v.description('True to include refused and cancelled calls, which moved no money.'),
          v.examples([true]),
        ),
        'false',
      ),
    },
    'the query parameters of a statement are limit, refusals, and before or after',
  ),
  v.check(({ before, after }) => before === undefined || after === undefined, BEFORE_AND_AFTER),
);
