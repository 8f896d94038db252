import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { HttpResponse } from '@smithy/core/protocols';
import { StandardRetryStrategy } from '@smithy/core/retry';
import type { AwsCredentialIdentity, HttpRequest, RetryErrorInfo, StandardRetryToken } from '@smithy/types';
import { describe, expect, test, vi } from 'vitest';
import { createClient, DEFAULT_CLIENT_LIMITS } from '../../functions/dynamodb/client.ts';
import { Connection } from '../../functions/dynamodb/connection.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { authorizationOf, signatureOf } from '../support/signature.ts';

/** What one HTTP attempt comes to: an answer, or an error of the network as Node reports it. */
type Attempt = Pick<HttpResponse, 'statusCode' | 'headers' | 'body'> | Error;

Object.assign(process.env, awsEnvironment('http://127.0.0.1:9', 'us-east-1'));

/** A command, sent over a network that does what it is told. */
function send(...attempts: readonly [Attempt, ...Attempt[]]): Promise<string> {
  return sendWith({}, ...attempts);
}

async function sendWith(
  options: { readonly signal?: AbortSignal; readonly strategy?: StandardRetryStrategy },
  ...attempts: readonly Attempt[]
): Promise<string> {
  const { signal = AbortSignal.timeout(10_000), strategy } = options;
  const limits = { ...DEFAULT_CLIENT_LIMITS, maxAttempts: Math.max(1, attempts.length) };
  const client = createClient({ region: 'us-east-1', limits });
  if (strategy !== undefined) {
    client.config.retryStrategy = () => Promise.resolve(strategy);
  }
  const left = [...attempts];
  Object.assign(client.config.requestHandler, {
    handle: () => {
      const made = left.shift();
      return made === undefined || made instanceof Error
        ? Promise.reject(made)
        : Promise.resolve({ response: made });
    },
  });
  const command = new GetItemCommand({ TableName: 'accounts', Key: { account: { S: 'joe' } } });
  const outcome = await new Connection(client).send(command, signal).then(
    ({ kind, mayArrive }) => `${kind}, may arrive: ${mayArrive}`,
    (error: { executed?: string }) => `executed: ${error.executed}`,
  );
  expect(left).toEqual([]);
  return outcome;
}

const network = (syscall: string, code: string) =>
  Object.assign(new Error(`${syscall} ${code}`), { syscall, code });

const http = (statusCode: number, type: string) => ({
  statusCode,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'REQUEST' },
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
    expect(await send(attempt)).toBe('executed: no');
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
    ['DynamoDB aborted it', http(400, 'RequestAbortedException')],
    ['a proxy turned its answer away', { ...http(403, ''), headers: {} }],
    ['a proxy put an answer of its own in the place', { ...http(400, 'ValidationException'), headers: {} }],
    ['DynamoDB failed', http(500, 'InternalServerError')],
  ])('%s', async (_, attempt) => {
    expect(await send(attempt)).toBe('executed: unknown');
  });

  test('another attempt that never left', async () => {
    const lost = network('read', 'EHOSTUNREACH');
    expect(await send(lost, network('connect', 'ECONNREFUSED'))).toBe('executed: unknown');
  });

  test('another attempt that was answered', async () => {
    const answered = 'done, may arrive: true';
    expect(await send(network('read', 'EHOSTUNREACH'), http(200, ''))).toBe(answered);
    expect(await send(http(400, 'RequestTimeout'), http(200, ''))).toBe(answered);
  });
});

describe('is asked for again:', () => {
  const html = () => Readable.from(['<html>Bad Gateway</html>']);
  function* broken() {
    yield '{"Item":';
    throw network('read', 'ECONNRESET');
  }

  test.each<[string, () => Attempt]>([
    ['an answer of a proxy, which is not JSON', () => ({ ...http(502, ''), body: html() })],
    ['an answer that breaks in the middle', () => ({ ...http(200, ''), body: Readable.from(broken()) })],
  ])('%s', async (_, attempt) => {
    expect(await send(attempt())).toBe('executed: unknown');
    expect(await send(attempt(), http(200, ''))).toBe('done, may arrive: true');
  });
});

test('an answer that stops in the middle of its body is asked for again, on another connection', async () => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    request.resume();
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.write('{"Item":');
    if (requests > 1) {
      response.end('{}}');
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const limits = { ...DEFAULT_CLIENT_LIMITS, requestTimeoutMs: 50 };
  const connection = new Connection(createClient({ region: 'us-east-1', endpoint, limits }));
  const command = new GetItemCommand({ TableName: 'accounts', Key: { account: { S: 'joe' } } });
  try {
    expect(await connection.send(command, AbortSignal.timeout(5_000))).toMatchObject({
      kind: 'done',
      mayArrive: true,
    });
    expect(requests).toBe(2);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

describe('the retry strategy', () => {
  /** A strategy of the SDK whose decisions are recorded. */
  class Recorded extends StandardRetryStrategy {
    readonly asked: [RetryErrorInfo['errorType'], Date | undefined][] = [];
    successes = 0;

    override refreshRetryTokenForRetry(
      token: StandardRetryToken,
      { errorType, retryAfterHint }: RetryErrorInfo,
    ) {
      this.asked.push([errorType, retryAfterHint]);
      return super.refreshRetryTokenForRetry(token, { errorType });
    }

    override recordSuccess(token: StandardRetryToken) {
      this.successes += 1;
      super.recordSuccess(token);
    }
  }

  async function asks(...attempts: readonly [Attempt, ...Attempt[]]) {
    const strategy = new Recorded(attempts.length);
    const outcome = await sendWith({ strategy }, ...attempts);
    return { outcome, asked: strategy.asked, successes: strategy.successes };
  }

  test('knows which error an attempt ended with, and that a later one was answered', async () => {
    expect(await asks(http(400, 'ThrottlingException'), http(500, ''), http(200, ''))).toEqual({
      outcome: 'done, may arrive: true',
      asked: [
        ['THROTTLING', undefined],
        ['TRANSIENT', undefined],
      ],
      successes: 1,
    });
    expect(await asks(http(400, 'ValidationException'))).toMatchObject({
      asked: [['CLIENT_ERROR', undefined]],
      successes: 0,
    });
  });

  test('counts a failed condition as an answer', async () => {
    const answer = http(400, 'ConditionalCheckFailedException');
    expect(await asks(answer)).toEqual({
      outcome: 'condition_failed, may arrive: false',
      asked: [],
      successes: 1,
    });
  });

  test('hears when DynamoDB wants to be asked again', async () => {
    const busy = { ...http(503, ''), headers: { ...http(503, '').headers, 'x-amz-retry-after': '1500' } };
    const beforeMs = Date.now();
    const { asked } = await asks(new HttpResponse(busy));
    const [, hint] = asked[0] ?? [];
    expect(Number(hint) - beforeMs).toBeGreaterThanOrEqual(1500);
  });
});

describe('a signal', () => {
  test('that is aborted already lets nothing be sent', async () => {
    expect(await sendWith({ signal: AbortSignal.abort() })).toBe('executed: no');
  });

  test('that is aborted while the strategy waits ends the wait', async () => {
    const controller = new AbortController();
    const strategy = new StandardRetryStrategy(2);
    strategy.refreshRetryTokenForRetry = () => {
      controller.abort();
      return new Promise(() => undefined);
    };
    const { signal } = controller;
    expect(await sendWith({ strategy, signal }, http(400, 'ThrottlingException'))).toBe('executed: no');
    const [again, lost] = [new AbortController(), network('read', 'ECONNRESET')];
    strategy.refreshRetryTokenForRetry = () => {
      again.abort();
      return new Promise(() => undefined);
    };
    expect(await sendWith({ strategy, signal: again.signal }, lost)).toBe('executed: unknown');
  });

  test('leaves no listener behind', async () => {
    const { signal } = new AbortController();
    await sendWith({ signal }, http(400, 'ThrottlingException'), http(200, ''));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('a request', () => {
  /** The request that a client with these credentials sends, or the error that it ends with. */
  async function requestOf(credentials: AwsCredentialIdentity, options: { endpoint?: string } = {}) {
    const client = createClient({ region: 'eu-west-1', credentials, ...options });
    let sent: HttpRequest | undefined;
    Object.assign(client.config.requestHandler, {
      handle: (request: HttpRequest) => {
        sent = request;
        return Promise.resolve({ response: http(200, '') });
      },
    });
    const command = new GetItemCommand({ TableName: 'accounts', Key: { account: { S: 'joe' } } });
    await new Connection(client).send(command, AbortSignal.timeout(10_000));
    if (sent === undefined) {
      throw new Error('no request was sent');
    }
    return { ...sent, body: new TextDecoder().decode(sent.body) };
  }

  const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

  test('is signed as AWS computes it, the token of the credentials included', async () => {
    const { method, path, headers, body } = await requestOf({ ...KEYS, sessionToken: 'a-token' });
    const received = { method, path, headers, body };
    const authorization = authorizationOf(received);
    expect(authorization).toMatchObject({ region: 'eu-west-1', service: 'dynamodb' });
    expect(authorization.signedHeaders).toEqual(
      expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token', 'x-amz-target']),
    );
    expect(authorization.signature).toBe(signatureOf(received, KEYS, 'eu-west-1'));
    expect(headers['x-amz-security-token']).toBe('a-token');
  });

  test('goes to the endpoint of the Region, to that of the AWS account where it is known, or to the one that is named', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', undefined);
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', undefined);
    try {
      const ofRegion = await requestOf(KEYS);
      expect([ofRegion.protocol, ofRegion.headers['host']]).toEqual([
        'https:',
        'dynamodb.eu-west-1.amazonaws.com',
      ]);
      const ofAccount = await requestOf({ ...KEYS, accountId: '123456789012' });
      expect(ofAccount.headers['host']).toBe('123456789012.ddb.eu-west-1.amazonaws.com');
    } finally {
      vi.unstubAllEnvs();
    }
    const named = await requestOf(KEYS, { endpoint: 'http://127.0.0.1:8000' });
    expect([named.protocol, named.headers['host']]).toEqual(['http:', '127.0.0.1:8000']);
  });

  test('is sent with the credentials that are there by then, though there were none before', async () => {
    let known = false;
    const client = createClient({
      region: 'eu-west-1',
      credentials: () => (known ? Promise.resolve(KEYS) : Promise.reject(new Error('no credentials yet'))),
    });
    Object.assign(client.config.requestHandler, {
      handle: () => Promise.resolve({ response: http(200, '') }),
    });
    const connection = new Connection(client);
    const read = () =>
      connection.send(
        new GetItemCommand({ TableName: 'accounts', Key: { account: { S: 'joe' } } }),
        AbortSignal.timeout(10_000),
      );
    await expect(read()).rejects.toMatchObject({
      executed: 'no',
      message: expect.stringContaining('no credentials yet'),
    });
    known = true;
    expect(await read()).toMatchObject({ kind: 'done' });
  });
});
