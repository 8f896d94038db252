import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type BankClient, mintKey, OutcomeUnknownError } from '../../client/index.ts';
import { TestBank, type TestRegion } from '../../client/testing/index.ts';
import { all, errorOf, warningsOf } from '../support/promises.ts';

const HOUR_MS = 3_600_000;

let testBank: TestBank;
let bank: BankClient;
beforeEach(() => {
  testBank = new TestBank();
  bank = testBank.client();
});

/** The type of each entry of an account, oldest first, and the change of the balance. */
async function statementOf(account: string): Promise<string[]> {
  const lines: string[] = [];
  let sum = 0n;
  for await (const { type, change, balance } of bank.entries(account, { after: 0, pageSize: 10 })) {
    sum += change;
    expect(balance).toBe(sum);
    lines.push(`${type} ${change}`);
  }
  expect((await bank.balance(account)).balance).toBe(sum);
  return lines;
}

/** The request of a deposit of 10 to joe, without the client. */
const depositTo = (region: TestRegion, key: string): [string, RequestInit] => [
  `http://${region}.test/accounts/joe/deposits`,
  {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: '{"amount":"10"}',
  },
];

describe('a bank for tests', () => {
  test('moves, holds, captures, voids, refunds and freezes, and its statements add up', async () => {
    await bank.deposit('joe', 100n);
    await bank.deposit('shop', 1n);
    await bank.transfer('joe', 'shop', 20n);
    const { key: hold } = await bank.hold('joe', 30n);
    const captured = await bank.capture('joe', hold, { amount: 25n });
    await bank.refund('joe', captured.key, { amount: 5n });
    const { key: other } = await bank.hold('joe', 10n);
    await bank.void('joe', other);
    await bank.setStatus('joe', { debits: 'frozen' });

    await expect(bank.withdraw('joe', 1n)).rejects.toMatchObject({ code: 'account_frozen' });
    expect(await statementOf('joe')).toEqual([
      ...['deposit 100', 'transfer -20', 'settled 0', 'hold -30', 'capture 5', 'refund 0', 'refunded 5'],
      ...['hold -10', 'void 10', 'status 0'],
    ]);
    expect(await statementOf('shop')).toEqual(['deposit 1', 'credit 20']);
  });

  test('refuses what a bank refuses', async () => {
    await bank.deposit('joe', 10n);
    await expect(bank.withdraw('joe', 11n)).rejects.toMatchObject({ code: 'not_enough_money' });
    await expect(bank.withdraw('ann', 1n)).rejects.toMatchObject({ code: 'no_such_account' });
    await expect(bank.transfer('joe', 'ann', 1n)).rejects.toMatchObject({ code: 'no_such_destination' });
  });

  test('lists its accounts, and not what it keeps of refunds', async () => {
    await bank.deposit('joe', 10n);
    const { key } = await bank.withdraw('joe', 4n);
    await bank.refund('joe', key);
    const listed = await all(bank.accounts({ pageSize: 1 }));
    expect(listed.map(({ account }) => account)).toEqual(['joe']);
  });

  test('keeps a long statement, page by page', async () => {
    for (let count = 0; count < 60; count += 1) {
      await bank.deposit('joe', 1n);
    }
    expect(await statementOf('joe')).toEqual(Array(60).fill('deposit 1'));
  });

  test('takes many calls at once, and warns of nothing', async () => {
    const eager = testBank.client({ maxInFlight: 100 });
    await bank.deposit('joe', 100n);
    const withdrawals = () => Promise.all(Array.from({ length: 100 }, () => eager.withdraw('joe', 1n)));

    expect(await warningsOf(withdrawals)).toEqual([]);
    expect(await bank.balance('joe')).toMatchObject({ balance: 0n });
  });

  test('is empty after a reset, with both Regions up', async () => {
    await bank.deposit('joe', 10n);
    testBank.kill('us-east-1');
    testBank.freeze('us-east-2');
    testBank.advance(HOUR_MS);
    testBank.loseReplies(5);
    testBank.reset();

    await expect(bank.balance('joe')).rejects.toMatchObject({ code: 'no_such_account', region: 'us-east-1' });
    expect(Math.abs(testBank.nowMs - Date.now())).toBeLessThan(HOUR_MS);
  });

  test('answers a program that has no client', async () => {
    const deposit = await testBank.fetch('http://us-east-2.test/accounts/joe/deposits', {
      method: 'POST',
      headers: { 'Idempotency-Key': mintKey(), 'Content-Type': 'application/json' },
      body: JSON.stringify({ amount: '10' }),
    });
    expect(deposit.status).toBe(200);
    expect(await deposit.json()).toMatchObject({ account: 'joe', balance: '10' });
    expect(deposit.headers.get('bank-region')).toBe('us-east-2');
    const nowhere = await testBank.fetch('http://us-east-1.test/nowhere');
    expect(await nowhere.json()).toMatchObject({ code: 'no_such_route' });
    await expect(testBank.fetch('http://elsewhere.test/')).rejects.toThrow('fetch failed');
  });
});

describe('a Region of a bank for tests', () => {
  test('that is killed refuses connections, and the client goes to the other one', async () => {
    testBank.kill('us-east-1');
    const { region, balance } = await bank.deposit('joe', 10n);
    expect({ region, balance }).toEqual({ region: 'us-east-2', balance: 10n });
  });

  test('that is started again has what the other one was given', async () => {
    testBank.kill('us-east-1');
    await bank.deposit('joe', 10n);
    testBank.kill('us-east-2');
    testBank.start('us-east-1');
    expect(await bank.balance('joe')).toMatchObject({ balance: 10n, region: 'us-east-1' });
  });

  test('that is killed with the other one leaves no doubt: nothing was executed', async () => {
    testBank.kill('us-east-1');
    testBank.kill('us-east-2');
    const impatient = testBank.client({ callTimeoutMs: 100 });
    await expect(impatient.deposit('joe', 10n)).rejects.toMatchObject({ code: 'unavailable' });
    testBank.start('us-east-1');
    await expect(bank.balance('joe')).rejects.toMatchObject({ code: 'no_such_account' });
  });

  test('that is killed while it works loses the reply, and the call takes effect once', async () => {
    let isKilled = false;
    const fragile = new TestBank({
      nowMs: () => {
        if (isKilled) {
          isKilled = false;
          fragile.kill('us-east-1');
        }
        return Date.now();
      },
    });
    const key = mintKey();
    const lost = fragile.fetch(...depositTo('us-east-1', key));
    // The Region reads the clock when it begins to work on the request.
    isKilled = true;
    await expect(lost).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(await fragile.client().deposit('joe', 10n, { key })).toMatchObject({
      balance: 10n,
      replayed: true,
    });
  });

  test('that is killed while it is frozen executes nothing of what it holds', async () => {
    testBank.freeze('us-east-1');
    const held = testBank.fetch(...depositTo('us-east-1', mintKey()));
    await setImmediate();
    testBank.kill('us-east-1');
    await expect(held).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    testBank.start('us-east-1');
    await expect(bank.balance('joe')).rejects.toMatchObject({ code: 'no_such_account' });
  });

  test('that is frozen holds requests; a client that hedges does not wait for it', async () => {
    testBank.freeze('us-east-1');
    const hedging = testBank.client({ hedgeAfterMs: 5 });
    expect(await hedging.deposit('joe', 10n)).toMatchObject({ balance: 10n, region: 'us-east-2' });
  });

  test('that is thawed executes what it holds, which its key makes harmless', async () => {
    testBank.freeze('us-east-1');
    await testBank.client({ attemptTimeoutMs: 50 }).deposit('joe', 10n);
    testBank.thaw('us-east-1');
    await bank.withdraw('joe', 3n);
    expect(await statementOf('joe')).toEqual(['deposit 10', 'withdrawal -3']);
  });

  test('that is frozen executes later a call that no other Region was given', async () => {
    testBank.freeze('us-east-1');
    const lonely = testBank.client({ endpoints: testBank.options.endpoints.slice(0, 1), callTimeoutMs: 50 });
    await expect(lonely.deposit('joe', 10n)).rejects.toThrow(OutcomeUnknownError);
    testBank.thaw('us-east-1');
    expect(await bank.balance('joe')).toMatchObject({ balance: 10n });
  });

  test('cannot be changed into what it is', () => {
    expect(() => testBank.thaw('us-east-1')).toThrow('us-east-1: the Region must be frozen, but is up');
    testBank.kill('us-east-1');
    expect(() => testBank.kill('us-east-1')).toThrow(
      'us-east-1: the Region must be up or frozen, but is down',
    );
  });
});

describe('a reply that is lost', () => {
  test('is given again by the other Region, and the call takes effect once', async () => {
    await bank.deposit('joe', 10n);
    testBank.loseReplies();
    const { balance, region, replayed } = await bank.withdraw('joe', 4n);
    expect({ balance, region, replayed }).toEqual({ balance: 6n, region: 'us-east-2', replayed: true });
    expect(await statementOf('joe')).toEqual(['deposit 10', 'withdrawal -4']);
  });

  test('of every attempt leaves the outcome unknown, until the call is retried with its key', async () => {
    await bank.deposit('joe', 10n);
    testBank.loseReplies(Number.POSITIVE_INFINITY);
    const error = await errorOf(testBank.client({ maxAttempts: 2 }).withdraw('joe', 4n));
    testBank.loseReplies(0);

    expect(error).toBeInstanceOf(OutcomeUnknownError);
    const { key } = error as OutcomeUnknownError;
    expect(await bank.outcome('joe', key)).toMatchObject({ outcome: 'executed' });
    expect(await bank.withdraw('joe', 4n, { key })).toMatchObject({ balance: 6n, replayed: true });
  });

  test('is counted by loseReplies, which refuses a count that is negative or not whole', () => {
    expect(() => testBank.loseReplies(-1)).toThrow(RangeError);
    expect(() => testBank.loseReplies(0.5)).toThrow(RangeError);
  });
});

describe('the clock of a bank for tests', () => {
  test('makes holds expire; the sweep writes it into the statement', async () => {
    await bank.deposit('joe', 10n);
    const { key: hold, expiresAt } = await bank.hold('joe', 4n, { expiresInSeconds: 3600 });
    testBank.advance(HOUR_MS);

    expect(expiresAt.getTime()).toBeLessThanOrEqual(testBank.nowMs);
    expect(await bank.balance('joe')).toMatchObject({ balance: 10n, held: 0n });
    await testBank.sweep();
    expect(await statementOf('joe')).toEqual(['deposit 10', 'hold -4', 'expired 4']);
    await expect(bank.capture('joe', hold)).rejects.toMatchObject({ code: 'hold_expired' });
  });

  test('is that of the clients, so that keys fit it', async () => {
    testBank.advance(365 * 24 * HOUR_MS);
    const { at } = await bank.deposit('joe', 10n);
    expect(at.getTime()).toBeGreaterThan(Date.now() + 364 * 24 * HOUR_MS);
  });

  test('does not move when the clock of the test does not', async () => {
    const nowMs = Date.UTC(2026, 10, 27);
    const still = new TestBank({ nowMs: () => nowMs });
    const { at } = await still.client().deposit('joe', 10n);
    expect(at.getTime()).toBe(nowMs);
    expect(() => still.advance(-1)).toThrow(RangeError);
  });

  test('follows the system time of a test runner, whose timers may not run', async () => {
    vi.useFakeTimers();
    try {
      await bank.deposit('joe', 10n);
      await bank.hold('joe', 4n, { expiresInSeconds: 3600 });
      vi.setSystemTime(Date.now() + HOUR_MS);
      expect(await bank.balance('joe')).toMatchObject({ balance: 10n, held: 0n });
    } finally {
      vi.useRealTimers();
    }
  });

  test('makes keys too old to be used', async () => {
    const key = bank.mintKey();
    testBank.advance(31 * 24 * HOUR_MS);
    await bank.deposit('joe', 10n);
    await expect(bank.deposit('joe', 10n, { key })).rejects.toMatchObject({ code: 'key_expired' });
  });
});
