import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import {
  accountSchema,
  acknowledgedKeysSchema,
  HEADERS,
  keySchema,
  MAX_ACKNOWLEDGED_KEYS,
  MAX_BODY_BYTES,
  type Move,
  moveBodySchema,
} from '../../client/contract.ts';
import type { Call } from '../core/account.ts';

/** The request is not one that the bank can take. Nothing was looked at and nothing has moved. */
export class BadRequestError extends Error {
  readonly code = 'bad_request';
  override readonly name = 'BadRequestError';
}

/** Reads a deposit or withdrawal out of an event. Throws {@link BadRequestError} with the first thing that is wrong. */
export function readCall(event: APIGatewayProxyEventV2, account: string, move: Move): Call {
  const key = event.headers[HEADERS.idempotencyKey];
  if (key === undefined) {
    throw new BadRequestError(
      'The header Idempotency-Key is missing; it holds a UUIDv7 that you keep for retries',
    );
  }
  return {
    account: readAccount(account),
    key: readKey(key),
    move,
    amountMinor: check(moveBodySchema, readJson(event)).amount,
  };
}

/**
 * Reads the keys whose replies a call gives back, each once. Throws {@link BadRequestError} when there are too many, when
 * one is not a key, or when the call gives its own reply back before it has it.
 */
export function readAcknowledged(event: APIGatewayProxyEventV2, ownKey: string): readonly string[] {
  const header = event.headers[HEADERS.acknowledge];
  if (header === undefined) {
    return [];
  }
  // One more than may be, so that too many are noticed, and a header of thousands is not read to its end.
  const listed = header.split(',', MAX_ACKNOWLEDGED_KEYS + 1).map((key) => key.trim());
  const keys = new Set(check(acknowledgedKeysSchema, listed));
  if (keys.has(ownKey)) {
    throw new BadRequestError('Idempotency-Acknowledge names the key of the call itself');
  }
  return [...keys];
}

/** Checks an account's name. */
export function readAccount(account: string): string {
  return check(accountSchema, account);
}

/** Checks an idempotency key and brings it to its canonical form. */
export function readKey(key: string): string {
  return check(keySchema, key);
}

function check<Schema extends v.GenericSchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input, { abortEarly: true, abortPipeEarly: true });
  if (!result.success) {
    throw new BadRequestError(sentence(result.issues[0].message));
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

function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
