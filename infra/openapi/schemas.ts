import { type JsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import * as v from 'valibot';
import {
  accountSchema,
  acknowledgedKeysSchema,
  amountSchema,
  balanceBodySchema,
  balanceSchema,
  cancellationSchema,
  keySchema,
  moveBodySchema,
  movedSchema,
  PROBLEM_PAGE,
  PROBLEMS,
  type ProblemCode,
  problemSchema,
  recordedReplySchema,
  timeLeftMsSchema,
} from '../../client/contract.ts';

/** The problems that the bank records as the reply of a call that it refused. */
export const RECORDED_REFUSALS = ['no_such_account', 'not_enough_money', 'balance_too_large'] as const;

const [cancelledSchema, executedSchema] = cancellationSchema.options;
const { executed, ...problemEntries } = problemSchema.entries;

/** A problem of one code. Only `unavailable` may say that the call was certainly not executed. */
function problemOf(code: ProblemCode): v.GenericSchema {
  const { status, title } = PROBLEMS[code];
  const entries: v.ObjectEntries = {
    ...problemEntries,
    type: v.literal(`${PROBLEM_PAGE}#${code}`),
    title: v.literal(title),
    status: v.literal(status),
    code: v.literal(code),
    ...(code === 'unavailable' ? { executed } : {}),
  };
  return v.object(entries);
}

const problemSchemas = Object.fromEntries(
  Object.keys(PROBLEMS).map((code) => [code, problemOf(code as ProblemCode)]),
) as Record<ProblemCode, v.GenericSchema>;

/** What a call can have been answered for ever, each with the members that stand beside it. */
function recordedWith(entries: v.ObjectEntries, codes: readonly ProblemCode[]): v.GenericSchema {
  return v.union([
    v.object({ ...entries, status: v.literal(200), body: movedSchema }),
    ...codes.map((code) =>
      v.object({ ...entries, status: v.literal(PROBLEMS[code].status), body: problemSchemas[code] }),
    ),
  ]);
}

/** Name of the schema of a problem: `NotEnoughMoney` for `not_enough_money`. */
export function problemSchemaName(code: ProblemCode): string {
  return code.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Every schema of the document by its name: those that the function and the client validate with, and compositions of
 * them where the document can say more, such as which bodies a recorded reply may have.
 */
export const SCHEMAS = {
  Account: accountSchema,
  Key: keySchema,
  // A header without any key holds one that is empty, which is none.
  AcknowledgedKeys: v.pipe(acknowledgedKeysSchema, v.minLength(1)),
  TimeLeftMs: timeLeftMsSchema,
  Amount: amountSchema,
  Balance: balanceSchema,
  MoveBody: moveBodySchema,
  Moved: movedSchema,
  AccountBalance: balanceBodySchema,
  RecordedReply: recordedWith({ key: recordedReplySchema.entries.key }, [...RECORDED_REFUSALS, 'cancelled']),
  Cancellation: v.variant('outcome', [
    cancelledSchema,
    v.object({ ...executedSchema.entries, reply: recordedWith({}, RECORDED_REFUSALS) }),
  ]),
  Health: v.object({ status: v.literal('ok') }),
  GatewayAnswer: v.object({ message: v.string() }),
  ...Object.fromEntries(
    Object.entries(problemSchemas).map(([code, schema]) => [problemSchemaName(code as ProblemCode), schema]),
  ),
} satisfies Record<string, v.GenericSchema>;

/** What a schema cannot say by itself. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  Account: 'Name of an account: 1 to 128 letters, digits and . _ : @ -, starting with a letter or digit.',
  Key: 'Idempotency key: a UUIDv7 (RFC 9562), at most 5 minutes ahead of the clock of the bank and at most 30 days behind it. Upper case is brought to lower case.',
  AcknowledgedKeys: 'Keys whose replies the caller holds and will never ask for again.',
  TimeLeftMs: 'Whole milliseconds. Anything else is ignored.',
  Amount:
    'Whole minor units as decimal digits: 1 to 999999999999999, without sign, fraction or leading zero.',
  Balance: 'Whole minor units as decimal digits: 0 to 999999999999999.',
  MoveBody: 'How much to move. A field that the bank does not know is refused.',
  Moved: 'The money was moved, and this is the balance right after it.',
  AccountBalance: 'The balance as a strongly consistent read found it.',
  RecordedReply: 'The status and the body that the call of a key was answered with.',
  Cancellation:
    'Either the key is cancelled and can never be executed, or its call had been answered before; then `reply` is that answer, which may be a refusal.',
  Health: 'A strongly consistent read works in this Region.',
  GatewayAnswer: 'What the gateway answers by itself, without the bank or instead of it.',
};

/** The schemas of the document as JSON Schema 2020-12, the dialect of OpenAPI 3.1: the form that they have on the wire. */
export function componentSchemas(): Record<string, JsonSchema> {
  const schemas = toJsonSchemaDefs(SCHEMAS as Record<string, v.GenericSchema>, {
    target: 'draft-2020-12',
    // What is on the wire, before strings of digits become bigints. This ends where a schema transforms for the first time.
    typeMode: 'input',
    errorMode: 'throw',
    // Not taken for a transformation by the converter, though both sides bring keys to lower case only after the check.
    ignoreActions: ['to_lower_case'],
    overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const description = DESCRIPTIONS[name];
      return [name, description === undefined ? schema : { ...schema, description }];
    }),
  );
}
