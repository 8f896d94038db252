import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_REMEMBERED_REPLIES } from '../../functions/core/limits.ts';
import { ATTRIBUTES } from '../../functions/store/item.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { itemBytes } from '../support/item-size.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { type PlainBank, plainBank } from '../support/plain-bank.ts';

let lab: Lab;
let bank: PlainBank;

beforeAll(async () => {
  lab = await createLab();
  bank = plainBank(lab.store, () => lab.now.ms);
});

const deposit = (account: string, key = newKey()) =>
  bank.move({ account, key, move: 'deposit', amountMinor: 1n }, patient());

/** An account that remembers this many replies, as a caller that acknowledges none would have made it. */
async function hoarder(remembered: number): Promise<{ account: string; keys: string[] }> {
  const account = `hoarder-${randomUUID()}`;
  const keys = Array.from({ length: remembered }, (_, index) => keyAt(lab.now.ms - 100_000 + index));
  await lab.putItem({
    account,
    balance: BigInt(remembered),
    ...Object.fromEntries(
      keys.flatMap((key, index) => [
        [ATTRIBUTES.call(key), 'deposit 1'],
        [ATTRIBUTES.reply(key), BigInt(index + 1)],
      ]),
    ),
  });
  return { account, keys };
}

describe('an account that remembers as many replies as it can', () => {
  it('turns the next new call away, moves nothing and records nothing', async () => {
    const { account } = await hoarder(MAX_REMEMBERED_REPLIES - 1);
    expect(await deposit(account)).toMatchObject({ kind: 'replied', replayed: false });
    const before = await lab.item(account);
    expect(await deposit(account)).toEqual({ kind: 'turned_away', code: 'too_many_unacknowledged' });
    expect(
      await bank.move({ account, key: newKey(), move: 'withdraw', amountMinor: 9999n }, patient()),
    ).toEqual({ kind: 'turned_away', code: 'too_many_unacknowledged' });
    expect(await lab.item(account)).toEqual(before);
  });

  it('still answers retries of what it remembers, and the balance', async () => {
    const { account, keys } = await hoarder(MAX_REMEMBERED_REPLIES);
    await deposit(account);
    expect(await deposit(account, keys[0])).toMatchObject({
      kind: 'replied',
      replayed: true,
      recorded: { reply: { kind: 'executed', balanceMinor: 1n } },
    });
    expect(await bank.balance(account, patient())).toBe(BigInt(MAX_REMEMBERED_REPLIES + 1));
  });

  it('takes calls again as soon as it remembers fewer, and the mark is gone', async () => {
    const { account } = await hoarder(MAX_REMEMBERED_REPLIES - 1);
    await deposit(account);
    expect((await lab.item(account))?.[ATTRIBUTES.full]).toBe(true);
    await lab.archiveOldest(account, 25);
    expect(await deposit(account)).toMatchObject({ kind: 'replied', replayed: false });
    expect((await lab.item(account))?.[ATTRIBUTES.full]).toBeUndefined();
    expect(await bank.balance(account, patient())).toBe(BigInt(MAX_REMEMBERED_REPLIES + 1));
  });

  it('records a refusal while it lifts the mark, when the call that finds it undeserved is refused', async () => {
    const { account } = await hoarder(MAX_REMEMBERED_REPLIES - 1);
    await deposit(account);
    await lab.archiveOldest(account, 25);
    const key = newKey();
    const call = { account, key, move: 'withdraw', amountMinor: 999_999n } as const;
    const refusal = { kind: 'refused', code: 'not_enough_money' };
    expect(await bank.move(call, patient())).toMatchObject({ recorded: { reply: refusal } });
    expect((await lab.item(account))?.[ATTRIBUTES.reply(key)]).toBe('not_enough_money');
    expect((await lab.item(account))?.[ATTRIBUTES.full]).toBeUndefined();
  });

  it('stays far below the 400 KB that DynamoDB allows, with the longest calls', async () => {
    const { account } = await hoarder(0);
    const key = newKey();
    await bank.move({ account, key, move: 'deposit', amountMinor: 999_999_999_999_999n }, patient());
    const bytesOfOne = itemBytes(await lab.item(account));
    expect(bytesOfOne * MAX_REMEMBERED_REPLIES).toBeLessThan(200_000);
  });

  it('answers the call that reached the cap even when setting the mark failed', async () => {
    const { account } = await hoarder(MAX_REMEMBERED_REPLIES - 1);
    const { StoreUnavailableError } = await import('../../functions/core/store.ts');
    const markless = plainBank(
      { ...lab.store, markFull: () => Promise.reject(new StoreUnavailableError('unknown', 'throttled')) },
      () => lab.now.ms,
    );
    const call = { account, key: newKey(), move: 'deposit', amountMinor: 1n } as const;
    expect(await markless.move(call, patient())).toMatchObject({ kind: 'replied', replayed: false });
    expect(await deposit(account)).toMatchObject({ kind: 'replied', replayed: false });
    expect(await deposit(account)).toEqual({ kind: 'turned_away', code: 'too_many_unacknowledged' });
  });
});
