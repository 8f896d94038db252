import { Readable } from 'node:stream';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../functions/dynamodb/client.ts';
import { answerTo, mayStillArrive } from '../../functions/dynamodb/fate.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';

/** What one HTTP attempt of the SDK comes to: an answer, or an error of the network as Node reports it. */
type Attempt = ReturnType<typeof http> | Error;

Object.assign(process.env, awsEnvironment('http://127.0.0.1:9', 'us-east-1'));

/** A command that the SDK sends, with its own retries, over a network that does what it is told. */
async function send(...attempts: readonly [Attempt, ...Attempt[]]) {
  const client = createClient({
    region: 'us-east-1',
    limits: {
      connectionTimeoutMs: 1000,
      requestTimeoutMs: 1000,
      maxAttempts: attempts.length,
      maxSockets: 1,
    },
  });
  const left = [...attempts];
  client.config.requestHandler = {
    ...client.config.requestHandler,
    handle: () => {
      const made = left.shift();
      return made === undefined || made instanceof Error
        ? Promise.reject(made)
        : Promise.resolve({ response: made });
    },
  };
  const command = new GetItemCommand({ TableName: 'accounts', Key: { account: { S: 'joe' } } });
  const outcome = await answerTo(command, client.send(command)).then(
    () => 'answered',
    (error: { executed?: string }) => `executed: ${error.executed}`,
  );
  expect(left).toEqual([]);
  return { outcome, mayStillArrive: mayStillArrive(command) };
}

const network = (syscall: string, code: string) =>
  Object.assign(new Error(`${syscall} ${code}`), { syscall, code });

const http = (statusCode: number, type: string) => ({
  statusCode,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: Readable.from([JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}` })]),
});

/** Of a host with several addresses. Node gives it the code of the first. */
const several = (...errors: readonly [NodeJS.ErrnoException, ...NodeJS.ErrnoException[]]) =>
  Object.assign(new AggregateError(errors), { code: errors[0].code });

describe('a request that never left, or was turned away, was certainly not executed:', () => {
  test.each<[string, Attempt]>([
    ['nothing listens', network('connect', 'ECONNREFUSED')],
    ['there is no way to the host', network('connect', 'EHOSTUNREACH')],
    ['there is no network', network('connect', 'ENETUNREACH')],
    ['the name is not known', network('getaddrinfo', 'ENOTFOUND')],
    [
      'none of its addresses can be reached',
      several(network('connect', 'ECONNREFUSED'), network('connect', 'ENETUNREACH')),
    ],
    ['DynamoDB throttles', http(400, 'ThrottlingException')],
    ['another Region is writing', http(400, 'ReplicatedWriteConflictException')],
  ])('%s', async (_, attempt) => {
    expect(await send(attempt)).toEqual({ outcome: 'executed: no', mayStillArrive: false });
  });
});

describe('a request that was sent and not answered may have been executed, whatever comes after it:', () => {
  test.each<[string, Attempt]>([
    ['the connection was reset', network('read', 'ECONNRESET')],
    ['the host became unreachable behind it', network('read', 'EHOSTUNREACH')],
    ['the network went away behind it', network('read', 'ENETUNREACH')],
    ['the connection broke while it was being written', network('write', 'EHOSTUNREACH')],
    [
      'one address was refused and the other broke',
      several(network('connect', 'ECONNREFUSED'), network('read', 'ECONNRESET')),
    ],
    ['a host on the way gave up waiting (408)', http(408, 'SomethingElse')],
    ['DynamoDB gave up waiting for it', http(400, 'RequestTimeout')],
    ['DynamoDB gave up waiting for it, by its other name', http(400, 'RequestTimeoutException')],
    ['DynamoDB failed', http(500, 'InternalServerError')],
  ])('%s', async (_, attempt) => {
    expect(await send(attempt)).toEqual({ outcome: 'executed: unknown', mayStillArrive: true });
  });

  test('another attempt that never left', async () => {
    const lost = network('read', 'EHOSTUNREACH');
    expect(await send(lost, network('connect', 'ECONNREFUSED'))).toMatchObject({
      outcome: 'executed: unknown',
    });
  });

  test('another attempt that was answered', async () => {
    const answered = { outcome: 'answered', mayStillArrive: true };
    expect(await send(network('read', 'EHOSTUNREACH'), http(200, ''))).toEqual(answered);
    expect(await send(http(400, 'RequestTimeout'), http(200, ''))).toEqual(answered);
  });
});
