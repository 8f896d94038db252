import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BankClient } from '../../client/index.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
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

describe('cancel', () => {
  test('is final: no later call with the key executes', async () => {
    const key = newKey();
    expect(await bank.cancel(account, key)).toMatchObject({ outcome: 'cancelled', account, key });
    expect(await bank.cancel(account, key)).toMatchObject({ outcome: 'cancelled' });
    await expect(bank.deposit(account, 10n, { key })).rejects.toMatchObject({ code: 'cancelled', key });
    await expect(bank.balance(account)).rejects.toMatchObject({ code: 'no_such_account' });
  });

  test('gives the balance after a call that had been executed', async () => {
    const key = newKey();
    await bank.deposit(account, 10n, { key });
    await bank.deposit(account, 5n);
    expect(await bank.cancel(account, key)).toMatchObject({ outcome: 'executed', balance: 10n });
    expect(await bank.balance(account)).toMatchObject({ balance: 15n });
  });

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
  test('is none, executed, refused or cancelled, and asking changes nothing', async () => {
    const [none, executed, refused, cancelled] = [newKey(), newKey(), newKey(), newKey()];
    expect(await bank.outcome(account, none)).toMatchObject({ outcome: 'none', account, key: none });
    await bank.deposit(account, 10n, { key: executed });
    await bank.withdraw(account, 99n, { key: refused }).catch(() => {});
    await bank.cancel(account, cancelled);
    expect(await bank.outcome(account, executed)).toMatchObject({ outcome: 'executed', balance: 10n });
    expect(await bank.outcome(account, refused)).toMatchObject({
      outcome: 'refused',
      code: 'not_enough_money',
    });
    expect(await bank.outcome(account, cancelled)).toMatchObject({ outcome: 'cancelled' });
    // Asked about and found nowhere, the key is still good for its call.
    expect(await bank.deposit(account, 1n, { key: none })).toMatchObject({ balance: 11n });
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

  test('is found on a page, also when its cached copy is gone', async () => {
    const key = newKey();
    await bank.deposit(account, 10n, { key });
    for (let others = 0; others < 2 * KEPT_ENTRIES; others += 1) {
      await bank.deposit(account, 1n);
    }
    await expect.poll(async () => (await regions.lab.rows('idempotency', account)).length).toBeGreaterThan(0);
    const executed = { outcome: 'executed', balance: 10n, sequence: 1 };
    expect(await bank.outcome(account, key)).toMatchObject(executed);
    await bank.acknowledge(account, key);
    expect(await regions.lab.rows('idempotency', account)).toEqual([]);
    expect(await bank.outcome(account, key)).toMatchObject(executed);
    expect(await bank.deposit(account, 10n, { key })).toMatchObject({ balance: 10n, replayed: true });
  });
});
