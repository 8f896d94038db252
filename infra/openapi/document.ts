import { MAX_BODY_BYTES, PROBLEM_PAGE } from '../../client/contract/schemas.ts';
import type { Data, DataObject } from './data.ts';
import { EXAMPLES } from './examples.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import { ANSWER_HEADERS, PARAMETERS } from './parameters.ts';
import { componentExamples, responsesOf } from './responses.ts';
import { componentSchemas } from './schemas.ts';

/** Version of the HTTP contract that the document describes. */
const CONTRACT_VERSION = '2.0.0';

const DESCRIPTION = `A bank that lives in two AWS Regions at once: deposit, withdraw, balance, statement. Each Region answers all of it.

Every deposit and withdrawal carries an idempotency key, a UUIDv7 that the caller mints and keeps. However often and to
whichever Region the same call is sent with it, it takes effect once or not at all, and every retry is given the same reply,
refusals included: it is an entry of the account's book, which is never deleted. Amounts and balances are whole minor units, as strings of decimal digits.

Every answer that is neither 200 nor 204 and comes from the bank is a problem (RFC 9457) with a \`code\`. Its \`type\` is the
section of <${PROBLEM_PAGE}> that says what happened to the money, what to do next, and how to see it happen on one machine.

A gateway stands before the bank on AWS. It wants requests signed (Signature Version 4, service \`execute-api\`), and can answer
by itself: such an answer has no \`code\`. The bank that runs on one machine wants no signature. It serves this document as
\`/openapi.json\`; a deployed bank has no such route.

Limits: no deposit makes a balance of more than 15 digits; a key is at most 5 minutes ahead of the bank's clock when it is first
used, and at most 30 days behind it.`;

const TAGS = [
  { name: 'money', description: 'Move money, and look at it.' },
  { name: 'keys', description: 'Find out what a call was answered, or cancel its key.' },
  { name: 'operators', description: 'Look at the whole bank.' },
  { name: 'health', description: 'Look at a Region.' },
];

/** Not a scheme that OpenAPI knows by itself; API Gateway's own descriptions write it like this. */
const SIGV4 = {
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  'x-amazon-apigateway-authtype': 'awsSigv4',
  description:
    'AWS Signature Version 4 for the service execute-api of the Region that is called, by a caller whom the bank lets in. Without it a deployed bank answers 403. The bank that runs on one machine wants none.',
};

/** The OpenAPI document of the bank, as plain data. The same whenever it is made. */
export function openApiDocument(): DataObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Twinbank',
      version: CONTRACT_VERSION,
      summary: 'Deposit, withdraw, balance and statement, exactly once, from either of two Regions.',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: '/', description: 'The Region that serves this document, or the one that a client is given.' },
    ],
    tags: TAGS,
    // Either of them: a bank on AWS wants a signature, one on this machine wants nothing.
    security: [{ sigv4: [] }, {}],
    paths: pathsOf(OPERATIONS),
    components: {
      schemas: componentSchemas() as unknown as DataObject,
      parameters: PARAMETERS,
      headers: ANSWER_HEADERS,
      examples: componentExamples(),
      securitySchemes: { sigv4: SIGV4 },
    },
  };
}

/** The text that is checked in and served: two spaces, and a newline at the end. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}

function pathsOf(operations: readonly Operation[]): DataObject {
  const paths: Record<string, DataObject> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: item(operation) };
  }
  return paths;
}

function item(operation: Operation): Data {
  const { id, tag, summary, description, parameters, takes } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    parameters: parameters.map((name) => ({ $ref: `#/components/parameters/${name}` })),
    requestBody: takes === undefined ? undefined : requestBody(takes),
    responses: responsesOf(operation),
  };
}

function requestBody(name: 'DepositBody' | 'WithdrawalBody'): Data {
  return {
    required: true,
    description: `At most ${MAX_BODY_BYTES} bytes.`,
    content: {
      'application/json': { schema: { $ref: `#/components/schemas/${name}` }, examples: EXAMPLES[name] },
    },
  };
}
