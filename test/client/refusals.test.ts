import { describe, expect } from 'vitest';
import { PROBLEMS } from '../../client/contract/problems.ts';
import { RefusedError, type RetryWith } from '../../client/index.ts';
import { refuse } from '../support/behaviours.ts';
import { keyAt } from '../support/keys.ts';
import { test } from '../support/two-regions.ts';

/** The refusals that every Region decides alone. For the others, both Regions count: see other-region.test.ts. */
const CODES: Readonly<Record<Exclude<RetryWith, 'same key'>, readonly (keyof typeof PROBLEMS)[]>> = {
  never: [
    ...(['bad_request', 'key_reused', 'not_refundable'] as const),
    ...(['hold_captured', 'hold_voided', 'hold_expired'] as const),
  ],
  'new key': [
    ...(['no_such_account', 'no_such_destination', 'no_such_hold', 'no_such_call'] as const),
    ...(['not_enough_money', 'balance_too_large', 'hold_exceeded', 'refund_exceeded'] as const),
    ...(['account_frozen', 'destination_frozen', 'too_many_holds', 'cancelled', 'key_expired'] as const),
  ],
};

describe('a refusal', () => {
  test.for(Object.entries(CODES).flatMap(([retryWith, codes]) => codes.map((code) => ({ code, retryWith }))))(
    '$code has its code, status, Region and key, and says how to retry',
    async ({ code, retryWith }, { regions }) => {
      const { status } = PROBLEMS[code];
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
