import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import * as contract from '../../client/contract/schemas.ts';
import type { Batch } from '../bank/batch.ts';
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
export function readCall(event: APIGatewayProxyEventV2, route: Route, operation: contract.Move): Intent {
  const account = readAccount(route.account);
  const key = event.headers[contract.HEADERS.idempotencyKey];
  if (key === undefined) {
    throw new BadRequestError(
      'The header Idempotency-Key is missing; send a UUIDv7, and keep it for retries',
    );
  }
  const asked = ASKED[operation](readJson(event, contract.MAX_BODY_BYTES), { ...route, account });
  return { kind: 'execute', account, key: readKey(key), mayRetry: mayRetryOf(event), asked };
}

/** Reads a batch from an event. Throws {@link BadRequestError} for the first part that is not valid. */
export function readBatch(event: APIGatewayProxyEventV2, { account: name }: Route): Batch {
  const account = readAccount(name);
  const mayRetry = mayRetryOf(event);
  const { calls } = check(contract.batchBodySchema, readJson(event, contract.MAX_BATCH_BODY_BYTES));
  return {
    account,
    calls: calls.map((call) => {
      const { operation, key, amount: amountMinor, reference } = call;
      const asked =
        operation === 'deposit'
          ? { operation, amountMinor, mustExist: call.mustExist ?? false, reference }
          : { operation, amountMinor, reference };
      return { kind: 'execute', account, key, mayRetry, asked };
    }),
  };
}

function mayRetryOf({ headers }: APIGatewayProxyEventV2): boolean {
  return headers[contract.HEADERS.replyCache] !== 'no';
}

/** Reads what a call asks for, from its body and its path. */
const ASKED: Readonly<Record<contract.Move, (body: unknown, route: Route) => Asked>> = {
  deposit: (body) => {
    const { amount, reference, mustExist = false } = check(contract.depositBodySchema, body);
    return { operation: 'deposit', amountMinor: amount, mustExist, reference };
  },
  withdraw: (body) => {
    const { amount, reference } = check(contract.withdrawalBodySchema, body);
    return { operation: 'withdraw', amountMinor: amount, reference };
  },
  transfer: (body, route) => {
    const { amount, reference } = check(contract.transferBodySchema, body);
    return { operation: 'transfer', amountMinor: amount, to: readPayee(route), reference };
  },
  hold: (body) => {
    const { amount, expiresInSeconds, reference } = check(contract.holdBodySchema, body);
    return { operation: 'hold', amountMinor: amount, expiresInSeconds, reference };
  },
  capture: (body, route) => readCapture(body, route, undefined),
  captureTo: (body, route) => readCapture(body, route, readPayee(route)),
  void: (body, { hold = '' }) => {
    const { reference } = check(contract.voidBodySchema, body);
    return { operation: 'void', hold: readKey(hold), reference };
  },
  refund: (body, { call = '' }) => {
    const { amount, reference } = check(contract.refundBodySchema, body);
    return {
      operation: 'refund',
      call: check(contract.entryKeySchema, call.toLowerCase()),
      amountMinor: amount,
      reference,
    };
  },
  setStatus: (body) => {
    const { debits, credits, reference } = check(contract.statusBodySchema, body);
    return { operation: 'setStatus', debits, credits, reference };
  },
};

function readCapture(body: unknown, { hold = '' }: Route, to: string | undefined): Asked {
  const { amount: amountMinor, final: isFinal, reference } = check(contract.captureBodySchema, body);
  return { operation: 'capture', hold: readKey(hold), amountMinor, isFinal, to, reference };
}

function readPayee({ account, to = '' }: Route): string {
  const payee = readAccount(to);
  if (payee === account) {
    throw new BadRequestError(contract.TRANSFER_TO_ITSELF);
  }
  return payee;
}

/** Reads the query of a statement. `refusals` says whether it shows refusals and cancellations. Throws {@link BadRequestError}. */
export function readEntriesQuery({
  queryStringParameters = {},
}: APIGatewayProxyEventV2): StatementRange & { readonly refusals: boolean } {
  const { limit, before, after, refusals } = check(contract.entriesQuerySchema, queryStringParameters);
  return { limit, refusals, ...(after === undefined ? { before } : { after }) };
}

/** Reads the time in the query of a balance, in milliseconds since 1970. Throws {@link BadRequestError}. */
export function readTime({ queryStringParameters = {} }: APIGatewayProxyEventV2): number | undefined {
  const { at } = check(contract.balanceQuerySchema, queryStringParameters);
  return at === undefined ? undefined : Date.parse(at);
}

/** Reads the query of the list of accounts. Throws {@link BadRequestError}. */
export function readAccountsQuery({ queryStringParameters = {} }: APIGatewayProxyEventV2) {
  const { limit, after } = check(contract.accountsQuerySchema, queryStringParameters);
  return { limit, after };
}

/** Checks the name of an account. Throws {@link BadRequestError}. */
export function readAccount(account: string): string {
  return check(contract.accountSchema, account);
}

/** Checks an idempotency key and returns it in lower case. Throws {@link BadRequestError}. */
export function readKey(key: string): string {
  return check(contract.keySchema, key);
}

function check<Schema extends v.GenericSchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input, { abortEarly: true, abortPipeEarly: true });
  if (!result.success) {
    const [{ message, path }] = result.issues;
    const index = path?.[1]?.key;
    throw new BadRequestError(typeof index === 'number' ? `call ${index + 1}: ${message}` : message);
  }
  return result.output;
}

function readJson(event: APIGatewayProxyEventV2, maxBytes: number): unknown {
  const text = readBody(event, maxBytes);
  try {
    const body: unknown = JSON.parse(text);
    // The schemas take an empty list for an object without fields, which captures all of a hold, or refunds all of a call.
    return Array.isArray(body) ? null : body;
  } catch {
    throw new BadRequestError(
      'The body is not JSON; send an object such as {"amount":"10"}, or {} if no field is required',
    );
  }
}

function readBody({ body = '', isBase64Encoded }: APIGatewayProxyEventV2, maxBytes: number): string {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.byteLength > maxBytes) {
    throw new BadRequestError(`The body is larger than ${maxBytes} bytes`);
  }
  return bytes.toString('utf8');
}
