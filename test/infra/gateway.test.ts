import { describe, expect, test } from 'vitest';
import { fromResult, gatewayAnswer, type HttpRequest, toEvent } from '../../functions/memory/gateway.ts';

const NOW_MS = Date.UTC(2026, 10, 2, 3, 4, 5);

function event(request: Partial<HttpRequest>) {
  const get = { method: 'GET', target: '/', rawHeaders: [], body: Buffer.alloc(0), sourceIp: '127.0.0.1' };
  return toEvent({ ...get, ...request }, 'request-1', NOW_MS);
}

function post(contentType: string | null, body: Buffer | string) {
  const rawHeaders = contentType === null ? [] : ['Content-Type', contentType];
  return event({ method: 'POST', rawHeaders, body: Buffer.from(body) });
}

describe('an event', () => {
  test('has everything that format 2.0 has', () => {
    const rawHeaders = ['Host', '127.0.0.1:3020', 'User-Agent', 'curl/8', 'Content-Type', 'application/json'];
    const request = {
      method: 'POST',
      target: '/accounts/joe/deposits?a=1',
      rawHeaders,
      body: Buffer.from('{"amount":"10"}'),
    };
    expect(event(request)).toEqual({
      version: '2.0',
      routeKey: 'POST /accounts/{account}/deposits',
      rawPath: '/accounts/joe/deposits',
      rawQueryString: 'a=1',
      headers: { host: '127.0.0.1:3020', 'user-agent': 'curl/8', 'content-type': 'application/json' },
      queryStringParameters: { a: '1' },
      requestContext: {
        accountId: 'anonymous',
        apiId: 'local',
        domainName: '127.0.0.1:3020',
        domainPrefix: '127',
        http: {
          method: 'POST',
          path: '/accounts/joe/deposits',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'curl/8',
        },
        requestId: 'request-1',
        routeKey: 'POST /accounts/{account}/deposits',
        stage: '$default',
        time: '02/Nov/2026:03:04:05 +0000',
        timeEpoch: NOW_MS,
      },
      body: '{"amount":"10"}',
      isBase64Encoded: false,
    });
  });

  test('has no body, query parameters or cookies where the request has none', () => {
    const bare = event({});
    expect(bare).not.toHaveProperty('body');
    expect(bare).not.toHaveProperty('queryStringParameters');
    expect(bare).not.toHaveProperty('cookies');
    expect(bare).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
  });

  test('has header names in lower case, and repeated headers joined by a comma', () => {
    const rawHeaders = ['Idempotency-Key', 'a', 'IDEMPOTENCY-KEY', 'b', 'X-Empty', ''];
    expect(event({ rawHeaders }).headers).toEqual({ 'idempotency-key': 'a,b', 'x-empty': '' });
  });

  test('has a header named __proto__ as just another header', () => {
    const { headers } = event({ rawHeaders: ['__proto__', 'x'] });
    expect(Object.entries(headers)).toEqual([['__proto__', 'x']]);
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  });

  test('has cookies in a list of their own', () => {
    const { cookies, headers } = event({ rawHeaders: ['Cookie', 'a=1; b=2', 'Cookie', 'c=3'] });
    expect(cookies).toEqual(['a=1', 'b=2', 'c=3']);
    expect(headers).not.toHaveProperty('cookie');
  });

  test('has repeated query parameters joined by a comma, and decoded', () => {
    const { queryStringParameters, rawQueryString } = event({ target: '/?a=1&b=%20x&a=2?' });
    expect(rawQueryString).toBe('a=1&b=%20x&a=2?');
    expect(queryStringParameters).toEqual({ a: '1,2?', b: ' x' });
  });

  test('has its path decoded, as an HTTP API sends it', () => {
    expect(event({ target: '/accounts/a%40b%3Ac' })).toMatchObject({
      rawPath: '/accounts/a@b:c',
      requestContext: { http: { path: '/accounts/a@b:c' } },
    });
  });

  test('has the route of the path as it was sent, as the gateway chooses it before it decodes', () => {
    expect(event({ target: '/accounts/joe%2Freplies%2F7' })).toMatchObject({
      routeKey: 'GET /accounts/{account}',
      rawPath: '/accounts/joe/replies/7',
    });
    expect(event({ target: '/accounts%2Fjoe' })).toMatchObject({
      routeKey: '$default',
      rawPath: '/accounts/joe',
    });
  });

  test('has a path that cannot be decoded as it came', () => {
    expect(event({ target: '/accounts/%zz' }).rawPath).toBe('/accounts/%zz');
  });

  test.each([
    'application/json',
    'Application/JSON; charset=utf-8',
    'text/plain',
    'application/xml',
    'application/javascript',
  ])('has a body of type %s as text', (type) => {
    expect(post(type, 'grüße')).toMatchObject({ body: 'grüße', isBase64Encoded: false });
  });

  test.each([
    null,
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'application/problem+json',
  ])('has a body of type %s as base64, even when it is text', (type) => {
    expect(post(type, '{}')).toMatchObject({
      body: Buffer.from('{}').toString('base64'),
      isBase64Encoded: true,
    });
  });

  test('has a body that claims to be text and is not as base64, so that no byte is lost', () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
    expect(post('application/json', bytes)).toMatchObject({
      body: bytes.toString('base64'),
      isBase64Encoded: true,
    });
  });

  test('keeps a byte order mark', () => {
    expect(post('application/json', '\uFEFF{}').body).toBe('\uFEFF{}');
  });
});

describe('an answer', () => {
  test('has the status, the headers and the body of the result', () => {
    const result = {
      statusCode: 409,
      headers: { 'Content-Type': 'application/problem+json', 'Retry-After': 1 },
      body: 'grüße',
    };
    expect(fromResult(result, 'request-1')).toEqual({
      status: 409,
      headers: {
        'content-type': 'application/problem+json',
        'retry-after': '1',
        'apigw-requestid': 'request-1',
      },
      body: Buffer.from('grüße'),
    });
  });

  test('has an empty body and a plain type where the result has none', () => {
    expect(fromResult({ statusCode: 204 }, 'request-1')).toEqual({
      status: 204,
      headers: { 'content-type': 'text/plain;charset=UTF-8', 'apigw-requestid': 'request-1' },
      body: Buffer.alloc(0),
    });
  });

  test('has a base64 body as the bytes that it stands for', () => {
    const result = { statusCode: 200, body: Buffer.from([0, 255]).toString('base64'), isBase64Encoded: true };
    expect(fromResult(result, 'request-1').body).toEqual(Buffer.from([0, 255]));
  });

  test('sets each cookie by itself', () => {
    expect(fromResult({ statusCode: 200, cookies: ['a=1', 'b=2'] }, 'request-1').headers).toMatchObject({
      'set-cookie': ['a=1', 'b=2'],
    });
  });

  test.each([
    undefined,
    null,
    'text',
    {},
    { statusCode: '200' },
    { statusCode: 0 },
    { statusCode: 200, body: {} },
  ])('is an internal error where the function returned %j', (result) => {
    expect(fromResult(result, 'request-1')).toEqual(gatewayAnswer(500, 'Internal Server Error', 'request-1'));
  });

  test('of the gateway itself has the body that API Gateway gives', () => {
    const { status, body } = gatewayAnswer(413, 'Request Entity Too Large', 'request-1');
    expect(status).toBe(413);
    expect(body.toString()).toBe('{"message":"Request Entity Too Large"}');
  });
});
