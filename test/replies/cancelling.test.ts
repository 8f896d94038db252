import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BankClient } from '../../client/index.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { PASS } from '../support/fault-proxy.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { type ProxiedRegions, startProxiedRegions } from '../support/proxied-regions.ts';

/** Calls end when their attempts are used up, so that a busy machine has the time that it needs. */
const ENDS_BY_COUNT = { maxAttempts: 4, attemptTimeoutMs: 60_000, callTimeoutMs: 300_000 };

let regions: ProxiedRegions;
let bank: BankClient;
let account: string;

beforeAll(async () => {
  regions = await startProxiedRegions();
  bank = new BankClient({ endpoints: regions.urls, ...ENDS_BY_COUNT });
});
afterAll(async () => {
  await bank.close();
  await regions[Symbol.asyncDispose]();
});
beforeEach(() => {
  account = `account-${randomUUID()}`;
  regions.heal();
});

describe('cancel and outcome', () => {
  test.each(['cancel', 'outcome'] as const)(
    '%s says how the call of a key ended, and changes nothing about it',
    async (ask) => {
      const [executed, refused, cancelled] = [newKey(), newKey(), newKey()];
      await bank.deposit(account, 10n, { key: executed });
      await bank.withdraw(account, 99n, { key: refused }).catch(() => {});
      expect(await bank.cancel(account, cancelled)).toMatchObject({ outcome: 'cancelled', key: cancelled });
      expect(await bank[ask](account, executed)).toMatchObject({ outcome: 'executed', balance: 10n });
      expect(await bank[ask](account, refused)).toMatchObject({
        outcome: 'refused',
        code: 'not_enough_money',
      });
      expect(await bank[ask](account, cancelled)).toMatchObject({ outcome: 'cancelled' });
      const late = bank.deposit(account, 10n, { key: cancelled });
      await expect(late).rejects.toMatchObject({ code: 'cancelled', key: cancelled });
      expect(await bank.balance(account)).toMatchObject({ balance: 10n });
    },
  );
});

describe('cancel', () => {
  test('resolves an unknown outcome one way or the other', async () => {
    for (const fault of [{ kind: 'drop_reply' }, { kind: 'drop_request' }] as const) {
      account = `account-${randomUUID()}`;
      const key = newKey();
      regions.decide(() => fault);
      await expect(bank.deposit(account, 10n, { key })).rejects.toMatchObject({ code: 'outcome_unknown' });
      regions.decide(() => PASS);
      const { outcome } = await bank.cancel(account, key);
      expect(outcome).toBe(fault.kind === 'drop_reply' ? 'executed' : 'cancelled');
    }
  });

  test('is itself repeated in the other Region when its reply is lost', async () => {
    let lost = 0;
    regions.decide(() => {
      lost += 1;
      return lost === 1 ? { kind: 'drop_reply' } : PASS;
    });
    expect(await bank.cancel(account, newKey())).toMatchObject({ outcome: 'cancelled' });
    expect(lost).toBe(2);
  });

  test('is of unknown outcome when no Region answers, and certainly not executed when nothing was sent', async () => {
    regions.decide(() => ({ kind: 'drop_reply' }));
    const key = newKey();
    await expect(bank.cancel(account, key)).rejects.toMatchObject({ code: 'outcome_unknown', key });
    await using nowhere = new BankClient({
      endpoints: [`http://127.0.0.1:${(await freePorts())[0]}`],
      ...ENDS_BY_COUNT,
    });
    await expect(nowhere.cancel(account, key)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('outcome', () => {
  test('is none for a key that was not used, which is still good for its call', async () => {
    const key = newKey();
    expect(await bank.outcome(account, key)).toMatchObject({ outcome: 'none', account, key });
    expect(await bank.deposit(account, 1n, { key })).toMatchObject({ balance: 1n, replayed: false });
  });

  test('is certainly none when one Region answers so, though the other is gone', async () => {
    regions.west.decide = () => ({ kind: 'drop_request' });
    const key = newKey();
    expect(await bank.outcome(account, key)).toEqual({ outcome: 'none', account, key, region: 'us-east-1' });
  });

  test('is none for an unused key of any age', async () => {
    const key = keyAt(Date.now() - 31 * 86_400_000);
    expect(await bank.outcome(account, key)).toMatchObject({ outcome: 'none' });
  });
});
