import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_AMOUNT_MINOR, type Move } from '../../client/contract.ts';
import type { Call } from '../../functions/core/account.ts';
import { RETENTION_MS } from '../../functions/core/limits.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { outcomeOf, type PlainBank, plainBank } from '../support/plain-bank.ts';

let lab: Lab;
let bank: PlainBank;

/** Writes bring the whole account back or not, in turns: no answer may depend on it. */
beforeAll(async () => {
  lab = await createLab();
  let writes = 0;
  const store = lab.storeAt({
    inspects: () => {
      writes += 1;
      return writes % 2 === 0;
    },
  });
  bank = plainBank(store, () => lab.now.ms);
});

const freshAccount = () => `account-${randomUUID()}`;

const move = (kind: Move, account: string, amountMinor: bigint, key = newKey()) =>
  bank.move({ account, key, move: kind, amountMinor }, patient());

describe('deposits and withdrawals', () => {
  it('opens an account with the first deposit and adds the next', async () => {
    const account = freshAccount();
    expect(outcomeOf(await move('deposit', account, 10n))).toBe(10n);
    expect(outcomeOf(await move('deposit', account, 15n))).toBe(25n);
    expect(await bank.balance(account, patient())).toBe(25n);
  });

  it('pays out what is there, down to nothing, and the account stays open', async () => {
    const account = freshAccount();
    await move('deposit', account, 10n);
    expect(outcomeOf(await move('withdraw', account, 10n))).toBe(0n);
    expect(await bank.balance(account, patient())).toBe(0n);
    expect(outcomeOf(await move('withdraw', account, 1n))).toBe('not_enough_money');
  });

  it('has no balance for an account that nobody deposited to, even when a refusal is recorded on it', async () => {
    const account = freshAccount();
    expect(outcomeOf(await move('withdraw', account, 1n))).toBe('no_such_account');
    expect(await bank.balance(account, patient())).toBeUndefined();
    expect(outcomeOf(await move('deposit', account, 3n))).toBe(3n);
  });

  it('keeps a balance of 15 digits exact and refuses one unit more', async () => {
    const account = freshAccount();
    expect(outcomeOf(await move('deposit', account, MAX_AMOUNT_MINOR - 1n))).toBe(MAX_AMOUNT_MINOR - 1n);
    expect(outcomeOf(await move('deposit', account, 2n))).toBe('balance_too_large');
    expect(outcomeOf(await move('deposit', account, 1n))).toBe(MAX_AMOUNT_MINOR);
    expect(await bank.balance(account, patient())).toBe(MAX_AMOUNT_MINOR);
  });
});

describe('retries', () => {
  it('answers a retry of a deposit from the record, also after the balance has moved on', async () => {
    const account = freshAccount();
    const key = newKey();
    const first = await move('deposit', account, 10n, key);
    await move('deposit', account, 5n);
    expect(await move('deposit', account, 10n, key)).toEqual({ ...first, replayed: true });
    expect(await bank.balance(account, patient())).toBe(15n);
  });

  it('answers a retry of a withdrawal from the record when the money for another one is no longer there', async () => {
    const account = freshAccount();
    const key = newKey();
    await move('deposit', account, 10n);
    expect(outcomeOf(await move('withdraw', account, 10n, key))).toBe(0n);
    expect(outcomeOf(await move('withdraw', account, 10n, key))).toBe(0n);
  });

  it.each(['no_such_account', 'not_enough_money'] as const)(
    'refuses a withdrawal with %s for ever, even when there is money later',
    async (code) => {
      const account = freshAccount();
      const key = newKey();
      if (code === 'not_enough_money') await move('deposit', account, 1n);
      expect(outcomeOf(await move('withdraw', account, 100n, key))).toBe(code);
      await move('deposit', account, 1000n);
      expect(outcomeOf(await move('withdraw', account, 100n, key))).toBe(code);
    },
  );

  it('refuses a deposit that was too large for ever, even when there is room later', async () => {
    const account = freshAccount();
    const key = newKey();
    await move('deposit', account, MAX_AMOUNT_MINOR);
    expect(outcomeOf(await move('deposit', account, 1n, key))).toBe('balance_too_large');
    await move('withdraw', account, MAX_AMOUNT_MINOR);
    expect(outcomeOf(await move('deposit', account, 1n, key))).toBe('balance_too_large');
    expect(await bank.balance(account, patient())).toBe(0n);
  });

  it('does not take a different call for a retry: another amount or another direction is key_reused', async () => {
    const account = freshAccount();
    const key = newKey();
    await move('deposit', account, 10n, key);
    expect(outcomeOf(await move('deposit', account, 11n, key))).toBe('key_reused');
    expect(outcomeOf(await move('withdraw', account, 10n, key))).toBe('key_reused');
    expect(await bank.balance(account, patient())).toBe(10n);
  });

  it('keeps keys apart by account: the same key on another account is another call', async () => {
    const key = newKey();
    const [one, two] = [freshAccount(), freshAccount()];
    expect(outcomeOf(await move('deposit', one, 10n, key))).toBe(10n);
    expect(outcomeOf(await move('deposit', two, 7n, key))).toBe(7n);
  });
});

describe('keys in time', () => {
  it('refuses a key more than 5 minutes ahead of the clock and writes nothing', async () => {
    const account = freshAccount();
    expect(outcomeOf(await move('deposit', account, 1n, keyAt(lab.now.ms + 5 * 60_000 + 1)))).toBe(
      'key_in_future',
    );
    expect(await lab.item(account)).toBeUndefined();
    expect(outcomeOf(await move('deposit', account, 1n, keyAt(lab.now.ms + 5 * 60_000)))).toBe(1n);
  });

  it('still answers a retry whose key looks too new here because the other Region has a faster clock', async () => {
    const account = freshAccount();
    const key = keyAt(lab.now.ms + 5 * 60_000);
    const fasterRegion = plainBank(lab.store, () => lab.now.ms + 20_000);
    const slowerRegion = plainBank(lab.store, () => lab.now.ms - 20_000);
    const call = { account, key, move: 'deposit', amountMinor: 10n } as const;
    expect(outcomeOf(await fasterRegion.move(call, patient()))).toBe(10n);
    expect(outcomeOf(await slowerRegion.move(call, patient()))).toBe(10n);
    expect(outcomeOf(await slowerRegion.move({ ...call, amountMinor: 11n }, patient()))).toBe('key_reused');
  });

  it('answers a key at or below the watermark from the archive, and never executes one that is not there', async () => {
    const account = freshAccount();
    const [older, archived, newer] = [-3000, -2000, -1000].map((ageMs) => keyAt(lab.now.ms + ageMs));
    await move('deposit', account, 10n, archived);
    await lab.archiveOldest(account, 1);
    expect(outcomeOf(await move('deposit', account, 10n, archived))).toBe(10n);
    expect(outcomeOf(await move('deposit', account, 11n, archived))).toBe('key_reused');
    expect(outcomeOf(await move('deposit', account, 10n, older))).toBe('key_expired');
    expect(outcomeOf(await move('withdraw', account, 999n, older))).toBe('key_expired');
    expect(outcomeOf(await move('deposit', account, 5n, newer))).toBe(15n);
  });
});

describe('what has come of a key', () => {
  const recorded = {
    kind: 'call',
    move: 'deposit',
    amountMinor: 10n,
    reply: { kind: 'executed', balanceMinor: 10n },
  };

  it('is found on the account and in the archive', async () => {
    const account = freshAccount();
    const key = keyAt(lab.now.ms - 1000);
    await move('deposit', account, 10n, key);
    expect(await bank.outcome({ account, key }, patient())).toEqual({ kind: 'recorded', recorded });
    await lab.archiveOldest(account, 1);
    expect(await bank.outcome({ account, key }, patient())).toEqual({ kind: 'recorded', recorded });
  });

  it('is certainly nothing so far, above the watermark, without a look into the archive', async () => {
    const account = freshAccount();
    const bankWithoutArchive = plainBank(
      { ...lab.store, readArchived: () => Promise.reject(new Error('the archive was asked')) },
      () => lab.now.ms,
    );
    const subject = { account, key: keyAt(lab.now.ms) };
    expect(await bankWithoutArchive.outcome(subject, patient())).toEqual({ kind: 'none' });
    await move('deposit', account, 10n, keyAt(lab.now.ms - 1000));
    await lab.archiveOldest(account, 1);
    expect(await bankWithoutArchive.outcome(subject, patient())).toEqual({ kind: 'none' });
  });

  it('is forgotten where the archive may lag behind, or keeps nothing any more', async () => {
    const account = freshAccount();
    await move('deposit', account, 10n, keyAt(lab.now.ms - 1000));
    await lab.archiveOldest(account, 1);
    const belowWatermark = { account, key: keyAt(lab.now.ms - 2000) };
    expect(await bank.outcome(belowWatermark, patient())).toEqual({ kind: 'forgotten' });
    const longAgo = { account: freshAccount(), key: keyAt(lab.now.ms - RETENTION_MS - 1000) };
    expect(await bank.outcome(longAgo, patient())).toEqual({ kind: 'forgotten' });
  });
});

describe('a refusal', () => {
  const refuse = (code: 'no_such_account' | 'not_enough_money' | 'balance_too_large', call: Call) =>
    lab.store.write({ kind: 'refuse', code, call, acknowledge: [], liftFullMark: false }, patient());
  const asked = (move: 'deposit' | 'withdraw', amountMinor: bigint): Call => ({
    account: `account-${randomUUID()}`,
    key: newKey(),
    move,
    amountMinor,
  });

  it('is not recorded when it has become untrue since: the call then gets another chance', async () => {
    const enough = asked('withdraw', 5n);
    await lab.putItem({ account: enough.account, balance: 10n });
    expect(await refuse('not_enough_money', enough)).toMatchObject({ written: false });
    expect(await refuse('no_such_account', enough)).toMatchObject({ written: false });
    const room = asked('deposit', 5n);
    await lab.putItem({ account: room.account, balance: 10n });
    expect(await refuse('balance_too_large', room)).toMatchObject({ written: false });
    for (const { account } of [enough, room])
      expect(await lab.item(account)).toEqual({ account, balance: 10n });
  });
});
