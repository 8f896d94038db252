import {
  type ConversionConfig,
  type JsonSchema,
  toJsonSchema,
  toJsonSchemaDefs,
} from '@valibot/to-json-schema';
import * as v from 'valibot';
import { OPERATION_REFERENCE } from '../../client/contract/operation-reference.ts';
import { PROBLEM_DESCRIPTIONS } from '../../client/contract/problem-descriptions.ts';
import { PROBLEM_CASES } from '../../client/contract/problem-reference.ts';
import * as contract from '../../client/contract/schemas.ts';

const { PROBLEMS } = contract;
type ProblemCode = contract.ProblemCode;

const CODES = Object.keys(PROBLEMS) as ProblemCode[];
const RECORDED = CODES.filter((code) => PROBLEMS[code].recorded);
const RECORDED_REFUSALS = RECORDED.filter((code) => code !== 'cancelled');

const { executed, ...problemEntries } = contract.problemSchema.entries;
const problemSchemas = new Map(CODES.map((code) => [code, problemSchemaOf(code)]));

/** A problem of one code. Only `unavailable` may say that the call was certainly not executed. */
function problemSchemaOf(code: ProblemCode): v.GenericSchema {
  const { status, title } = PROBLEMS[code];
  const entries: v.ObjectEntries = {
    ...problemEntries,
    type: v.literal(`${contract.PROBLEM_PAGE}#${code}`),
    title: v.literal(title),
    status: v.literal(status),
    code: v.literal(code),
    ...(code === 'unavailable' ? { executed } : {}),
  };
  return v.pipe(v.object(entries), v.description(PROBLEM_DESCRIPTIONS[code]));
}

const GATEWAY_ANSWER = v.pipe(
  v.object({ message: v.string() }),
  v.description('An answer of the gateway itself, which has no `code`.'),
);

/**
 * The answers to executed calls, those with more members first. A generated client that takes the first schema that fits would otherwise
 * lose the additional members.
 */
const EXECUTED = v.union([
  contract.capturedSchema,
  contract.voidedSchema,
  contract.heldSchema,
  contract.refundedSchema,
  contract.transferredSchema,
  contract.statusSchema,
  contract.movedSchema,
]);

/** A reply: its status and body, with `entries` in every reply and `ofExecuted` in those of executed calls. */
function replySchema(
  entries: v.ObjectEntries,
  codes: readonly ProblemCode[],
  ofExecuted: v.ObjectEntries = {},
  executed: v.GenericSchema = EXECUTED,
) {
  return v.union([
    v.object({ ...entries, ...ofExecuted, status: v.literal(200), body: executed }),
    ...codes.map((code) =>
      v.object({
        ...entries,
        status: v.literal(PROBLEMS[code].status),
        body: problemSchemas.get(code) ?? v.never(),
      }),
    ),
  ]);
}

const { entries: recordedEntries } = contract.recordedReplySchema;
const { account, answers } = contract.batchAnswersSchema.entries;
const { status: _, body: __, ...answerEntries } = answers.item.entries;
const IN_BATCH = CODES.filter((code) =>
  [OPERATION_REFERENCE.deposit, OPERATION_REFERENCE.withdraw].some(({ problems }) =>
    problems.some((name) => PROBLEM_CASES[name].code === code),
  ),
).filter((code) => code !== 'bad_request' && code !== 'no_such_route');
const { entries: statusEntries } = contract.statusBodySchema;

/** Schemas that say more in the document: which bodies a recorded reply may have, and that a change of status names a side. */
const REFINED: Readonly<Record<string, v.GenericSchema>> = {
  RecordedReply: replySchema({ key: recordedEntries.key }, RECORDED, { refunded: recordedEntries.refunded }),
  Cancellation: v.variant('outcome', [
    contract.cancellationSchema.options[0],
    v.object({
      ...contract.cancellationSchema.options[1].entries,
      reply: replySchema({}, RECORDED_REFUSALS),
    }),
  ]),
  BatchAnswers: v.object({
    account,
    answers: v.array(replySchema(answerEntries, IN_BATCH, {}, contract.movedSchema)),
  }),
  StatusBody: v.union([
    v.strictObject({ ...statusEntries, debits: statusEntries.debits.wrapped }),
    v.strictObject({ ...statusEntries, credits: statusEntries.credits.wrapped }),
  ]),
};

/** The schemas of the contract by their names in the document, such as `Moved` for `movedSchema`. Queries become parameters instead. */
const SCHEMAS = new Map(
  Object.entries(contract)
    // Bundlers and Node list the exports of a module in different orders.
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .filter(([name]) => name.endsWith('Schema') && !/^problemSchema$|QuerySchema$/.test(name))
    .map(([name, schema]) => [
      name.charAt(0).toUpperCase() + name.slice(1, -'Schema'.length),
      schema as v.GenericSchema,
    ]),
);

/** Name of a schema of the contract in the document. */
export function schemaName(schema: v.GenericSchema): string {
  const [name] = [...SCHEMAS].find(([, each]) => each === schema) ?? [];
  if (name === undefined) {
    throw new Error(
      'client/contract/schemas.ts does not export this schema with a name that ends in Schema.',
    );
  }
  return name;
}

/** Name of the schema of a problem: `NotEnoughMoney` for `not_enough_money`. */
export function problemSchemaName(code: ProblemCode): string {
  return code.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const CONVERSION: ConversionConfig = {
  // The dialect of OpenAPI 3.1.
  target: 'draft-2020-12',
  errorMode: 'throw',
  // JSON Schema has no conversion to lower case, and cannot say which days exist.
  ignoreActions: ['to_lower_case', 'check'],
};

/** The schemas of the document as JSON Schema: of the JSON itself, before strings of digits become bigints. */
export function componentSchemas(): Record<string, JsonSchema> {
  const described = [...SCHEMAS].map(([name, schema]) => {
    const description = v.description(v.getDescription(schema) ?? '');
    return [name, name in REFINED ? v.pipe(REFINED[name] ?? schema, description) : schema] as const;
  });
  const problems = [...problemSchemas].map(([code, schema]) => [problemSchemaName(code), schema] as const);
  return toJsonSchemaDefs(
    Object.fromEntries([...described, ...problems, ['GatewayAnswer', GATEWAY_ANSWER]]),
    {
      ...CONVERSION,
      typeMode: 'input',
      overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
    },
  );
}

/** A query parameter as JSON Schema, with the type of its value, such as the integer 10 for `limit=10`. */
export function querySchema(schema: v.GenericSchema): JsonSchema {
  const {
    $schema,
    default: text,
    ...converted
  } = toJsonSchema(schema, { ...CONVERSION, typeMode: 'output' });
  return text === undefined ? converted : { ...converted, default: JSON.parse(String(text)) };
}
