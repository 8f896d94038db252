import * as v from 'valibot';
import { describe, expect } from 'vitest';
import { keySchema } from '../../client/contract/schemas.ts';
import { mintKey } from '../../client/index.ts';
import { keyTimeMs } from '../../functions/bank/key.ts';
import { answer, drop, gateway, loseReply, refuse, withDate, withoutDate } from '../support/behaviours.ts';
import { keyAt } from '../support/keys.ts';
import { errorOf, until } from '../support/promises.ts';
import { type TwoRegions, test } from '../support/two-regions.ts';

const MINUTE_MS = 60_000;

/** The keys in the order in which they arrived, without repetitions. */
function keysOf({ arrivals }: TwoRegions): string[] {
  return [...new Set(arrivals.flatMap(({ key }) => (key === undefined ? [] : [key])))];
}

describe('a key', () => {
  test('is a UUIDv7 with the time of the clock and the bytes that were handed in', async ({ regions }) => {
    const client = regions.client({
      environment: { randomBytes: (length) => new Uint8Array(length).fill(0xff) },
    });
    regions.time.wallClockErrorMs = -MINUTE_MS;

    const { key } = await client.deposit('joe', 1n);

    expect(v.is(keySchema, key)).toBe(true);
    expect(keyTimeMs(key)).toBe(regions.time.nowMs() - MINUTE_MS);
    expect(key).toMatch(/-ffffffffffff$/);
  });

  test('is a new one for each call, also within a millisecond', async ({ regions }) => {
    const client = regions.client();
    const moved = await Promise.all(Array.from({ length: 50 }, () => client.deposit('joe', 1n)));

    expect(new Set(moved.map(({ key }) => key)).size).toBe(50);
    expect(new Set(Array.from({ length: 1000 }, mintKey)).size).toBe(1000);
  });

  test('is the same for all attempts of a call', async ({ regions }) => {
    regions.east.next(drop, gateway(500, ''), loseReply);
    regions.west.next(drop, gateway(429, ''), refuse('unavailable', { executed: false }));

    const { key } = await regions.client().deposit('joe', 1n);

    expect(regions.arrivals).toHaveLength(7);
    expect(keysOf(regions)).toEqual([key]);
    expect(regions.bank.executions).toHaveLength(1);
  });

  test('is given to the listener before the request is sent', async ({ regions }) => {
    const seen: { key: string; arrivals: number }[] = [];
    const client = regions.client({
      onEvent: (event) => {
        if (event.type === 'key') {
          seen.push({ key: event.key, arrivals: regions.arrivals.length });
        }
      },
    });

    const { key } = await client.deposit('joe', 1n);

    expect(seen).toEqual([{ key, arrivals: 0 }]);
    expect(regions.events[0]).toEqual({ type: 'key', account: 'joe', key });
  });
});

describe('a clock that is wrong', () => {
  test.for([
    // `key_in_future` may come from the clock of one Region, so the client asks both. `key_expired` is recorded, and so final.
    { name: 'ten minutes ahead (key_in_future)', errorMs: 10 * MINUTE_MS, refusals: 2 },
    { name: '31 days behind (key_expired)', errorMs: -31 * 24 * 60 * MINUTE_MS, refusals: 1 },
  ])('is corrected once, by the Date of the answer: $name', async (clock, { regions, time, bank }) => {
    time.wallClockErrorMs = clock.errorMs;
    const client = regions.client();

    const first = await client.deposit('joe', 10n);
    const [refused, minted, ...others] = keysOf(regions);
    expect(others).toEqual([]);
    expect(minted).toBe(first.key);
    expect(bank.executions).toEqual([expect.objectContaining({ key: minted })]);
    expect(bank.executionsOf(String(refused))).toEqual([]);
    expect(regions.events.flatMap((event) => (event.type === 'key' ? [event.key] : []))).toEqual([
      refused,
      minted,
    ]);

    const second = await client.deposit('joe', 10n);
    expect(regions.arrivals).toHaveLength(clock.refusals + 2);
    expect(Math.abs(keyTimeMs(second.key) - time.nowMs())).toBeLessThan(MINUTE_MS);
    expect(bank.balanceOf('joe')).toBe(20n);
  });

  test('that was right before is corrected once, however many calls find out at the same time', async ({
    regions,
  }) => {
    const client = regions.client();
    await client.deposit('joe', 1n);
    regions.time.wallClockErrorMs = 10 * MINUTE_MS;
    await Promise.all([client.deposit('joe', 1n), client.deposit('ann', 1n), client.deposit('zoe', 1n)]);
    expect(regions.bank.executions).toHaveLength(4);
  });

  test('makes no new key while an attempt with the old one may have been executed', async ({ regions }) => {
    regions.time.wallClockErrorMs = 10 * MINUTE_MS;
    // The bank's clock is ahead as well, so that the first attempt is executed.
    regions.bank.nowMs = () => regions.time.environment.wallClockMs();
    regions.east.next(loseReply);
    regions.usually(refuse('key_in_future'));

    const error = await errorOf(regions.client().deposit('joe', 10n));

    expect(error).toMatchObject({ code: 'outcome_unknown', key: keysOf(regions)[0] });
    expect(keysOf(regions)).toHaveLength(1);
    expect(regions.bank.balanceOf('joe')).toBe(10n);
  });

  test('is corrected within the time of the call, which the second key shares', async ({ regions, time }) => {
    time.wallClockErrorMs = 10 * MINUTE_MS;
    regions.east.next((exchange) => {
      time.advance(600);
      refuse('key_in_future')(exchange);
    });

    await regions.client({ attemptTimeoutMs: 5000 }).deposit('joe', 10n, { timeoutMs: 1000 });

    expect(regions.arrivals.map(({ headers }) => headers['bank-time-left-ms'])).toEqual([
      '1000',
      '400',
      '400',
    ]);
  });

  test('is corrected for the next key that the caller mints; the call is refused', async ({ regions }) => {
    const { time } = regions;
    time.wallClockErrorMs = 10 * MINUTE_MS;
    const client = regions.client();

    const early = client.mintKey();
    expect(keyTimeMs(early)).toBe(time.nowMs() + 10 * MINUTE_MS);
    await expect(client.deposit('joe', 10n, { key: early })).rejects.toMatchObject({
      code: 'key_in_future',
      retryWith: 'same key',
    });
    expect(keysOf(regions)).toEqual([early]);

    const key = client.mintKey();
    expect(await client.deposit('joe', 10n, { key })).toMatchObject({ key, balance: 10n });
  });

  test('stays wrong when the answer has no Date, and the refusal is thrown', async ({ regions }) => {
    regions.time.wallClockErrorMs = 10 * MINUTE_MS;
    regions.usually(withoutDate(refuse('key_in_future')));

    await expect(regions.client().deposit('joe', 10n)).rejects.toMatchObject({ code: 'key_in_future' });
    expect(keysOf(regions)).toHaveLength(1);
  });

  test('is corrected by the earliest clock that refuses, so a wrong one is harmless', async ({ regions }) => {
    const { time, bank, east } = regions;
    time.wallClockErrorMs = 10 * MINUTE_MS;
    east.next(withDate(time.nowMs() + 60 * MINUTE_MS, refuse('key_in_future')));

    await regions.client().deposit('joe', 10n);
    expect(keysOf(regions)).toHaveLength(2);
    expect(bank.executions).toHaveLength(1);
  });

  test.for([10, 60, -31 * 24 * 60])(
    'of a Region, by %i minutes, keeps no call from being executed, and is believed no more',
    async (minutes, { regions, time, bank, east }) => {
      east.usually = withDate(time.nowMs() + minutes * MINUTE_MS, answer);
      const client = regions.client();

      for (let calls = 1; calls <= 4; calls += 1) {
        expect(await client.deposit('joe', 10n)).toMatchObject({ balance: BigInt(10 * calls) });
      }
      expect(bank.executions).toHaveLength(4);
      expect(keysOf(regions)).toHaveLength(5);
      expect(Math.abs(keyTimeMs(client.mintKey()) - time.nowMs())).toBeLessThan(MINUTE_MS);
    },
  );
});

describe('a key is never replaced by a new one', () => {
  test.for(['key_in_future', 'key_expired'] as const)(
    'when the caller gave it: %s is a refusal',
    async (code, { regions }) => {
      const key = keyAt(regions.time.nowMs());
      regions.usually(refuse(code));

      await expect(regions.client().deposit('joe', 10n, { key })).rejects.toMatchObject({ code, key });
      expect(keysOf(regions)).toEqual([key]);
    },
  );

  test('when a hedged attempt of it is still on its way', async ({ regions, east, west, time, bank }) => {
    east.next(({ request }) => bank.handle(request));
    west.next(refuse('key_in_future'));
    const client = regions.client({ hedgeAfterMs: 100, attemptTimeoutMs: 2000, maxAttempts: 2 });
    const call = client.deposit('joe', 10n);
    call.catch(() => {});
    await east.received(1);
    time.advance(100);
    await west.received(1);
    await until(() => regions.events.some(({ type }) => type === 'attempt_answered'));
    time.advance(2000);

    await expect(call).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(keysOf(regions)).toHaveLength(1);
    expect(bank.balanceOf('joe')).toBe(10n);
  });
});
