import * as v from 'valibot';
import type { OperationReference } from '../../client/contract/operation-reference.ts';
import { PROBLEM_DESCRIPTIONS } from '../../client/contract/problem-descriptions.ts';
import { PROBLEM_CASES, type ProblemCaseName, problemOf } from '../../client/contract/problem-reference.ts';
import { PROBLEM_MEDIA_TYPE, PROBLEMS } from '../../client/contract/schemas.ts';
import { EXAMPLES, REFUSED_AMOUNT_MINOR } from './examples.ts';
import { problemSchemaName, schemaName } from './schemas.ts';

/** The headers of responses, by their names. */
export const RESPONSE_HEADERS = {
  'Bank-Region': {
    description: 'AWS Region that answered. It is a header, so that both Regions answer with the same body.',
    schema: { type: 'string' },
    example: 'us-east-1',
  },
  'Cache-Control': {
    description: 'Caches must not store the answer.',
    schema: { type: 'string', const: 'no-store' },
    example: 'no-store',
  },
  'Idempotent-Replayed': {
    description:
      'Present if the answer was recorded under the key before this attempt, which therefore moved no money.',
    schema: { type: 'string', const: 'true' },
    example: 'true',
  },
  'Retry-After': {
    description:
      'Seconds to wait before the next attempt in this Region. The other one can be tried at once.',
    schema: { type: 'integer', minimum: 1 },
    example: 1,
  },
};

const GATEWAY_FAILED =
  'From the gateway: the call may have been executed, or may still be. Retry with the same key if it has one.';

/** The messages of the gateway in front of the bank, and their descriptions, by status. */
const GATEWAY_ANSWERS: Readonly<Record<string, readonly [message: string, description: string]>> = {
  403: [
    'Forbidden',
    'From the gateway, which rejected the signature, the permissions or the time of the request. No money was moved.',
  ],
  413: ['Request Entity Too Large', 'From the gateway: the body is larger than 10 MB. No money was moved.'],
  429: ['Too Many Requests', 'From the gateway: too many requests a second. This attempt moved no money.'],
  500: ['Internal Server Error', GATEWAY_FAILED],
  503: ['Service Unavailable', GATEWAY_FAILED],
};

/** Examples of every problem and every answer of the gateway. Responses refer to them. */
export function componentExamples(): object {
  return Object.fromEntries([
    ...(Object.keys(PROBLEM_CASES) as ProblemCaseName[]).map((name) => [
      name,
      { value: problemOf(name, REFUSED_AMOUNT_MINOR) },
    ]),
    ...Object.entries(GATEWAY_ANSWERS).map(([status, [message]]) => [
      `gateway_${status}`,
      { value: { message } },
    ]),
  ]);
}

/** The answers that only the gateway gives, the same for every operation. The 503 is missing, because the bank answers 503 too. */
export function componentResponses(): object {
  return Object.fromEntries(
    Object.entries(GATEWAY_ANSWERS)
      .filter(([status]) => Number(status) !== PROBLEMS.unavailable.status)
      .map(([status, [, description]]) => [
        `gateway_${status}`,
        { description, content: gatewayContent(status) },
      ]),
  );
}

/** The responses of an operation, by status. */
export function responsesOf(operation: OperationReference): object {
  const ofGateway = Object.keys(GATEWAY_ANSWERS)
    .map(Number)
    .filter((status) => status !== 413 || operation.body !== undefined);
  const statuses = new Set([...operation.problems.map(statusOf), ...ofGateway]);
  return {
    ...successOf(operation),
    ...Object.fromEntries([...statuses].map((status) => [status, failureOf(status, operation)])),
  };
}

function successOf({ response, pending, success, isRecorded }: OperationReference): object {
  const headers = headersWith(isRecorded ? ['Idempotent-Replayed'] : []);
  const bodyOf = (schema: v.GenericSchema) => ({
    content: { 'application/json': mediaOf(schemaName(schema)) },
  });
  if (response === undefined) {
    return { 204: { description: success, headers } };
  }
  return {
    200: { description: success, headers, ...bodyOf(response) },
    ...(pending !== undefined && {
      202: { description: v.getDescription(pending), headers, ...bodyOf(pending) },
    }),
  };
}

function failureOf(status: number, { problems, isRecorded }: OperationReference): object {
  const cases = problems.filter((name) => statusOf(name) === status);
  const codes = [...new Set(cases.map((name) => PROBLEM_CASES[name].code))];
  if (codes.length === 0) {
    return { $ref: `#/components/responses/gateway_${status}` };
  }
  const [, ofGateway] = GATEWAY_ANSWERS[status] ?? [];
  const isReplayed = isRecorded && codes.some((code) => PROBLEMS[code].recorded);
  const descriptions = codes.map((code) => `\`${code}\`: ${PROBLEM_DESCRIPTIONS[code]}`);
  return {
    description: [...descriptions, ...(ofGateway === undefined ? [] : [ofGateway])].join('\n\n'),
    headers: headersWith([
      ...(isReplayed ? ['Idempotent-Replayed' as const] : []),
      ...(status === PROBLEMS.unavailable.status ? ['Retry-After' as const] : []),
    ]),
    content: {
      [PROBLEM_MEDIA_TYPE]: { schema: oneOf(codes.map(problemSchemaName)), examples: referencesTo(cases) },
      ...(ofGateway !== undefined && gatewayContent(String(status))),
    },
  };
}

function gatewayContent(status: string): object {
  return {
    'application/json': { schema: oneOf(['GatewayAnswer']), examples: referencesTo([`gateway_${status}`]) },
  };
}

function statusOf(name: ProblemCaseName): number {
  return PROBLEMS[PROBLEM_CASES[name].code].status;
}

/** A JSON body with the examples of its schema. */
export function mediaOf(schema: string): object {
  const examples = Object.entries(EXAMPLES[schema] ?? {}).map(([name, value]) => [name, { value }]);
  return { schema: oneOf([schema]), examples: Object.fromEntries(examples) };
}

function oneOf(schemas: readonly string[]): object {
  const references = schemas.map((name) => ({ $ref: `#/components/schemas/${name}` }));
  return references.length === 1 ? { ...references[0] } : { oneOf: references };
}

function referencesTo(examples: readonly string[]): object {
  return Object.fromEntries(examples.map((name) => [name, { $ref: `#/components/examples/${name}` }]));
}

function headersWith(names: readonly (keyof typeof RESPONSE_HEADERS)[]): object {
  return Object.fromEntries(
    ['Bank-Region', 'Cache-Control', ...names].map((name) => [
      name,
      { $ref: `#/components/headers/${name}` },
    ]),
  );
}
