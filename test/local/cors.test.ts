import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { mintKey } from '../../client/index.ts';
import { BankLab, FIRST } from '../support/bank-lab.ts';

const lab = new BankLab();
let region: string;

beforeAll(async () => {
  const bank = await lab.start(null, [], { DYNAMODB_ENDPOINT: inject('dynamodbEndpoint') });
  await bank.until(() => bank.lines.some((line) => line.includes('"ready"')));
  region = bank.region(FIRST).url;
});
afterAll(() => lab.close());

const LOOPBACK = ['http://127.0.0.1:3000', 'http://localhost:5173', 'http://[::1]:8080', 'https://localhost'];
const FOREIGN = [
  'https://example.org',
  'http://127.0.0.1.example.org',
  'http://localhost.example.org',
  'null',
  'file://',
];

function deposit(headers: Record<string, string>): Promise<Response> {
  return fetch(`${region}/accounts/ann/deposits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': mintKey(), ...headers },
    body: '{"amount":"1"}',
  });
}

function preflight(origin: string): Promise<Response> {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'idempotency-key',
  };
  return fetch(`${region}/accounts/ann/deposits`, { method: 'OPTIONS', headers });
}

describe('a Region of one machine', () => {
  test.each(LOOPBACK)('lets a page from %s call it and read what the client goes by', async (origin) => {
    const asked = await preflight(origin);
    expect(asked.ok).toBe(true);
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin);
    expect(asked.headers.get('access-control-allow-methods')?.split(', ').sort()).toEqual([
      'DELETE',
      'GET',
      'POST',
      'PUT',
    ]);
    const allowed = asked.headers.get('access-control-allow-headers')?.split(', ');
    expect(allowed).toEqual(
      expect.arrayContaining(['content-type', 'idempotency-key', 'bank-time-left-ms', 'bank-reply-cache']),
    );

    const answer = await deposit({ origin });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    const readable = answer.headers.get('access-control-expose-headers')?.split(', ');
    expect(readable).toEqual(
      expect.arrayContaining(['bank-region', 'idempotent-replayed', 'date', 'retry-after']),
    );
  });

  test('lets such a page read refusals too', async () => {
    const answer = await fetch(`${region}/accounts/nobody`, { headers: { origin: 'http://localhost:3000' } });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
  });

  test.each(FOREIGN)(
    'executes no call of a page from %s, not even one that needs no preflight',
    async (origin) => {
      const calls = [{ operation: 'deposit', key: mintKey(), amount: '1' }];
      const answer = await fetch(`${region}/accounts/eve/batches`, {
        method: 'POST',
        headers: { 'content-type': 'text/plain', origin },
        body: JSON.stringify({ calls }),
      });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toEqual({
        message: 'Only pages of 127.0.0.1 and localhost may call this bank.',
      });
      expect((await fetch(`${region}/accounts/eve`)).status).toBe(404);
    },
  );

  test.each(FOREIGN)('turns the preflight of a page from %s down', async (origin) => {
    const asked = await preflight(origin);
    expect(asked.headers.get('access-control-allow-origin')).toBeNull();
    expect(asked.headers.get('access-control-allow-headers')).toBeNull();
    expect((await deposit({ origin })).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('marks the answer for caches as depending on the origin', async () => {
    expect((await deposit({})).headers.get('vary')).toBe('origin');
  });

  test('leaves an OPTIONS that is no preflight to the function', async () => {
    const answer = await fetch(`${region}/accounts/ann`, { method: 'OPTIONS' });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'no_such_route' });
  });
});

describe('a Region on this machine', () => {
  /** Asks for joe's balance, under any name of the machine. */
  async function statusFor(host: string): Promise<number | undefined> {
    const sent = request(`${region}/accounts/joe`, { headers: { host }, agent: false }).end();
    const [response] = await once(sent, 'response');
    response.resume();
    return response.statusCode;
  }

  test('answers by the names of this machine only, so that no page can make its own name point here', async () => {
    expect(await statusFor('evil.example:3020')).toBe(403);
    expect(await statusFor('127.0.0.1.evil.example')).toBe(403);
    expect(await statusFor('localhost')).toBe(404);
    expect(await statusFor(new URL(region).host)).toBe(404);
  });
});
