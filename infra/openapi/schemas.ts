import { type JsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import * as v from 'valibot';
import {
  accountSchema,
  accountsBodySchema,
  amountSchema,
  balanceBodySchema,
  balanceSchema,
  cancellationSchema,
  entriesBodySchema,
  entrySchema,
  keySchema,
  momentSchema,
  moveBodySchemas,
  movedSchema,
  PROBLEM_PAGE,
  PROBLEMS,
  type ProblemCode,
  problemSchema,
  recordedReplySchema,
  referenceSchema,
  sequenceSchema,
  timeLeftMsSchema,
} from '../../client/contract/schemas.ts';

const CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** The problems that are entries of a book, and those of them that a call was refused with. */
const RECORDED = CODES.filter((code) => PROBLEMS[code].recorded);
const RECORDED_REFUSALS = RECORDED.filter((code) => code !== 'cancelled');

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

const problemSchemas = Object.fromEntries(CODES.map((code) => [code, problemOf(code)])) as Record<
  ProblemCode,
  v.GenericSchema
>;

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
  TimeLeftMs: timeLeftMsSchema,
  Amount: amountSchema,
  Balance: balanceSchema,
  Sequence: sequenceSchema,
  Moment: momentSchema,
  Reference: referenceSchema,
  DepositBody: moveBodySchemas.deposit,
  WithdrawalBody: moveBodySchemas.withdraw,
  Moved: movedSchema,
  AccountBalance: balanceBodySchema,
  Accounts: accountsBodySchema,
  Entry: entrySchema,
  Entries: entriesBodySchema,
  RecordedReply: recordedWith({ key: recordedReplySchema.entries.key }, RECORDED),
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
  Key: 'Idempotency key: a UUIDv7 (RFC 9562). When it is first used it is at most 5 minutes ahead of the clock of the bank and at most 30 days behind it. Upper case is brought to lower case.',
  TimeLeftMs: 'Whole milliseconds. Anything else is ignored.',
  Amount:
    'Whole minor units as decimal digits: 1 to 999999999999999, without sign, fraction or leading zero.',
  Balance:
    'Whole minor units as decimal digits. No deposit makes more than 15 of them, but a balance may have up to 18.',
  Sequence: 'Number of an entry in the book of its account: the first one has 1, and none is left out.',
  Moment: 'A time (RFC 3339).',
  Reference: "The caller's own words for a call: 1 to 64 printable ASCII characters.",
  DepositBody:
    'How much to deposit; with `mustExist` only to an account that exists. A retry says the same. A field that the bank does not know is refused.',
  WithdrawalBody:
    'How much to withdraw. A retry says the same. A field that the bank does not know is refused.',
  Moved: 'The money was moved: the balance right after it, and the number and time of its entry.',
  Accounts: '`next` is there when more accounts may follow.',
  Entry:
    'One line of a book. `type` is `deposit` or `withdrawal`, or what moved nothing: `refused`, with its `code`, or `cancelled`. There may be others later. `amount` is what was asked for, `change` what it did to the balance, `balance` the one after it.',
  Entries: '`next` is there when more entries follow.',
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
    // Keys are brought to lower case after the check only, and no schema can say which days there are.
    ignoreActions: ['to_lower_case', 'check'],
    overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const description = DESCRIPTIONS[name];
      return [name, description === undefined ? schema : { ...schema, description }];
    }),
  );
}
