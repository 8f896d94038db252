import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import {
  accountSchema,
  accountsQuerySchema,
  balanceQuerySchema,
  captureBodySchema,
  depositBodySchema,
  entriesQuerySchema,
  entryKeySchema,
  HEADERS,
  holdBodySchema,
  keySchema,
  MAX_BODY_BYTES,
  type Move,
  refundBodySchema,
  statusBodySchema,
  TRANSFER_TO_ITSELF,
  transferBodySchema,
  voidBodySchema,
  withdrawalBodySchema,
} from '../../client/contract/schemas.ts';
import type { Intent } from '../bank/decide.ts';
import type { Asked } from '../bank/entry.ts';
import type { StatementRange } from '../bank/statement.ts';
import type { Route } from './routes.ts';

/** The request is not valid. The table was not read, and no money was moved. */
export class BadRequestError extends Error {
  readonly code = 'bad_request';
  override readonly name = 'BadRequestError';
}

/** Reads a call with an idempotency key from an event. Throws {@link BadRequestError} for the first part that is not valid. */
export function readCall(event: APIGatewayProxyEventV2, route: Route, operation: Move): Intent {
  const account = readAccount(route.account);
  const key = event.headers[HEADERS.idempotencyKey];
  if (key === undefined) {
    throw new BadRequestError(
      'The header Idempotency-Key is missing; send a UUIDv7, and keep it for retries',
    );
  }
  const mayRetry = event.headers[HEADERS.replyCache] !== 'no';
  const asked = ASKED[operation](readJson(event), { ...route, account });
  return { kind: 'execute', account, key: readKey(key), mayRetry, asked };
}

/** Reads what a call asks for, from its body and its path. */
const ASKED: Readonly<Record<Move, (body: unknown, route: Route) => Asked>> = {
  deposit: (body) => {
    const { amount, reference, mustExist = false } = check(depositBodySchema, body);
    return { operation: 'deposit', amountMinor: amount, mustExist, reference };
  },
  withdraw: (body) => {
    const { amount, reference } = check(withdrawalBodySchema, body);
    return { operation: 'withdraw', amountMinor: amount, reference };
  },
  transfer: (body, route) => {
    const { amount, reference } = check(transferBodySchema, body);
    return { operation: 'transfer', amountMinor: amount, to: readPayee(route), reference };
  },
  hold: (body) => {
    const { amount, expiresInSeconds, reference } = check(holdBodySchema, body);
    return { operation: 'hold', amountMinor: amount, expiresInSeconds, reference };
  },
  capture: (body, route) => readCapture(body, route, undefined),
  captureTo: (body, route) => readCapture(body, route, readPayee(route)),
  void: (body, { hold = '' }) => {
    const { reference } = check(voidBodySchema, body);
    return { operation: 'void', hold: readKey(hold), reference };
  },
  refund: (body, { call = '' }) => {
    const { amount, reference } = check(refundBodySchema, body);
    return {
      operation: 'refund',
      call: check(entryKeySchema, call.toLowerCase()),
      amountMinor: amount,
      reference,
    };
  },
  setStatus: (body) => {
    const { debits, credits, reference } = check(statusBodySchema, body);
    return { operation: 'setStatus', debits, credits, reference };
  },
};

function readCapture(body: unknown, { hold = '' }: Route, to: string | undefined): Asked {
  const { amount: amountMinor, final: isFinal, reference } = check(captureBodySchema, body);
  return { operation: 'capture', hold: readKey(hold), amountMinor, isFinal, to, reference };
}

function readPayee({ account, to = '' }: Route): string {
  const payee = readAccount(to);
  if (payee === account) {
    throw new BadRequestError(TRANSFER_TO_ITSELF);
  }
  return payee;
}

/** Reads the query of a statement. `refusals` says whether it shows refusals and cancellations. Throws {@link BadRequestError}. */
export function readEntriesQuery({
  queryStringParameters = {},
}: APIGatewayProxyEventV2): StatementRange & { readonly refusals: boolean } {
  const { limit, before, after, refusals } = check(entriesQuerySchema, queryStringParameters);
  return { limit, refusals, ...(after === undefined ? { before } : { after }) };
}

/** Reads the time in the query of a balance, in milliseconds since 1970. Throws {@link BadRequestError}. */
export function readTime({ queryStringParameters = {} }: APIGatewayProxyEventV2): number | undefined {
  const { at } = check(balanceQuerySchema, queryStringParameters);
  return at === undefined ? undefined : Date.parse(at);
}

/** Reads the query of the list of accounts. Throws {@link BadRequestError}. */
export function readAccountsQuery({ queryStringParameters = {} }: APIGatewayProxyEventV2) {
  const { limit, after } = check(accountsQuerySchema, queryStringParameters);
  return { limit, after };
}

/** Checks the name of an account. Throws {@link BadRequestError}. */
export function readAccount(account: string): string {
  return check(accountSchema, account);
}

/** Checks an idempotency key and returns it in lower case. Throws {@link BadRequestError}. */
export function readKey(key: string): string {
  return check(keySchema, key);
}

function check<Schema extends v.GenericSchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input, { abortEarly: true, abortPipeEarly: true });
  if (!result.success) {
    throw new BadRequestError(result.issues[0].message);
  }
  return result.output;
}

function readJson(event: APIGatewayProxyEventV2): unknown {
  const text = readBody(event);
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequestError('The body is not JSON; it should look like {"amount":"10"}');
  }
}

function readBody({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.byteLength > MAX_BODY_BYTES) {
    throw new BadRequestError(`The body is larger than ${MAX_BODY_BYTES} bytes`);
  }
  return bytes.toString('utf8');
}
