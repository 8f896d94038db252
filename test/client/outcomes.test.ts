import { describe, expect } from 'vitest';
import { OutcomeUnknownError, UnavailableError } from '../../client/index.ts';
import {
  answer,
  answerTo,
  type Behaviour,
  drop,
  executeAndHang,
  gateway,
  hangAfterHeaders,
  loseReply,
  neverEnd,
  refuse,
  reset,
  say,
  truncate,
} from '../support/behaviours.ts';
import { refusingUrl, startResetting } from '../support/dead-endpoints.ts';
import { keyAt } from '../support/keys.ts';
import { errorOf } from '../support/promises.ts';
import { test } from '../support/two-regions.ts';

/** Ways to fail in which an attempt was certainly not executed. */
const NOT_EXECUTED: readonly { name: string; behaviour: Behaviour }[] = [
  { name: '503 with executed: false', behaviour: refuse('unavailable', { executed: false }) },
  { name: '429 from a gateway', behaviour: gateway(429, 'Too Many Requests') },
  { name: '400 from a gateway', behaviour: gateway(400, 'Bad Request') },
  { name: '404 from a gateway', behaviour: gateway(404, 'Not Found') },
  { name: '413 from a gateway', behaviour: gateway(413, 'Request Too Long') },
];

describe('a call that certainly was not executed', () => {
  test.for(NOT_EXECUTED)('is unavailable: $name everywhere', async ({ behaviour }, { regions }) => {
    regions.usually(behaviour);

    const call = regions.client({ maxAttempts: 4 }).deposit('joe', 10n);

    await expect(call).rejects.toBeInstanceOf(UnavailableError);
    await expect(call).rejects.toMatchObject({
      code: 'unavailable',
      failures: Array(4).fill({ executed: 'no' }),
    });
    expect(regions.bank.executions).toEqual([]);
  });

  test('is unavailable: all addresses refuse connections', async ({ regions }) => {
    // If a name has several addresses, there is one error for each.
    const endpoints = [await refusingUrl(), (await refusingUrl()).replace('127.0.0.1', 'localhost')];

    const call = regions.client({ endpoints, maxAttempts: 4 }).deposit('joe', 10n);

    await expect(call).rejects.toMatchObject({
      code: 'unavailable',
      failures: Array(4).fill({ executed: 'no', reason: 'cannot_connect' }),
    });
  });

  test('is unavailable: the name of the host does not exist', async ({ regions }) => {
    const endpoints = ['http://bank.invalid'];
    await expect(regions.client({ endpoints, maxAttempts: 1 }).deposit('joe', 10n)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});

/** Executes the call, but answers something else, as a proxy may. */
function executeAnd(behaviour: Behaviour): Behaviour {
  return async (exchange) => {
    await exchange.bank.handle(exchange.request);
    await behaviour(exchange);
  };
}

/** Ways to fail in which an attempt may have been executed, as far as the client knows. */
const MAYBE_EXECUTED: readonly { name: string; behaviour: Behaviour }[] = [
  { name: 'the connection is closed after the request', behaviour: drop },
  { name: 'the connection is reset after the request', behaviour: reset },
  { name: 'the reply is lost after the execution', behaviour: loseReply },
  { name: 'the reply is cut in two', behaviour: truncate },
  { name: 'the reply has no end', behaviour: neverEnd },
  { name: '500', behaviour: gateway(500, 'Internal Server Error') },
  { name: '502', behaviour: say(502, '<html>Bad Gateway</html>') },
  { name: '503 from a gateway', behaviour: gateway(503, 'Service Unavailable') },
  { name: '503 of the bank without executed: false', behaviour: refuse('unavailable') },
  { name: '503 of the bank with executed: true', behaviour: refuse('unavailable', { executed: true }) },
  { name: '504', behaviour: gateway(504, 'Endpoint request timed out') },
  { name: '408', behaviour: gateway(408, 'Request Timeout') },
  ...[400, 401, 403, 404, 413, 429].map((status) => ({
    name: `${status} without the mark of API Gateway, as from a firewall that has read the answer of the bank`,
    behaviour: executeAnd(say(status, '{"message":"Forbidden"}', { 'content-type': 'application/json' })),
  })),
  { name: 'a redirect', behaviour: say(307, '', { location: 'http://127.0.0.1:9/' }) },
  { name: '204', behaviour: say(204, '') },
  { name: '200 without a body', behaviour: say(200, '') },
  { name: '200 with garbage', behaviour: say(200, '<html>Welcome to the hotel network</html>') },
  { name: '200 with JSON of something else', behaviour: say(200, '{"balance":"10"}') },
  { name: '200 for another account', behaviour: answerTo({ account: 'mallory' }) },
  { name: '200 for another key', behaviour: answerTo({ key: '0198c5a0-7e57-7abc-8def-0123456789ab' }) },
  {
    name: 'a problem of the bank under a status that is not its own',
    behaviour: say(
      500,
      JSON.stringify({ type: '', title: '', status: 500, detail: '', code: 'not_enough_money' }),
    ),
  },
];

describe('a call that may have been executed', () => {
  test.for(MAYBE_EXECUTED)(
    'is of unknown outcome, and a retry with its key executes once: $name',
    async ({ behaviour }, { regions }) => {
      regions.usually(behaviour);
      const client = regions.client({ maxAttempts: 2 });

      const error = await errorOf(client.deposit('joe', 10n));
      if (!(error instanceof OutcomeUnknownError)) {
        throw new Error('the outcome is not unknown', { cause: error });
      }
      expect(error).toMatchObject({ code: 'outcome_unknown', key: regions.arrivals[0]?.key });

      regions.usually(answer);
      const { key } = error;
      expect(await client.deposit('joe', 10n, { key })).toMatchObject({ key, balance: 10n });
      expect(regions.bank.executions).toHaveLength(1);
      expect(regions.bank.balanceOf('joe')).toBe(10n);
    },
  );

  test.for([
    { name: 'the Region is frozen', behaviour: executeAndHang },
    { name: 'the reply stops after its headers', behaviour: hangAfterHeaders },
  ])('is of unknown outcome when it runs into a time-out: $name', async ({ behaviour }, { regions }) => {
    regions.east.usually = behaviour;
    const client = regions.client({ maxAttempts: 1, attemptTimeoutMs: 500 });

    const call = client.deposit('joe', 10n);
    call.catch(() => {});
    await regions.east.received(1);
    regions.time.advance(500);

    await expect(call).rejects.toMatchObject({
      code: 'outcome_unknown',
      failures: [{ reason: 'timed_out', executed: 'unknown' }],
    });
  });

  test.for(['EHOSTUNREACH', 'ENETUNREACH', 'ECONNREFUSED', 'ETIMEDOUT'])(
    'is of unknown outcome when an open connection breaks with %s, which only a new one makes certain',
    async (code, { regions }) => {
      const attempts = (...syscalls: string[]) => {
        const errors = syscalls.map((syscall) =>
          Object.assign(new Error(`${syscall} ${code}`), { code, syscall }),
        );
        // If a host has several addresses, Node throws one error that contains the errors of all of them.
        const cause = errors.length === 1 ? errors[0] : Object.assign(new AggregateError(errors), { code });
        const fetch = () => Promise.reject(new TypeError('fetch failed', { cause }));
        return regions
          .client({ maxAttempts: 2, environment: { fetch, sendsOnce: true } })
          .deposit('joe', 10n);
      };

      await expect(attempts('read')).rejects.toMatchObject({ code: 'outcome_unknown' });
      await expect(attempts('write')).rejects.toMatchObject({ code: 'outcome_unknown' });
      await expect(attempts('connect')).rejects.toMatchObject({ code: 'unavailable' });
      await expect(attempts('connect', 'connect')).rejects.toMatchObject({ code: 'unavailable' });
      await expect(attempts('connect', 'read')).rejects.toMatchObject({ code: 'outcome_unknown' });
    },
  );
});

describe('a call with an attempt of unknown outcome', () => {
  test.for<[string, Behaviour, object]>([
    ['is refused for itself only', refuse('bad_request'), { cause: { code: 'bad_request' } }],
    ['certainly was not executed', refuse('unavailable', { executed: false }), {}],
  ])('stays unknown when each later attempt %s', async ([, later, members], { regions }) => {
    regions.east.next(loseReply);
    regions.usually(later);

    const error = await errorOf(regions.client({ maxAttempts: 5 }).deposit('joe', 10n));

    const { key } = regions.arrivals[0] ?? {};
    expect(error).toMatchObject({ code: 'outcome_unknown', key, ...members });
    // The first attempt was executed: a caller that believed the later answer and paid again would pay twice.
    expect(regions.bank.executions).toHaveLength(1);
  });

  test.for(['not_enough_money', 'no_such_account', 'balance_too_large', 'key_reused'] as const)(
    'is refused when another attempt is refused for good: %s',
    async (code, { regions }) => {
      regions.east.next(drop);
      regions.west.next(refuse(code));

      await expect(regions.client().withdraw('joe', 10n)).rejects.toMatchObject({
        name: 'RefusedError',
        code,
        region: 'us-east-2',
      });
    },
  );

  test('depends on whether the request had left, where the connection is reset as soon as it is open', async ({
    regions,
  }) => {
    await using resetting = await startResetting();
    const client = regions.client({ endpoints: [resetting.url], maxAttempts: 20, callTimeoutMs: 60_000 });
    const error = await errorOf(client.deposit('joe', 10n));

    // The reset comes before or after the client has noticed the connection. Both happen.
    const { failures, code } = error as OutcomeUnknownError | UnavailableError;
    const isUnknown = failures.some(({ executed }) => executed === 'unknown');
    expect(code).toBe(isUnknown ? 'outcome_unknown' : 'unavailable');
    expect(failures).toHaveLength(20);
    for (const { reason, executed } of failures) {
      expect(executed).toBe(reason === 'cannot_connect' ? 'no' : 'unknown');
    }
  });
});

describe('a read', () => {
  test.for([...NOT_EXECUTED, ...MAYBE_EXECUTED])(
    'is never of unknown outcome, only unavailable: $name',
    async ({ behaviour }, { regions }) => {
      await regions.bank.handle({
        method: 'POST',
        path: '/accounts/joe/deposits',
        headers: { 'idempotency-key': keyAt(regions.time.nowMs()) },
        body: '{"amount":"10"}',
      });
      regions.usually(behaviour);
      const call = regions.client({ maxAttempts: 2 }).balance('joe');

      // Two of the behaviours are wrong only for a call that has a key or moves money.
      const outcome = await call.catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(UnavailableError);
        expect(outcome).toMatchObject({ key: undefined });
      } else {
        expect(outcome).toMatchObject({ account: 'joe', balance: 10n });
      }
    },
  );
});
