import { describe, expect } from 'vitest';
import type { BankClient } from '../../client/index.ts';
import { keyTimeMs } from '../../functions/bank/key.ts';
import { answer, drop, hang, hold, refuse } from '../support/behaviours.ts';
import { keyAt } from '../support/keys.ts';
import { until } from '../support/promises.ts';
import { regionsOf, type TwoRegions, test } from '../support/two-regions.ts';

const MAX_IN_FLIGHT = 4;

/** Makes calls at once, each on its own account. */
function deposits(client: BankClient, calls: number, options = {}) {
  const running = Array.from({ length: calls }, (_, index) =>
    client.deposit(`account-${index}`, 1n, options),
  );
  return Promise.allSettled(running);
}

function accountsOf({ arrivals }: TwoRegions): string[] {
  return arrivals.map(({ path }) => path.split('/')[2] ?? '');
}

/** Resolves when this number of attempts has failed. */
async function failed({ events }: TwoRegions, count: number): Promise<void> {
  await until(() => events.filter(({ type }) => type === 'attempt_failed').length >= count);
}

describe('a burst of calls', () => {
  test.for([
    { most: 16, options: {} },
    { most: MAX_IN_FLIGHT, options: { maxInFlight: MAX_IN_FLIGHT } },
  ])(
    'is sent $most at a time with $options, and every call is answered',
    async ({ most, options }, { regions, east, west, bank }) => {
      const open = { now: 0, most: 0 };
      const first = hold((exchange) => {
        open.now -= 1;
        return answer(exchange);
      });
      east.usually = (exchange) => {
        open.now += 1;
        open.most = Math.max(open.most, open.now);
        return first.held(exchange);
      };

      const calls = deposits(regions.client(options), 100);
      await east.received(most);
      // In the time that another call needs for its answer, one more would arrive as well.
      await regions.client({ endpoints: [west.url] }).deposit('joe', 1n);
      first.release();

      expect((await calls).filter(({ status }) => status === 'rejected')).toEqual([]);
      expect(bank.executions).toHaveLength(101);
      expect(open.most).toBe(most);
    },
  );

  test('is sent in the order in which its calls were made', async ({ regions }) => {
    await deposits(regions.client({ maxInFlight: 1 }), 20);

    expect(accountsOf(regions)).toEqual(Array.from({ length: 20 }, (_, index) => `account-${index}`));
  });
});

describe('a call that waits for its turn', () => {
  test('has the whole attempt timeout left when it is sent', async ({ regions, east, time }) => {
    const held = hold(answer);
    east.next(held.held);
    const client = regions.client({ maxInFlight: 1, attemptTimeoutMs: 2000, callTimeoutMs: 10_000 });

    const calls = deposits(client, 2);
    await east.received(1);
    time.advance(1999);
    held.release();
    await calls;

    expect(regions.arrivals.map(({ headers }) => headers['bank-time-left-ms'])).toEqual(['2000', '2000']);
  });

  test.for([false, true])(
    'gets its key when it is sent, because keys that waited are slow (batchCalls: %j)',
    async (batchCalls, { regions, east, time }) => {
      const held = hold(answer);
      east.next(held.held);
      const client = regions.client({ batchCalls, maxInFlight: 1 });

      const calls = [client.deposit('ann', 1n), client.deposit('joe', 1n), client.deposit('joe', 1n)];
      await east.received(1);
      time.advance(1000);
      held.release();
      const [first, ...others] = (await Promise.all(calls)).map(({ key }) => keyTimeMs(key));

      expect(others).toEqual([Number(first) + 1000, Number(first) + 1000]);
    },
  );

  test('certainly was not executed when its time is up first, and says why', async ({ regions }) => {
    const { east, time } = regions;
    east.usually = hang;
    const client = regions.client({ maxInFlight: 1, attemptTimeoutMs: 2000 });
    const first = client.deposit('joe', 1n);
    first.catch(() => {});
    await east.received(1);

    const call = client.deposit('ann', 1n, { timeoutMs: 1000 });
    call.catch(() => {});
    time.advance(1000);

    await expect(call).rejects.toMatchObject({
      code: 'unavailable',
      failures: [{ reason: 'queued', executed: 'no' }],
    });
    await expect(call).rejects.toThrow('us-east-1: queued');
    expect(regions.arrivals).toHaveLength(1);
  });

  test('certainly was not executed when it has no time for its first attempt, and says why', async ({
    regions,
  }) => {
    let elapsedMs = 0;
    const client = regions.client({ environment: { elapsedMs: () => elapsedMs++ } });
    const call = client.deposit('joe', 1n, { timeoutMs: 1 });

    await expect(call).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The call got no answer. It was not executed. us-east-1: timed out',
      failures: [{ reason: 'timed_out', executed: 'no' }],
    });
    expect(regions.arrivals).toEqual([]);
  });

  test('was not executed when it is aborted first, and the next has its place', async ({ regions, east }) => {
    const held = hold(answer);
    east.next(held.held);
    const client = regions.client({ maxInFlight: 1 });
    const controller = new AbortController();

    const first = client.deposit('joe', 1n);
    const second = client.deposit('ann', 1n, { signal: controller.signal });
    const third = client.deposit('zoe', 1n);
    second.catch(() => {});
    await east.received(1);
    controller.abort(new Error('changed my mind'));
    await expect(second).rejects.toMatchObject({
      code: 'unavailable',
      cause: { message: 'changed my mind' },
    });
    held.release();
    await Promise.all([first, third]);

    expect(accountsOf(regions)).toEqual(['joe', 'zoe']);
    expect(regions.time.timers).toBe(0);
  });

  test('is ended by the close of the client', async ({ regions }) => {
    regions.east.usually = hang;
    const client = regions.client({ maxInFlight: 1 });

    const calls = deposits(client, 3);
    await regions.east.received(1);
    await client.close();

    expect((await calls).map((call) => (call.status === 'rejected' ? call.reason.code : ''))).toEqual([
      'outcome_unknown',
      'unavailable',
      'unavailable',
    ]);
    expect(regions.time.timers).toBe(0);
  });
});

describe('a Region that is frozen under a burst', () => {
  test('costs one attempt timeout: all calls that wait go to the other Region', async ({ regions }) => {
    const { east, west, time } = regions;
    east.usually = hang;
    const client = regions.client({ maxInFlight: MAX_IN_FLIGHT, attemptTimeoutMs: 2000 });

    const calls = deposits(client, 100);
    await east.received(MAX_IN_FLIGHT);
    time.advance(2000);

    expect((await calls).filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
    expect(east.requests).toHaveLength(MAX_IN_FLIGHT);
    expect(west.requests).toHaveLength(100);
    expect(time.environment.elapsedMs()).toBe(2000);
  });

  test('lets calls go to the other Region while its own still hang', async ({ regions, east, time }) => {
    east.usually = hang;
    const client = regions.client({ maxInFlight: 2, attemptTimeoutMs: 2000 });
    const oldest = client.deposit('joe', 1n);
    await east.received(1);
    time.advance(1000);
    const hanging = client.deposit('ann', 1n);
    await east.received(2);
    const waiting = deposits(client, 10);
    time.advance(1000);
    await oldest;

    expect((await waiting).filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect(east.requests).toHaveLength(2);
    time.advance(1000);
    expect(await hanging).toMatchObject({ region: 'us-east-2' });
  });

  test('does not stop calls that are hedged', async ({ regions, east, west, time }) => {
    east.usually = hang;
    const client = regions.client({ maxInFlight: MAX_IN_FLIGHT, hedgeAfterMs: 100 });

    const calls = deposits(client, 100);
    await east.received(MAX_IN_FLIGHT);
    time.advance(100);

    expect((await calls).filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
    expect(west.requests).toHaveLength(100);
    expect(time.environment.elapsedMs()).toBe(100);
  });
});

describe('when both Regions fail under a burst', () => {
  test('a call that was sent before goes first, so that few outcomes are unknown', async ({ regions }) => {
    const { east, west } = regions;
    east.next(drop);
    west.next(drop);
    const held = hold(answer);
    east.next(held.held);
    const client = regions.client({ maxInFlight: 1 });

    const calls = deposits(client, 4);
    await failed(regions, 2);
    await east.received(2);
    held.release();
    await calls;

    // The second call had begun while the first one waited between its rounds.
    expect(accountsOf(regions)).toEqual([
      'account-0',
      'account-0',
      'account-1',
      'account-0',
      'account-2',
      'account-3',
    ]);
  });

  test('every call ends, and each place is given back', async ({ regions }) => {
    regions.east.usually = drop;
    regions.west.usually = refuse('unavailable', { executed: false });
    const client = regions.client({ maxInFlight: 2, maxAttempts: 4 });

    const calls = await deposits(client, 20);
    expect(calls.map((call) => (call.status === 'rejected' ? call.reason.code : ''))).toEqual(
      Array(20).fill('outcome_unknown'),
    );
    regions.east.usually = answer;
    const before = regions.arrivals.length;

    await deposits(client, 20);
    expect(regionsOf(regions.arrivals.slice(before))).toEqual(Array(20).fill('us-east-1'));
    expect(await client.deposit('joe', 1n, { key: keyAt(regions.time.nowMs()) })).toMatchObject({
      balance: 1n,
    });
  });
});
