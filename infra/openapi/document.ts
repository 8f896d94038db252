import { OPERATION_REFERENCE, type OperationReference } from '../../client/contract/operation-reference.ts';
import {
  MAX_BATCH_BODY_BYTES,
  MAX_BODY_BYTES,
  OPERATIONS,
  type Operation,
  type PathNames,
  PROBLEM_PAGE,
  pathNamesOf,
} from '../../client/contract/schemas.ts';
import {
  componentExamples,
  componentResponses,
  mediaOf,
  RESPONSE_HEADERS,
  responsesOf,
} from './responses.ts';
import { componentSchemas, querySchema, schemaName } from './schemas.ts';

/** Version of the HTTP contract that the document describes. */
const CONTRACT_VERSION = '2.2.0';

const DESCRIPTION = `A bank in two AWS Regions: deposit, withdraw, transfer, hold, refund, balance, statement. Both Regions answer every request.

Every call that changes an account has an idempotency key, a UUIDv7 that the caller mints and stores. A call takes effect at most once
per key, however often and to whichever Region it is sent, and every retry returns the same reply, also if the call was refused.
Replies are entries of the account's book and are never deleted. Amounts and balances are whole minor units, as strings of decimal
digits.

Every answer of the bank other than 200, 202 and 204 is a problem (RFC 9457) with a \`code\`. Its \`type\` links to a section of
<${PROBLEM_PAGE}>, which says whether money was moved, what to do next, and how to reproduce the error locally.

On AWS there is a gateway in front of the bank. It requires signed requests (Signature Version 4, service \`execute-api\`) and can
answer by itself; such an answer has no \`code\`. A local bank (\`npm start\`) needs no signature and serves this document as
\`/openapi.json\`; a deployed bank does not.

Limits: a balance has at most 15 digits after a deposit or a credit, and an account at most 100 open holds. When a key is first used, its
timestamp is at most 5 minutes ahead of the clock of the bank and at most 30 days behind it.`;

const TAGS = [
  { name: 'Money', description: 'Deposits, withdrawals, transfers, refunds, balances and statements.' },
  { name: 'Holds', description: 'Money that is held, then captured or released.' },
  { name: 'Keys', description: 'Idempotency keys: recorded replies and cancellation.' },
  { name: 'Operators', description: 'All accounts, and whether they are frozen.' },
  { name: 'Health', description: 'Health of a Region.' },
];

/** OpenAPI has no scheme for Signature Version 4; this is API Gateway's form of it. */
const SIGV4 = {
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  'x-amazon-apigateway-authtype': 'awsSigv4',
  description:
    'AWS Signature Version 4 for the service execute-api in the Region of the endpoint. A deployed bank answers 403 without it. A local bank needs none.',
};

/** The names in paths: what each means, and its schema. */
const PATH_NAMES: Readonly<Record<keyof PathNames, readonly [description: string, schema: string]>> = {
  account: ['The account.', 'Account'],
  to: ['The account that gets the money.', 'Account'],
  hold: ['The hold: the idempotency key that made it.', 'Key'],
  call: ['The call to refund: the key of its entry.', 'EntryKey'],
  key: ['Idempotency key of the call.', 'Key'],
};
const IDEMPOTENCY_KEY = {
  ...parameter(
    'Idempotency-Key',
    'header',
    'Makes the call safe to retry: it takes effect at most once per key. Mint one key for each call, and send it with every retry, to either Region. To retry after a crash, store the key before you send the call.',
    reference('Key'),
  ),
  required: true,
};
const REPLY_CACHE = parameter(
  'Bank-Reply-Cache',
  'header',
  'Send `no` if you will not use the key again after this call, so that the bank need not cache the reply. A retry still gets the reply. Other values are ignored.',
  { type: 'string', const: 'no' },
);
const TIME_LEFT = parameter(
  'Bank-Time-Left-Ms',
  'header',
  'How long the caller waits for this attempt. The bank answers within this time, or within 5 seconds without the header; if it cannot complete the call, it answers 503.',
  reference('TimeLeftMs'),
);

function openApiDocument(): object {
  const paths: Record<string, object> = {};
  for (const operation of Object.keys(OPERATIONS) as Operation[]) {
    const { path, method } = OPERATIONS[operation];
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Twinbank',
      version: CONTRACT_VERSION,
      summary:
        'Deposits, withdrawals, transfers, holds, refunds, balances and statements, exactly once, from either of two AWS Regions.',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The Region that serves this document, or any other endpoint.' }],
    tags: TAGS,
    // Alternatives: a deployed bank needs a signature, a local bank does not.
    security: [{ sigv4: [] }, {}],
    paths,
    components: {
      schemas: componentSchemas(),
      responses: componentResponses(),
      headers: RESPONSE_HEADERS,
      examples: componentExamples(),
      securitySchemes: { sigv4: SIGV4 },
    },
  };
}

/** The text of the OpenAPI document, made from the tables and the schemas of the contract. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}

function operationObject(operation: Operation): object {
  const documented = OPERATION_REFERENCE[operation];
  const { tag, summary, description, body } = documented;
  return {
    operationId: operation,
    tags: [tag],
    summary,
    description,
    parameters: parametersOf(operation, documented),
    ...(body !== undefined && {
      requestBody: {
        required: true,
        description: `At most ${operation === 'batch' ? MAX_BATCH_BODY_BYTES : MAX_BODY_BYTES} bytes.`,
        content: { 'application/json': mediaOf(schemaName(body)) },
      },
    }),
    responses: responsesOf(documented),
  };
}

function parametersOf(operation: Operation, { query }: OperationReference): object[] {
  const { path, moves } = OPERATIONS[operation];
  return [
    ...pathNamesOf(path).map((name) => {
      const [description, schema] = PATH_NAMES[name];
      return parameter(name, 'path', description, reference(schema));
    }),
    ...(moves ? [IDEMPOTENCY_KEY, REPLY_CACHE] : []),
    ...Object.entries(query?.entries ?? {}).map(([name, entry]) => {
      const { description, ...schema } = querySchema(entry);
      return parameter(name, 'query', String(description), schema);
    }),
    TIME_LEFT,
  ];
}

/** A parameter of a request. Those in the path are required, as OpenAPI demands. */
function parameter(name: string, place: 'path' | 'header' | 'query', description: string, schema: object) {
  return { name, in: place, required: place === 'path', description, schema };
}

function reference(schema: string): object {
  return { $ref: `#/components/schemas/${schema}` };
}
