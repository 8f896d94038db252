import * as v from 'valibot';
import {
  accountSchema,
  amountSchema,
  balanceSchema,
  formatted,
  keySchema,
  referenceSchema,
  sequenceSchema,
  sideSchema,
  timestampSchema,
} from './field-schemas.ts';
import { CHANGE, ENTRY_KEY } from './formats.ts';

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
    'An executed deposit or withdrawal: the balance after it, and the number and time of its entry.',
  ),
);

export const batchAnswersSchema = v.pipe(
  v.object({
    account: accountSchema,
    answers: v.array(
      v.object({
        key: keySchema,
        status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
        body: v.record(v.string(), v.unknown()),
        replayed: v.optional(
          v.pipe(
            v.literal(true),
            v.description(
              'Present if the answer was recorded before this request, which then moved nothing for this call.',
            ),
          ),
        ),
      }),
    ),
  }),
  v.description(
    'The answers to the calls of a batch, in the order of the calls: the status and the body that each call would get if it was sent alone.',
  ),
);

export const transferredSchema = v.pipe(
  v.object({ ...movedSchema.entries, to: accountSchema }),
  v.description(
    'An executed transfer. `balance` is that of the payer after it; `to` is the account that has the money now.',
  ),
);

export const heldSchema = v.pipe(
  v.object({ ...movedSchema.entries, held: balanceSchema, expiresAt: timestampSchema }),
  v.description(
    'A hold, whose name is `key`: the balance and the held money after it, and when the hold expires.',
  ),
);

export const voidedSchema = v.pipe(
  v.object({ ...movedSchema.entries, held: balanceSchema, hold: keySchema, amount: amountSchema }),
  v.description('A voided hold. `amount` is what was released.'),
);

export const capturedSchema = v.pipe(
  v.object({ ...voidedSchema.entries, to: v.optional(accountSchema) }),
  v.description(
    'An executed capture. `amount` is what was captured; `to` is the account that has it now, if it was transferred.',
  ),
);

export const refundedSchema = v.pipe(
  v.object({
    ...movedSchema.entries,
    call: entryKey('Key of the call that was refunded.'),
    amount: amountSchema,
    to: v.optional(accountSchema),
  }),
  v.description(
    'An executed refund. `balance` is the balance after it, and `amount` what was refunded; `to` is the account that has the money now, if a transfer was refunded.',
  ),
);

export const statusSchema = v.pipe(
  v.object({
    ...movedSchema.entries,
    debits: v.optional(sideSchema),
    credits: v.optional(sideSchema),
  }),
  v.description('An executed change of status: what was opened or frozen.'),
);

export const entrySchema = v.pipe(
  v.object({
    sequence: sequenceSchema,
    key: entryKey('Idempotency key of the call, or a key that the bank made.'),
    type: v.pipe(
      v.string(),
      v.description(
        '`deposit`, `withdrawal`, `transfer`, `credit`, `settled`, `returned`, `hold`, `capture`, `void`, `expired`, `refund`, `refunded`, `status`, `refused` or `cancelled`. Other types may be added.',
      ),
    ),
    code: v.optional(
      v.pipe(
        v.string(),
        v.description('For a refused call, or a returned transfer or refund: the code of the problem.'),
      ),
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
    other: v.optional(v.pipe(accountSchema, v.description('For a transfer or a refund: the other account.'))),
    transfer: v.optional(
      entryKey('For a transfer: the idempotency key of its call, which is on the account of the payer.'),
    ),
    hold: v.optional(entryKey('For a hold: its name, which is the idempotency key that made it.')),
    call: v.optional(entryKey('For a refund: the key of the refunded call.')),
    refund: v.optional(
      entryKey('For the end of a refund, and for its credit: the idempotency key of the refund.'),
    ),
    debits: v.optional(v.pipe(sideSchema, v.description('For a change of status: what debits became.'))),
    credits: v.optional(v.pipe(sideSchema, v.description('For a change of status: what credits became.'))),
  }),
  v.description(
    'One entry of a statement. `amount` is the amount of the call, or what was captured, released or refunded; `balance` is the balance after the entry.',
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
    'A part of the entries. `next` is the `before` or `after` of the next part; the last part has no `next`.',
  ),
);

export const balanceBodySchema = v.pipe(
  v.object({
    account: accountSchema,
    balance: balanceSchema,
    held: balanceSchema,
    debits: frozen('Present while money must not leave the account.'),
    credits: frozen('Present while money must not come in.'),
  }),
  v.description(
    'An account. `balance` is what can be taken out; `held` is what holds, transfers under way and refunds under way have reserved in addition.',
  ),
);

function frozen(description: string) {
  return v.optional(v.pipe(v.literal('frozen'), v.description(description)));
}

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
  v.description('The open holds of an account, in the order of their keys.'),
);

export const accountsBodySchema = v.pipe(
  v.object({ accounts: v.array(listedAccountSchema), next: v.optional(v.string()) }),
  v.description(
    'A part of the accounts. `next` is the `after` of the next part, not always an account; the last part has no `next`.',
  ),
);

export const recordedReplySchema = v.pipe(
  v.object({
    key: keySchema,
    status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
    body: v.record(v.string(), v.unknown()),
    refunded: v.optional(
      v.pipe(amountSchema, v.description('What was refunded of the call so far. Absent if nothing.')),
    ),
  }),
  v.description('The status and the body of the answer to the call with this key.'),
);

export const pendingSchema = v.pipe(
  v.object({ key: keySchema, outcome: v.literal('pending') }),
  v.description(
    'A transfer or a refund with this key is under way. Held money goes to its destination or back to the balance.',
  ),
);

export const cancellationSchema = v.pipe(
  v.variant('outcome', [
    v.object({ key: keySchema, outcome: v.literal('cancelled') }),
    v.object({
      key: keySchema,
      outcome: v.literal('answered'),
      reply: v.object({
        status: recordedReplySchema.entries.status,
        body: recordedReplySchema.entries.body,
      }),
    }),
  ]),
  v.description(
    '`cancelled`: no call with this key can be executed any more. `answered`: its call was answered before, and `reply` is that answer, which may be a refusal. A transfer or refund under way is completed first.',
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
   * Present and `false` on a 503 if this attempt certainly did not execute the call (it never reached the table, or the table rejected every
   * write). Absent if the bank does not know.
   */
  executed: v.optional(v.literal(false)),
});

/** An RFC 9457 problem as the bank sends it. */
export type Problem = v.InferOutput<typeof problemSchema>;
