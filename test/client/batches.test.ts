import { describe, expect, vi } from 'vitest';
import { PROBLEMS, type ProblemCode } from '../../client/contract/problems.ts';
import { type BankClient, mintKey } from '../../client/index.ts';
import { keyTimeMs } from '../../functions/bank/key.ts';
import {
  answer,
  type Behaviour,
  drop,
  gateway,
  hang,
  hold,
  loseReply,
  refuse,
  sendAnswer,
  sendJson,
} from '../support/behaviours.ts';
import { keyAt } from '../support/keys.ts';
import { type TwoRegions, test } from '../support/two-regions.ts';

const MINUTE_MS = 60_000;

const batching = (regions: TwoRegions, options: Parameters<TwoRegions['client']>[0] = {}) =>
  regions.client({ batchCalls: true, ...options });
const deposits = (client: BankClient, count: number, account = 'joe') =>
  Promise.all(Array.from({ length: count }, () => client.deposit(account, 1n)));
/** What a number of deposits that are made at the same time come to. */
const settled = (client: BankClient, count = 2, options: Parameters<BankClient['deposit']>[2] = {}) =>
  Promise.allSettled(Array.from({ length: count }, () => client.deposit('joe', 1n, options)));
const both = (reason: object) => [{ reason }, { reason }];
/** The answer to a call of a batch that the bank turned away. */
const turnedAway = (key: string, status: number, code: ProblemCode, members: object = {}) => ({
  ...{ key, status },
  body: { type: 'urn:x', title: PROBLEMS[code].title, status, detail: 'No.', code, ...members },
});
/** How many calls each request had, in the order of the requests. */
const sizesOf = ({ arrivals }: TwoRegions) =>
  arrivals.map(({ path, body }) => (path.endsWith('/batches') ? JSON.parse(body).calls.length : 1));

describe('a client that batches calls', () => {
  test('sends calls that are made at the same time in one request, each with its own key and answer', async ({
    regions,
  }) => {
    const client = batching(regions);
    const key = mintKey();
    await client.deposit('joe', 100n);
    const [paid, refused, other] = await Promise.allSettled([
      client.withdraw('joe', 30n, { key, reference: 'order 1' }),
      client.withdraw('joe', 500n),
      client.deposit('joe', 1n, { mustExist: true }),
    ]);

    expect(sizesOf(regions)).toEqual([1, 3]);
    expect(paid).toMatchObject({
      value: { account: 'joe', key, balance: 70n, replayed: false, region: 'us-east-1', sequence: 2 },
    });
    expect(JSON.stringify(paid)).toContain('"balance":"70"');
    expect(refused).toMatchObject({
      reason: { name: 'RefusedError', code: 'not_enough_money', retryWith: 'new key', status: 409 },
    });
    expect(other).toMatchObject({ value: { balance: 71n } });
    const again = await client.withdraw('joe', 30n, { key, reference: 'order 1' });
    expect(again).toMatchObject({ balance: 70n, replayed: true });
  });

  test('sends a call that is alone at once and as it is, and the others of its account after it, 25 at a time', async ({
    regions,
    east,
  }) => {
    const first = hold(answer);
    east.next(first.held);
    const client = batching(regions);
    const alone = client.deposit('joe', 1n);
    const { path } = await east.received(1);
    expect(path).toBe('/accounts/joe/deposits');
    const others = deposits(client, 60);
    const ann = await client.deposit('ann', 1n);
    expect(ann.balance, 'another account does not wait').toBe(1n);
    first.release();
    await Promise.all([alone, others]);

    expect(sizesOf(regions)).toEqual([1, 1, 25, 25, 10]);
    expect(regions.bank.balanceOf('joe')).toBe(61n);
    expect(regions.time.timers).toBe(0);
  });

  test('sends transfers, holds and reads alone, and nothing together unless it is told to', async ({
    regions,
  }) => {
    const client = batching(regions);
    await Promise.all([client.deposit('joe', 10n), client.deposit('ann', 10n)]);
    await Promise.all([client.transfer('joe', 'ann', 1n), client.hold('joe', 1n), client.balance('joe')]);
    await deposits(regions.client(), 3);
    expect(new Set(sizesOf(regions))).toEqual(new Set([1]));
  });

  test('does not send two calls with one key together', async ({ regions }) => {
    const client = batching(regions);
    const key = mintKey();
    const calls = await Promise.all([
      client.deposit('joe', 1n, { key }),
      client.deposit('joe', 1n, { key }),
      client.deposit('joe', 1n),
    ]);
    expect(calls.map(({ replayed }) => replayed)).toEqual([false, true, false]);
    expect(sizesOf(regions)).toEqual([2, 1]);
  });

  test('has replies cached only if a caller knows its key', async ({ regions }) => {
    const client = batching(regions);
    await deposits(client, 2);
    await Promise.all([client.deposit('joe', 1n, { key: mintKey() }), client.deposit('joe', 1n)]);
    expect(regions.arrivals.map(({ headers }) => headers['bank-reply-cache'])).toEqual(['no', undefined]);
  });
});

describe('a batch that gets no answer', () => {
  test.for([
    ['the request was not executed', drop, false],
    ['the reply was lost', loseReply, true],
  ] as const)(
    'is sent to the other Region with the same keys: %s',
    async ([_, behaviour, replayed], { regions }) => {
      regions.east.next(behaviour);
      const answers = await deposits(batching(regions), 10);

      expect(answers.every((each) => each.region === 'us-east-2' && each.replayed === replayed)).toBe(true);
      expect(regions.arrivals.map(({ region }) => region)).toEqual(['us-east-1', 'us-east-2']);
      expect(regions.arrivals[1]?.body).toBe(regions.arrivals[0]?.body);
      expect(regions.bank.balanceOf('joe')).toBe(10n);
    },
  );

  test('ends each call with its own key', async ({ regions }) => {
    regions.usually(hang);
    const client = batching(regions, { attemptTimeoutMs: 1000, callTimeoutMs: 3000 });
    const keys = [mintKey(), mintKey()];
    const calls = Promise.allSettled(keys.map((key) => client.deposit('joe', 1n, { key })));
    await regions.east.received(1);
    regions.time.advance(3000);
    expect(await calls).toMatchObject(keys.map((key) => ({ reason: { code: 'outcome_unknown', key } })));
  });

  test('says of each call that it was not executed where that is certain', async ({ regions }) => {
    regions.usually(refuse('unavailable', { executed: false }));
    const client = batching(regions, { maxAttempts: 2 });
    expect(await settled(client)).toMatchObject(both({ code: 'unavailable' }));
  });

  test('is sent again if it answers other calls than it asked for', async ({ regions }) => {
    regions.east.next(async ({ request, response, bank }) => {
      const answered = await bank.handle(request);
      const answers = (answered.body['answers'] as object[]).toReversed();
      sendAnswer(response, { ...answered, body: { ...answered.body, answers } });
    });
    const answers = await deposits(batching(regions), 2);
    expect(answers.map(({ balance, region }) => [balance, region])).toEqual([
      [1n, 'us-east-2'],
      [2n, 'us-east-2'],
    ]);
  });

  test('that the gateway does not allow refuses each call', async ({ regions }) => {
    regions.usually(gateway(403, 'Forbidden'));
    expect(await settled(batching(regions))).toMatchObject(both({ code: 'not_authorized' }));
    expect(sizesOf(regions)).toEqual([2, 2]);
  });
});

describe('a call of a batch ends by itself', () => {
  test('when its time is up: while it waits it was not executed, after that it may have been', async ({
    regions,
    east,
    time,
  }) => {
    const held = hold(answer);
    east.next(held.held);
    const client = batching(regions, { attemptTimeoutMs: 10_000 });
    const patient = client.deposit('joe', 1n);
    const hurried = client.deposit('joe', 1n, { timeoutMs: 1000 });
    await east.received(1);
    const waiting = client.deposit('joe', 1n, { timeoutMs: 1000 });
    const ended = Promise.allSettled([hurried, waiting]);
    time.advance(1000);
    expect(await ended).toMatchObject([
      { reason: { code: 'outcome_unknown', failures: [{ reason: 'timed_out' }] } },
      { reason: { code: 'unavailable', failures: [{ reason: 'queued' }] } },
    ]);
    held.release();
    // The batch ended with the first of its calls; the one that has more time is sent alone.
    expect(await patient).toMatchObject({ account: 'joe' });
    expect(regions.bank.executions).toHaveLength(2);
    expect(sizesOf(regions)).toEqual([2, 1]);
    expect(time.timers).toBe(0);
  });

  test.for([true, false])(
    'as if it was sent alone while nothing was sent for it (batchCalls: %j)',
    async (batchCalls, { regions, east, time }) => {
      east.usually = hang;
      const client = regions.client({ batchCalls, maxInFlight: 1, attemptTimeoutMs: 10_000 });
      const other = Promise.allSettled([client.deposit('ann', 1n)]);
      await east.received(1);
      const ended = settled(client, 2, { timeoutMs: 1000 });
      time.advance(1000);
      expect(await ended).toMatchObject(both({ code: 'unavailable', failures: [{ reason: 'queued' }] }));
      await client.close();
      await other;
    },
  );

  test('and is not sent any more, when it is aborted while its batch waits for a free place', async ({
    regions,
    east,
  }) => {
    const held = hold(answer);
    east.next(held.held);
    const controller = new AbortController();
    const client = batching(regions, { maxInFlight: 1, attemptTimeoutMs: 10_000 });
    const other = client.deposit('ann', 1n);
    await east.received(1);
    const aborted = Promise.allSettled([client.deposit('joe', 100n, { signal: controller.signal })]);
    const patient = Promise.all([client.deposit('joe', 1n), client.deposit('joe', 2n)]);
    // The timer of the wait for a place is the last of the seven: two are of the call before, three of the calls, one of the batch after.
    await vi.waitFor(() => expect(regions.time.timers).toBe(7));
    controller.abort(new Error('changed my mind'));
    expect(await aborted).toMatchObject([
      { reason: { code: 'unavailable', failures: [{ reason: 'queued' }] } },
    ]);
    held.release();
    expect(await patient).toMatchObject([{ balance: 1n }, { balance: 3n }]);
    expect(sizesOf(regions)).toEqual([1, 2]);
    await other;
  });

  test('however long an earlier call of its account takes', async ({ regions, east, west, time }) => {
    east.next(hang);
    west.next(hang);
    const client = batching(regions, { attemptTimeoutMs: 1000 });
    const slow = client.deposit('joe', 1n);
    await east.received(1);
    const quick = client.deposit('joe', 5n, { timeoutMs: 1500 });
    time.advance(1000);
    expect(await quick).toMatchObject({ balance: 5n });
    time.advance(1000);
    expect(await slow).toMatchObject({ balance: 6n });
  });

  test('and when all calls of a batch have ended, the batch is not sent again, and the next calls do not wait', async ({
    regions,
    east,
  }) => {
    east.next(hang);
    const controller = new AbortController();
    const client = batching(regions, { attemptTimeoutMs: 9000 });
    const ended = settled(client, 2, { signal: controller.signal });
    await east.received(1);
    controller.abort(new Error('changed my mind'));
    await ended;
    expect(await client.deposit('joe', 5n)).toMatchObject({ balance: 5n });
    expect(sizesOf(regions)).toEqual([2, 1]);
  });

  test('when it is aborted, and the others go on', async ({ regions, east }) => {
    const held = hold(answer);
    east.next(held.held);
    const controller = new AbortController();
    const client = batching(regions);
    const calls = [client.deposit('joe', 1n, { signal: controller.signal }), client.deposit('joe', 1n)];
    const ended = Promise.allSettled(calls);
    await east.received(1);
    controller.abort(new Error('changed my mind'));
    held.release();
    expect(await ended).toMatchObject([
      { reason: { code: 'outcome_unknown', cause: { message: 'changed my mind' } } },
      { value: { balance: 2n } },
    ]);
  });

  test('when the client is closed', async ({ regions, east }) => {
    east.usually = hang;
    const client = batching(regions);
    const sent = settled(client);
    await east.received(1);
    const queued = settled(client, 1);
    await client.close();
    expect(await sent).toMatchObject(both({ code: 'outcome_unknown' }));
    expect(await queued).toMatchObject([{ reason: { code: 'unavailable' } }]);
    await vi.waitFor(() => expect(regions.time.timers).toBe(0));
  });
});

describe('a call that its batch does not settle is sent alone, where', () => {
  /** Turns the first call away, and executes the others. */
  const instead =
    (status: number, code: ProblemCode, members: object = {}): Behaviour =>
    async ({ request, response, bank }) => {
      const [first, ...others] = JSON.parse(request.body).calls;
      const answered = await bank.handle({ ...request, body: JSON.stringify({ calls: others }) });
      const answers = [
        turnedAway(first.key, status, code, members),
        ...(answered.body['answers'] as object[]),
      ];
      sendAnswer(response, { ...answered, body: { ...answered.body, answers } });
    };

  test('the bank could not answer it', async ({ regions }) => {
    regions.east.next(instead(503, 'unavailable'));
    const balances = [3n, 1n, 2n].map((balance) => ({ value: { balance } }));
    expect(await settled(batching(regions), 3)).toMatchObject(balances);
    expect(sizesOf(regions)).toEqual([3, 1]);
  });

  test('one Region refuses its key for the time of its clock', async ({ regions }) => {
    regions.east.next(instead(400, 'key_in_future'), refuse('key_in_future'));
    const [first] = await settled(batching(regions), 3);
    expect(first).toMatchObject({ value: { balance: 3n, region: 'us-east-2' } });
  });

  test.for([
    [{}, 'outcome_unknown'],
    [{ executed: false }, 'unavailable'],
  ] as const)(
    'and says what is known if it gets no answer then either: %j',
    async ([members, code], { regions }) => {
      regions.usually(refuse('unavailable', { executed: false }));
      regions.east.next(instead(503, 'unavailable', members));
      const [first] = await settled(batching(regions, { maxAttempts: 2 }), 3);
      expect(first).toMatchObject({ reason: { code } });
    },
  );
});

describe('a hedged batch', () => {
  /** The first copy of the batch is late: it reaches the bank when its calls have ended. */
  const lateCopy = async (regions: TwoRegions) => {
    const late = hold(answer);
    regions.east.next(late.held);
    const client = batching(regions, { hedgeAfterMs: 100, attemptTimeoutMs: 2000, maxAttempts: 3 });
    const calls = settled(client);
    await regions.east.received(1);
    regions.time.advance(100);
    return { late, calls };
  };

  test('does not say "not executed" while its first copy may still be executed', async ({ regions }) => {
    regions.usually(refuse('unavailable', { executed: false }));
    regions.west.next(({ request, response }) => {
      const answers = JSON.parse(request.body).calls.map(({ key }: { key: string }) =>
        turnedAway(key, 503, 'unavailable', { executed: false }),
      );
      sendJson(response, request.region, 200, { account: 'joe', answers });
    });
    const { calls } = await lateCopy(regions);
    expect(await calls).toMatchObject(both({ code: 'outcome_unknown' }));
  });

  test('mints no second key while its first copy may still be executed', async ({ regions, time }) => {
    time.wallClockErrorMs = 10 * MINUTE_MS;
    const { late, calls } = await lateCopy(regions);
    expect(await calls).toMatchObject(both({ code: 'outcome_unknown' }));
    time.advance(11 * MINUTE_MS);
    late.release();
    await vi.waitFor(() => expect(regions.bank.balanceOf('joe')).toBe(2n));
  });
});

describe('a clock that is wrong', () => {
  test('is corrected once for all calls of a batch, each of which gets a new key', async ({ regions }) => {
    const client = batching(regions);
    await client.deposit('joe', 1n);
    regions.time.wallClockErrorMs = 10 * MINUTE_MS;
    const keys = (await deposits(client, 3)).map(({ key }) => key);
    // Each is refused in the batch, then alone by both Regions.
    expect(sizesOf(regions).slice(0, 8)).toEqual([1, 3, 1, 1, 1, 1, 1, 1]);
    expect(keys.every((key) => keyTimeMs(key) - regions.time.nowMs() < MINUTE_MS)).toBe(true);
    expect(regions.bank.balanceOf('joe')).toBe(4n);
  });

  test('makes no new key while an attempt with the old one may have been executed', async ({ regions }) => {
    regions.time.wallClockErrorMs = 10 * MINUTE_MS;
    regions.east.next(hang);
    const client = batching(regions, { attemptTimeoutMs: 1000 });
    const calls = settled(client);
    await regions.east.received(1);
    regions.time.advance(1000);
    expect(await calls).toMatchObject(both({ code: 'outcome_unknown' }));
    expect(regions.bank.balanceOf('joe')).toBe(0n);
  });

  test('refuses only the calls whose key is wrong', async ({ regions }) => {
    const client = batching(regions);
    const [early, usual] = await Promise.allSettled([
      client.deposit('joe', 1n, { key: keyAt(regions.time.nowMs() + 10 * MINUTE_MS) }),
      client.deposit('joe', 1n),
    ]);
    expect(early).toMatchObject({ reason: { code: 'key_in_future', retryWith: 'same key' } });
    expect(usual).toMatchObject({ value: { balance: 1n } });
  });
});
