import { describe, expect } from 'vitest';
import { BankClient, OutcomeUnknownError, RefusedError, type UnavailableError } from '../../client/index.ts';
import { answer, drop, loseReply, refuse } from '../support/behaviours.ts';
import { startResetting } from '../support/dead-endpoints.ts';
import { errorOf } from '../support/error-of.ts';
import { keyAt } from '../support/keys.ts';
import { test } from '../support/two-regions.ts';

describe('a call with an attempt of unknown outcome', () => {
  test('stays unknown when another attempt is refused for itself only', async ({ regions }) => {
    regions.east.next(loseReply);
    regions.west.next(refuse('bad_request'));
    const client = regions.client();

    const error = await errorOf(client.deposit('joe', 10n));

    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error).toMatchObject({ key: regions.arrivals[0]?.key, cause: expect.any(RefusedError) });
    // The first attempt was executed: a caller that believed the refusal and paid again would pay twice.
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

  test('is given the recorded refusal, no new one, when the first reply was lost', async ({ regions }) => {
    const client = regions.client();
    await client.deposit('joe', 10n);
    regions.east.next(loseReply);
    regions.west.next(async (exchange) => {
      // Money that arrives between the attempts must not change the answer to the key.
      await exchange.bank.handle({
        ...exchange.request,
        path: '/accounts/joe/deposits',
        headers: { 'idempotency-key': keyAt(regions.time.nowMs()) },
      });
      await answer(exchange);
    });

    await expect(client.withdraw('joe', 11n)).rejects.toMatchObject({ code: 'not_enough_money' });
    expect(regions.bank.balanceOf('joe')).toBe(21n);
  });

  test('stays unknown when all that follows certainly was not executed', async ({ regions }) => {
    regions.east.next(loseReply);
    regions.usually(refuse('unavailable', { executed: false }));

    await expect(regions.client({ maxAttempts: 5 }).deposit('joe', 10n)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    expect(regions.bank.executions).toHaveLength(1);
  });

  test('can be resolved by another client, after a crash of the first', async ({ regions }) => {
    regions.east.next(loseReply);
    const error = await errorOf(regions.client({ maxAttempts: 1 }).deposit('joe', 10n));
    const { key } = error as OutcomeUnknownError;
    await using other = new BankClient({ endpoints: [regions.west.url] });

    expect(await other.deposit('joe', 10n, { key })).toMatchObject({ balance: 10n, key });
    expect(await other.deposit('joe', 10n, { key })).toMatchObject({ balance: 10n, key });
    expect(regions.bank.executions).toHaveLength(1);
  });
});

describe('a connection that is reset as soon as it is open', () => {
  test('depends on whether the request had left, not on the error', async ({ regions }) => {
    await using resetting = await startResetting();
    const error = await errorOf(
      regions
        .client({ endpoints: [resetting.url], maxAttempts: 20, callTimeoutMs: 60_000 })
        .deposit('joe', 10n),
    );

    // The reset comes before or after the client has noticed the connection. Both happen.
    const { failures, code } = error as OutcomeUnknownError | UnavailableError;
    expect(code).toBe(
      failures.some(({ executed }) => executed === 'unknown') ? 'outcome_unknown' : 'unavailable',
    );
    expect(failures).toHaveLength(20);
    for (const { reason, executed } of failures) {
      expect(executed).toBe(reason === 'cannot_connect' ? 'no' : 'unknown');
    }
  });
});
