import * as v from 'valibot';
import {
  amountSchema,
  formatted,
  keySchema,
  referenceSchema,
  sideSchema,
  timestampSchema,
} from './field-schemas.ts';
import * as formats from './formats.ts';
import { BEFORE_AND_AFTER } from './problem-reference.ts';

/** Largest request body that the bank reads, in bytes, and the largest one of a batch. */
export const MAX_BODY_BYTES = 4096;
export const MAX_BATCH_BODY_BYTES = 16_384;

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

/** The same call in a batch: with its operation and its key. */
function batched<const Name extends string, const Entries extends v.ObjectEntries>(
  operation: Name,
  entries: Entries,
) {
  const fields = ['operation', 'key', ...Object.keys(entries)].join(', ');
  return v.strictObject(
    { operation: v.literal(operation), key: keySchema, ...entries },
    `a ${operation} in a batch has these fields: ${fields}`,
  );
}

export const batchBodySchema = body('A batch of deposits and withdrawals of one account.', {
  calls: v.pipe(
    v.array(
      v.variant(
        'operation',
        [batched('deposit', depositBodySchema.entries), batched('withdraw', withdrawalBodySchema.entries)],
        formats.BATCH_CALLS,
      ),
      formats.BATCH_CALLS,
    ),
    v.minLength(1, formats.BATCH_CALLS),
    v.maxLength(formats.MAX_BATCH_CALLS, formats.BATCH_CALLS),
    v.check((calls) => new Set(calls.map(({ key }) => key)).size === calls.length, formats.BATCH_KEYS),
    v.description('The calls, each with its own idempotency key.'),
  ),
});

export const transferBodySchema = body('A transfer.', cash);

export const holdBodySchema = body('A hold. Its idempotency key is the name of the hold.', {
  amount: amountSchema,
  expiresInSeconds: v.optional(
    v.pipe(
      v.number(formats.EXPIRES_IN_SECONDS),
      v.integer(formats.EXPIRES_IN_SECONDS),
      v.minValue(1, formats.EXPIRES_IN_SECONDS),
      v.maxValue(formats.MAX_EXPIRES_IN_SECONDS, formats.EXPIRES_IN_SECONDS),
      v.description('Seconds until the hold expires and its money can be taken out again.'),
    ),
    formats.DEFAULT_EXPIRES_IN_SECONDS,
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
          'Whether money may leave the account: by withdrawals, transfers, holds, captures and refunds of transfers. Default: no change.',
        ),
      ),
    ),
    credits: v.optional(
      v.pipe(
        sideSchema,
        v.description(
          'Whether money may come in: by deposits, transfers, and refunds of withdrawals and captures. Default: no change.',
        ),
      ),
    ),
    reference,
  }),
  v.check(({ debits, credits }) => debits !== undefined || credits !== undefined, formats.STATUS),
);

/** Most entries or accounts in the answer, in a query. */
const limitSchema = v.optional(
  v.pipe(
    v.string(),
    formatted(formats.LIMIT),
    v.transform(Number),
    v.number(),
    v.integer(),
    v.minValue(1),
    v.maxValue(formats.MAX_LIMIT),
    v.description('Maximum number of items to return.'),
    v.examples([10]),
  ),
  String(formats.DEFAULT_LIMIT),
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
      v.pipe(
        v.string(),
        formatted(formats.AFTER),
        v.description('Return accounts after this one, or the part after this `next`.'),
      ),
    ),
  },
  'the query parameters of the list of accounts are limit and after',
);

/** The number of an entry, in a query. */
function entryNumber(description: string, example: number) {
  return v.optional(
    v.pipe(
      v.string(),
      formatted(formats.SEQUENCE),
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
