import { inspect } from 'node:util';
import { describe, expect } from 'vitest';
import type { Credentials } from '../../client/index.ts';
import { answer, drop, gateway, loseReply, refuse } from '../support/behaviours.ts';
import { keyAt } from '../support/keys.ts';
import type { ReceivedRequest } from '../support/memory-bank.ts';
import { errorOf } from '../support/promises.ts';
import { authorizationOf, signatureOf } from '../support/signature.ts';
import { regionsOf, type TwoRegions, test } from '../support/two-regions.ts';

const CREDENTIALS: Credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'session-token-of-the-tests',
};

function expectSigned(request: ReceivedRequest | undefined, credentials: Credentials, region: string): void {
  if (request === undefined) {
    throw new Error('no request arrived');
  }
  const authorization = authorizationOf(request);
  expect(authorization).toMatchObject({
    accessKeyId: credentials.accessKeyId,
    region,
    service: 'execute-api',
  });
  expect(authorization.signedHeaders).toEqual(expect.arrayContaining(['host', 'x-amz-date']));
  expect(authorization.signature).toBe(signatureOf(request, credentials, region));
}

const SIGNATURE_LIFE_MS = 5 * 60_000;

/** Puts a gateway like AWS's in front of both endpoints, which rejects signatures with a wrong time before anything has happened. */
function beBehindAws(regions: TwoRegions): void {
  regions.usually((exchange) => {
    const deliver = isFresh(regions, exchange.request) ? answer : gateway(403, 'Signature expired');
    deliver(exchange);
  });
}

function isFresh({ time }: TwoRegions, { headers }: ReceivedRequest): boolean {
  return Math.abs(timestampMs(headers['x-amz-date']) - time.nowMs()) < SIGNATURE_LIFE_MS;
}

describe('a request with credentials', () => {
  test('carries the signature that AWS computes, which covers key and token too', async ({ regions }) => {
    await regions.client({ credentials: CREDENTIALS }).deposit('joe.smith:1_2-3@example.org', 10n);

    const [request] = regions.arrivals;
    expectSigned(request, CREDENTIALS, 'us-east-1');
    expect(request?.headers['x-amz-security-token']).toBe(CREDENTIALS.sessionToken);
    expect(request && authorizationOf(request).signedHeaders).toEqual(
      expect.arrayContaining(['idempotency-key', 'x-amz-security-token']),
    );
  });

  test('is signed anew at a failover, for the Region that it goes to', async ({ regions }) => {
    regions.east.next(drop);
    await regions.client({ credentials: CREDENTIALS }).deposit('joe', 10n);

    const [east, west] = regions.arrivals;
    expectSigned(east, CREDENTIALS, 'us-east-1');
    expectSigned(west, CREDENTIALS, 'us-east-2');
  });

  test('is signed when it reads and when it probes', async ({ regions }) => {
    regions.east.next(drop);
    const client = regions.client({ credentials: CREDENTIALS, probeIntervalMs: 1000 });
    await client.deposit('joe', 10n);
    await client.balance('joe');
    regions.time.advance(1000);
    await client.balance('joe');

    expectSigned(regions.west.requests[1], CREDENTIALS, 'us-east-2');
    expectSigned(await regions.east.probed(1), CREDENTIALS, 'us-east-1');
  });

  test("is signed at the bank's time once that is known", async ({ regions }) => {
    regions.time.wallClockErrorMs = 10 * 60_000;
    await regions.client({ credentials: CREDENTIALS }).deposit('joe', 10n);

    // Before the clock is corrected, the key is in the future for both Regions.
    const [early, , corrected] = regions.arrivals.map(({ headers }) => timestampMs(headers['x-amz-date']));
    expect(Number(early) - regions.time.nowMs()).toBeGreaterThan(5 * 60_000);
    expect(Math.abs(Number(corrected) - regions.time.nowMs())).toBeLessThan(60_000);
    expectSigned(regions.arrivals[2], CREDENTIALS, 'us-east-1');
  });

  describe("when the client's clock is so wrong that AWS turns its signatures away", () => {
    const HOUR_MS = 60 * 60_000;

    test.for([HOUR_MS, -HOUR_MS])(
      "is sent once more, signed at AWS's time (%i ms off)",
      async (errorMs, { regions }) => {
        regions.time.wallClockErrorMs = errorMs;
        beBehindAws(regions);
        const client = regions.client({ credentials: CREDENTIALS });

        expect(await client.deposit('joe', 10n)).toMatchObject({ balance: 10n });
        expect(await client.balance('joe')).toMatchObject({ balance: 10n });
        const refused = regions.arrivals.filter((request) => !isFresh(regions, request));
        expect(regionsOf(refused)).toEqual(['us-east-1', 'us-east-2']);
      },
    );

    test('keeps the key of the caller, and names it when the call is refused', async ({ regions }) => {
      regions.time.wallClockErrorMs = -HOUR_MS;
      beBehindAws(regions);
      const key = keyAt(regions.time.nowMs());
      const client = regions.client({ credentials: CREDENTIALS });

      await expect(client.withdraw('joe', 10n, { key })).rejects.toMatchObject({
        code: 'no_such_account',
        key,
      });
      expect(new Set(regions.arrivals.map((request) => request.key))).toEqual(new Set([key]));
    });

    test.for([
      // It is the credentials or their policy.
      { what: 'is not sent again when the clock is right', errorMs: 0, attempts: 2 },
      { what: 'is sent once more only', errorMs: HOUR_MS, attempts: 4 },
    ])('$what, if AWS still refuses', async ({ errorMs, attempts }, { regions }) => {
      regions.time.wallClockErrorMs = errorMs;
      regions.usually(gateway(403, 'Forbidden'));

      await expect(regions.client({ credentials: CREDENTIALS }).deposit('joe', 10n)).rejects.toMatchObject({
        code: 'not_authorized',
      });
      expect(regionsOf(regions.arrivals)).toEqual(
        Array(attempts / 2)
          .fill(['us-east-1', 'us-east-2'])
          .flat(),
      );
    });

    test('does not hide that an attempt before may have been executed', async ({ regions }) => {
      regions.time.wallClockErrorMs = HOUR_MS;
      regions.east.next(loseReply);
      regions.usually(gateway(403, 'Forbidden'));

      await expect(regions.client({ credentials: CREDENTIALS }).deposit('joe', 10n)).rejects.toMatchObject({
        code: 'outcome_unknown',
      });
    });
  });

  test('asks the provider before each attempt: credentials may change', async ({ regions }) => {
    regions.east.next(drop);
    const issued: Credentials[] = [];
    const credentials = () => {
      const number = issued.length + 1;
      issued.push({ accessKeyId: `AKID${number}`, secretAccessKey: `secret-${number}` });
      return Promise.resolve(issued.at(-1) ?? CREDENTIALS);
    };
    await regions.client({ credentials }).deposit('joe', 10n);

    expect(regions.arrivals.map((request) => authorizationOf(request).accessKeyId)).toEqual([
      'AKID1',
      'AKID2',
    ]);
    expectSigned(regions.arrivals[1], issued[1] ?? CREDENTIALS, 'us-east-2');
    expect(regions.arrivals[1]?.headers['x-amz-security-token']).toBeUndefined();
  });

  test('finds the Region in the host name that API Gateway gives out', async ({ regions }) => {
    const endpoints = ['eu-west-1', 'ap-northeast-3'].map(
      (region) => `https://abc123.execute-api.${region}.amazonaws.com`,
    );
    const authorizations: string[] = [];
    const client = regions.client({
      endpoints,
      credentials: CREDENTIALS,
      maxAttempts: 2,
      environment: {
        sendsOnce: true,
        fetch: (_url, init) => {
          authorizations.push(new Headers(init?.headers).get('authorization') ?? '');
          return Promise.resolve(new Response('{}', { status: 502 }));
        },
      },
    });
    await client.deposit('joe', 10n).catch(() => {});

    expect(authorizations).toEqual([
      expect.stringContaining('/eu-west-1/execute-api/aws4_request'),
      expect.stringContaining('/ap-northeast-3/execute-api/aws4_request'),
    ]);
    expect(regions.events.flatMap((event) => ('endpoint' in event ? [event.endpoint.name] : []))).toEqual([
      'eu-west-1',
      'eu-west-1',
      'ap-northeast-3',
      'ap-northeast-3',
    ]);
  });
});

describe('credentials', () => {
  test('that cannot be had make a call unavailable, and nothing is sent', async ({ regions }) => {
    const fault = new Error('the token has expired');
    const call = regions
      .client({ credentials: () => Promise.reject(fault), maxAttempts: 2 })
      .deposit('joe', 10n);

    await expect(call).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(': cannot sign (the token has expired)'),
      failures: Array(2).fill({ reason: 'cannot_sign', executed: 'no', cause: fault }),
    });
    expect(regions.arrivals).toEqual([]);
  });

  test('that never come do not outlast an attempt, a call, or the client', async ({ regions, time }) => {
    const controller = new AbortController();
    const options = { credentials: () => new Promise<Credentials>(() => {}), maxAttempts: 2 };

    const timedOut = regions.client({
      ...options,
      onEvent: ({ type }) => type === 'attempt_started' && queueMicrotask(() => time.advance(2000)),
    });
    await expect(timedOut.deposit('joe', 10n)).rejects.toMatchObject({
      code: 'unavailable',
      failures: Array(2).fill({ reason: 'timed_out', executed: 'no' }),
    });

    const early = new AbortController();
    const abortedEarly = regions.client({
      ...options,
      onEvent: ({ type }) => type === 'attempt_started' && early.abort(),
    });
    await expect(abortedEarly.deposit('joe', 10n, { signal: early.signal })).rejects.toMatchObject({
      code: 'unavailable',
    });

    const client = regions.client(options);
    const aborted = client.deposit('joe', 10n, { signal: controller.signal });
    const closed = client.deposit('joe', 10n);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'unavailable', failures: [{ reason: 'aborted' }] });
    await client.close();
    await expect(closed).rejects.toMatchObject({ code: 'unavailable', failures: [{ reason: 'aborted' }] });
    expect(regions.arrivals).toEqual([]);
    expect(time.timers).toBe(0);
  });

  test('stay secret: they are in no header, event or error', async ({ regions }) => {
    regions.east.usually = drop;
    regions.west.usually = refuse('bad_request');
    const error = await errorOf(regions.client({ credentials: CREDENTIALS }).deposit('joe', 10n));

    const shown = inspect([error, regions.events, regions.arrivals], { depth: 20, showHidden: true });
    expect(shown).toContain(CREDENTIALS.accessKeyId);
    expect(shown).not.toContain(CREDENTIALS.secretAccessKey);
    // The token must be sent, but never printed.
    expect(inspect([error, regions.events], { depth: 20, showHidden: true })).not.toContain(
      CREDENTIALS.sessionToken,
    );
  });

  test('are not needed: without them requests are not signed', async ({ regions }) => {
    await regions.client().deposit('joe', 10n);

    const names = Object.keys(regions.arrivals[0]?.headers ?? {});
    expect(names.filter((name) => name === 'authorization' || name.startsWith('x-amz-'))).toEqual([]);
  });
});

function timestampMs(timestamp: string | string[] | undefined): number {
  return Date.parse(
    String(timestamp).replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
}
