import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemCode } from '../../client/contract/schemas.ts';
import type { Data, DataObject } from './data.ts';
import { EXAMPLES, PROBLEM_EXAMPLES, type ProblemExampleName } from './examples.ts';
import type { Operation } from './operations.ts';
import type { AnswerHeader } from './parameters.ts';
import { problemSchemaName } from './schemas.ts';

/** What each problem means for the money, in one sentence. */
const MEANINGS: Readonly<Record<ProblemCode, string>> = {
  bad_request: 'The request is not one that the bank can take. Nothing was moved.',
  key_in_future:
    'This attempt was not executed. Set the clock by `Date`, and mint a new key only if no other attempt with this one can have been executed.',
  no_such_account:
    'Nobody has deposited to the account yet. Nothing was moved; a call that needs the account is refused for good, and a retry with its key is told the same.',
  no_such_route: 'Nothing was moved.',
  no_reply: 'Nothing was moved by this request; a call with the key may still be on its way.',
  not_enough_money:
    'Nothing was taken. The refusal is recorded: a retry with the same key is told the same, even when there is money again.',
  balance_too_large:
    'Nothing was deposited. The refusal is recorded: a retry with the same key is told the same.',
  cancelled:
    'The key was cancelled before any call with it was executed. Nothing was moved and nothing will be.',
  key_expired:
    'No call with this key is executed any more. A deposit or withdrawal that is told this was never executed, and the refusal is recorded.',
  key_reused: 'Another call has this key. Nothing was moved by this one, and nothing will be.',
  unavailable:
    'With `"executed": false` this attempt moved nothing. Without it the call may have been executed, or may yet be. In both cases ask again, with the same key where there is one, here or in the other Region.',
};

/** What the gateway in front of the bank answers by itself, by status. */
const GATEWAY_ANSWERS: ReadonlyMap<number, { readonly message: string; readonly meaning: string }> = new Map([
  [
    403,
    {
      message: 'Forbidden',
      meaning:
        'From the gateway, which did not let the request pass: the signature, the policy or the clock. Nothing was moved.',
    },
  ],
  [
    413,
    {
      message: 'Request Entity Too Large',
      meaning: 'From the gateway, which takes no body of more than 10 MB. Nothing was moved.',
    },
  ],
  [
    429,
    {
      message: 'Too Many Requests',
      meaning: 'From the gateway: too many requests a second. Nothing was moved by this attempt.',
    },
  ],
  [
    500,
    {
      message: 'Internal Server Error',
      meaning:
        'From the gateway: what was asked for may have been done, or may yet be. Ask again, with the same key where there is one.',
    },
  ],
  [
    503,
    {
      message: 'Service Unavailable',
      meaning:
        'From the gateway: what was asked for may have been done, or may yet be. Ask again, with the same key where there is one.',
    },
  ],
]);

/** Examples that several answers share: problems, and what a gateway answers by itself. */
export function componentExamples(): DataObject {
  const problems = Object.entries(PROBLEM_EXAMPLES).map(([name, { summary, value }]) => [
    name,
    { summary, value },
  ]);
  const gateway = [...GATEWAY_ANSWERS].map(([status, { message }]) => [
    gatewayExampleName(status),
    { summary: `A ${status} of the gateway`, value: { message } },
  ]);
  return Object.fromEntries([...problems, ...gateway]);
}

function gatewayExampleName(status: number): string {
  return `gateway_${status}`;
}

/** The answers of an operation, by status. */
export function responsesOf(operation: Operation): DataObject {
  const codes = new Map<number, ProblemExampleName[]>();
  for (const name of operation.problems) {
    const { status } = PROBLEMS[PROBLEM_EXAMPLES[name].code];
    codes.set(status, [...(codes.get(status) ?? []), name]);
  }
  const statuses = new Set([...codes.keys(), ...gatewayStatuses(operation)]);
  return {
    ...success(operation),
    ...Object.fromEntries(
      [...statuses]
        .sort((one, other) => one - other)
        .map((status) => [String(status), failure(status, codes.get(status) ?? [], operation)]),
    ),
  };
}

function success({ answers, answered, records }: Operation): DataObject {
  const headers = headersOf(records ? ['Idempotent-Replayed'] : []);
  if (answers === undefined) return { '204': { description: answered, headers } };
  const content = { 'application/json': media([answers], EXAMPLES[answers]) };
  return { '200': { description: answered, headers, content } };
}

function failure(status: number, names: readonly ProblemExampleName[], { records }: Operation): Data {
  const codes = [...new Set(names.map((name) => PROBLEM_EXAMPLES[name].code))];
  const gateway = GATEWAY_ANSWERS.get(status);
  const meanings = codes.map((code) => `\`${code}\`: ${MEANINGS[code]}`);
  return {
    description: [...meanings, ...(gateway === undefined ? [] : [gateway.meaning])].join('\n\n'),
    headers: codes.length === 0 ? undefined : headersOf(headersOfProblem(status, codes, records)),
    content: {
      [PROBLEM_MEDIA_TYPE]: codes.length === 0 ? undefined : problemMedia(codes, names),
      'application/json':
        gateway === undefined
          ? undefined
          : media(['GatewayAnswer'], {
              [gatewayExampleName(status)]: reference('examples', gatewayExampleName(status)),
            }),
    },
  };
}

/** Only what is recorded is replayed. */
function headersOfProblem(
  status: number,
  codes: readonly ProblemCode[],
  records: true | undefined,
): AnswerHeader[] {
  if (status === PROBLEMS.unavailable.status) return ['Retry-After'];
  return records && codes.some((code) => PROBLEMS[code].recorded) ? ['Idempotent-Replayed'] : [];
}

function problemMedia(codes: readonly ProblemCode[], names: readonly ProblemExampleName[]): Data {
  const examples = names.map((name) => [name, reference('examples', name)] as const);
  return media(codes.map(problemSchemaName), Object.fromEntries(examples));
}

function media(schemas: readonly string[], examples: DataObject): Data {
  const references = schemas.map((name) => reference('schemas', name));
  return { schema: references.length > 1 ? { oneOf: references } : references[0], examples };
}

function headersOf(more: readonly AnswerHeader[]): Data {
  const names: readonly AnswerHeader[] = ['Bank-Region', 'Cache-Control', ...more];
  return Object.fromEntries(names.map((name) => [name, reference('headers', name)]));
}

function gatewayStatuses({ takes }: Operation): number[] {
  return [...GATEWAY_ANSWERS.keys()].filter((status) => takes !== undefined || status !== 413);
}

function reference(kind: 'schemas' | 'headers' | 'examples', name: string): DataObject {
  return { $ref: `#/components/${kind}/${name}` };
}
