import { describe, expect } from 'vitest';
import { BankClient, OutcomeUnknownError, UnavailableError } from '../../client/index.ts';
import { answer, drop, gateway, hang, hangAfterHeaders, reset } from '../support/behaviours.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { regionsOf, test, typesOf } from '../support/two-regions.ts';

describe('the first failover', () => {
  test.for([
    { name: 'closes the connection', behaviour: drop },
    { name: 'resets the connection', behaviour: reset },
    { name: 'answers 502', behaviour: gateway(502, 'Bad Gateway') },
  ])('comes at once when the preferred Region $name', async ({ behaviour }, { regions }) => {
    regions.east.next(behaviour);

    const moved = await regions.client().deposit('joe', 10n);

    expect(moved).toMatchObject({ account: 'joe', balance: 10n, region: 'us-east-2' });
    expect(typesOf(regions.events)).toEqual([
      'key',
      'attempt_started',
      'attempt_failed',
      'attempt_started',
      'attempt_answered',
      'endpoint_changed',
    ]);
  });

  test('comes at once when the preferred address refuses connections', async ({ regions }) => {
    const endpoints = [await refusingUrl(), regions.west.url];

    const moved = await regions.client({ endpoints }).deposit('joe', 10n);

    expect(moved.balance).toBe(10n);
    expect(typesOf(regions.events)).not.toContain('waiting');
    expect(regions.events.find(({ type }) => type === 'attempt_failed')).toMatchObject({
      reason: 'cannot_connect',
      executed: 'no',
    });
  });

  test('is made by reads as well', async ({ regions }) => {
    const client = regions.client();
    await client.deposit('joe', 10n);
    regions.east.next(drop);

    expect(await client.balance('joe')).toEqual({
      account: 'joe',
      balance: 10n,
      held: 0n,
      region: 'us-east-2',
    });
  });
});

describe('the endpoint that worked last', () => {
  test('is used again: later calls do not try a Region that died', async ({ regions, east, west }) => {
    const client = regions.client();
    await client.deposit('joe', 1n);
    await east.stop();
    for (let calls = 0; calls < 5; calls += 1) {
      await client.deposit('joe', 1n);
    }

    expect(east.requests).toHaveLength(1);
    expect(west.requests).toHaveLength(5);
    // Only one attempt was sent to the dead Region: by the first call after its death.
    expect(regions.events.filter(({ type }) => type === 'attempt_failed')).toHaveLength(1);
    expect(regions.bank.balanceOf('joe')).toBe(6n);
  });

  test('is left again when it dies in its turn', async ({ regions }) => {
    const client = regions.client();
    regions.east.next(drop);
    regions.west.next(answer, drop);
    await client.deposit('joe', 1n);
    await client.deposit('joe', 1n);
    await client.deposit('joe', 1n);

    expect(regionsOf(regions.arrivals)).toEqual([
      'us-east-1',
      'us-east-2',
      'us-east-2',
      'us-east-1',
      'us-east-1',
    ]);
  });

  test('costs a frozen Region one attempt timeout, once', async ({ regions, east, time }) => {
    east.usually = hang;
    const client = regions.client({ attemptTimeoutMs: 2000, callTimeoutMs: 10_000 });

    const first = client.deposit('joe', 1n);
    await east.received(1);
    time.advance(1999);
    expect(typesOf(regions.events)).not.toContain('attempt_failed');
    time.advance(1);
    await first;
    for (let calls = 0; calls < 5; calls += 1) {
      await client.deposit('joe', 1n);
    }

    expect(east.requests).toHaveLength(1);
    expect(time.environment.elapsedMs()).toBe(2000);
    expect(regions.events.find(({ type }) => type === 'attempt_failed')).toMatchObject({
      reason: 'timed_out',
      durationMs: 2000,
    });
  });

  test('is kept by the clock of the platform as well as by one that a test hands in', async ({ regions }) => {
    regions.east.next(hang, hangAfterHeaders);
    await using client = new BankClient({
      endpoints: [regions.east.url, regions.west.url],
      attemptTimeoutMs: 100,
    });

    // If the machine is so busy that the healthy Region needs 100 ms as well, a retry still gets the answer.
    expect(await client.deposit('joe', 1n)).toMatchObject({ balance: 1n });
  });
});

describe('when every endpoint has failed', () => {
  test('waits before each further round, with full jitter', async ({ regions }) => {
    regions.east.next(drop, drop, drop, drop);
    regions.west.next(drop, drop, drop, drop);
    const numbers = [0.5, 0.25, 0.999, 0];
    const client = regions.client({
      backoff: { baseMs: 100, capMs: 300 },
      environment: { random: () => numbers.shift() ?? 0 },
    });

    await client.deposit('joe', 10n);

    const round = ['attempt_started', 'attempt_failed', 'attempt_started', 'attempt_failed', 'waiting'];
    expect(typesOf(regions.events)).toEqual([
      'key',
      ...round,
      ...round,
      ...round,
      ...round,
      'attempt_started',
      'attempt_answered',
    ]);
    // Upper bounds of 100, 200, 300 (not 400: that is the cap) and 300.
    expect(regions.events.flatMap((event) => (event.type === 'waiting' ? [event.delayMs] : []))).toEqual([
      0.5 * 100,
      0.25 * 200,
      0.999 * 300,
      0 * 300,
    ]);
    expect(regions.bank.executions).toHaveLength(1);
  });

  test('ends with the deadline of the call, without a wait that would outlast it', async ({ regions }) => {
    regions.usually(gateway(429, 'Too Many Requests'));
    const client = regions.client({
      callTimeoutMs: 1000,
      backoff: { baseMs: 300, capMs: 300 },
      environment: { random: () => 0.999 },
    });

    await expect(client.deposit('joe', 10n)).rejects.toBeInstanceOf(UnavailableError);

    // Rounds begin at 0, 300, 600 and 900 ms. The wait after the fourth would end after the deadline.
    expect(regions.arrivals).toHaveLength(8);
    expect(regions.time.environment.elapsedMs()).toBeLessThan(1000);
  });

  test('gives an attempt the time that the call has left, and tells the bank', async ({ regions }) => {
    const { east, west, time } = regions;
    regions.usually(hang);
    const client = regions.client({ attemptTimeoutMs: 700 });

    const call = client.deposit('joe', 10n, { timeoutMs: 1000 });
    call.catch(() => {});
    await east.received(1);
    time.advance(700);
    await west.received(1);
    time.advance(300);

    await expect(call).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(regions.arrivals.map(({ headers }) => headers['bank-time-left-ms'])).toEqual(['700', '300']);
    expect(regions.time.timers).toBe(0);
  });

  test('makes no more attempts than maxAttempts', async ({ regions }) => {
    regions.usually(drop);

    await expect(regions.client({ maxAttempts: 3 }).deposit('joe', 10n)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });

    expect(regionsOf(regions.arrivals)).toEqual(['us-east-1', 'us-east-2', 'us-east-1']);
  });
});
