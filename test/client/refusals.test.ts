import { describe, expect } from 'vitest';
import type { ProblemCode } from '../../client/contract/schemas.ts';
import { RefusedError, type RetryWith } from '../../client/index.ts';
import { refuse } from '../support/behaviours.ts';
import { keyAt } from '../support/keys.ts';
import { test } from '../support/two-regions.ts';

/** The refusals that one Region decides. For the others, both Regions count: see other-region.test.ts. */
const CODES: readonly { code: Exclude<ProblemCode, 'unavailable'>; status: number; retryWith: RetryWith }[] =
  [
    { code: 'bad_request', status: 400, retryWith: 'never' },
    { code: 'no_such_account', status: 404, retryWith: 'new key' },
    { code: 'not_enough_money', status: 409, retryWith: 'new key' },
    { code: 'balance_too_large', status: 409, retryWith: 'new key' },
    { code: 'no_such_destination', status: 404, retryWith: 'new key' },
    { code: 'no_such_hold', status: 404, retryWith: 'new key' },
    { code: 'no_such_call', status: 404, retryWith: 'new key' },
    { code: 'hold_exceeded', status: 409, retryWith: 'new key' },
    { code: 'hold_captured', status: 409, retryWith: 'never' },
    { code: 'hold_voided', status: 409, retryWith: 'never' },
    { code: 'hold_expired', status: 409, retryWith: 'never' },
    { code: 'too_many_holds', status: 409, retryWith: 'new key' },
    { code: 'account_frozen', status: 409, retryWith: 'new key' },
    { code: 'destination_frozen', status: 409, retryWith: 'new key' },
    { code: 'not_refundable', status: 409, retryWith: 'never' },
    { code: 'refund_exceeded', status: 409, retryWith: 'new key' },
    { code: 'cancelled', status: 409, retryWith: 'new key' },
    { code: 'key_reused', status: 422, retryWith: 'never' },
    { code: 'key_expired', status: 410, retryWith: 'new key' },
  ];

describe('a refusal', () => {
  test.for(CODES)(
    '$code has its code, status, Region and key, and says how to retry',
    async ({ code, status, retryWith }, { regions }) => {
      regions.east.usually = refuse(code);
      const key = keyAt(regions.time.nowMs());

      const call = regions.client().deposit('joe', 10n, { key });

      await expect(call).rejects.toBeInstanceOf(RefusedError);
      await expect(call).rejects.toMatchObject({ code, status, region: 'us-east-1', key, retryWith });
      expect(regions.arrivals).toHaveLength(1);
    },
  );

  test('comes from the bank itself as well', async ({ regions }) => {
    const client = regions.client();

    await expect(client.withdraw('joe', 1n)).rejects.toMatchObject({ code: 'no_such_account' });
    await client.deposit('joe', 10n);
    await expect(client.withdraw('joe', 11n)).rejects.toMatchObject({ code: 'not_enough_money' });
    await expect(client.balance('nobody')).rejects.toMatchObject({ code: 'no_such_account', key: undefined });
    expect(regions.bank.balanceOf('joe')).toBe(10n);
  });
});
