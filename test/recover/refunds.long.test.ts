import { beforeEach, describe, expect, test } from 'vitest';
import type { Entry } from '../../functions/bank/entry.ts';
import { registerOf } from '../../functions/bank/key.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { call, transferOf } from '../audit/used-bank.ts';
import { refundOf, statusOf, withdrawalOf } from '../support/asked.ts';
import { beforeAppend, storeWithout } from '../support/before-append.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { Recovery } from '../support/recovery.ts';
import {
  balances,
  deposit,
  expectRight,
  fresh,
  keysNotBeforeMs,
  lost,
  money,
  NOTHING,
  openBanks,
  recover,
  restore,
  restoreAndStop,
  sweepAll,
} from './lost-bank.ts';

beforeEach(openBanks);

describe('a recovery of refunds', () => {
  const refund = (key: string, amount?: number, by = lost.bank()) =>
    call(by, 'joe', lost.now.ms, refundOf(key, amount));
  const withdraw = (amount: number) => call(lost.bank(), 'joe', lost.now.ms, withdrawalOf(amount));

  const codeOf = ({ body }: Entry) => (body.kind === 'refused' ? body.code : 'refunded');

  /** Refunds in the fresh bank under a new key, and says how. */
  const refundNow = async (key: string, amount?: number) => {
    const bank = fresh.bank({ keysNotBeforeMs });
    const own = await call(bank, 'joe', fresh.now.ms, refundOf(key, amount));
    const outcome = await bank.outcome({ account: 'joe', key: own }, patient());
    return outcome?.kind === 'recorded' ? (outcome.returned ?? codeOf(outcome.line.entry)) : outcome?.kind;
  };

  /** Ann pays 30 to joe. Returns the key of the credit. */
  const receive = async () => {
    await deposit('ann', 100);
    await call(lost.bank(), 'ann', lost.now.ms, transferOf('joe', 30));
    const { entries } = await lost.store.readHead('joe', patient());
    return entries.at(-1)?.key ?? '';
  };

  /** Books as they are now, without those that have none. */
  const itemsOf = async (...accounts: readonly string[]) =>
    Object.fromEntries(
      await Promise.all(accounts.map(async (account) => [account, await lost.items(account)] as const)),
    );

  test('counts them again where a register is lost, so that no call is refunded twice', async () => {
    await deposit('joe', 100);
    const key = await withdraw(20);
    await refund(key, 15);
    await restore(await itemsOf('joe'));
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject({
      ...NOTHING,
      reserved: 1,
      accounts: 1,
      balanceMinor: '95',
    });
    expect(await fresh.items(registerOf('joe', key))).toEqual(await lost.items(registerOf('joe', key)));
    expect(await refundNow(key, 6)).toBe('refund_exceeded');
    expect(await refundNow(key, 5)).toBe('refunded');
    expect(await money('joe')).toEqual([100, 0]);
    await expectRight(recovery);
  });

  test('counts one no more that is in no account, so that the call can be refunded', async () => {
    await deposit('joe', 100);
    const key = await withdraw(20);
    const joe = await itemsOf('joe');
    await refund(key, 15);
    await restore({ ...joe, ...(await itemsOf(registerOf('joe', key))) });
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject({ ...NOTHING, unreserved: 1 });
    await expectRight(recovery);
    expect(await refundNow(key, 20)).toBe('refunded');
    expect(await money('joe')).toEqual([100, 0]);
    await expectRight(recovery);
  });

  test('counts one no more that came back', async () => {
    await deposit('joe', 5);
    const key = await receive();
    const register = registerOf('joe', key);
    await call(lost.bank(), 'ann', lost.now.ms, statusOf({ credits: 'frozen' }));
    const cutOff = beforeAppend(lost.store, ({ account, entry }) => {
      if (account === register && entry.changeMinor < 0n) {
        throw new StoreUnavailableError('no', 'cut off');
      }
    });
    await refund(key, 10, lost.bank({ store: cutOff })).catch(() => {});
    const counted = await itemsOf(register);
    lost.now.ms += 30_000;
    expect(await sweepAll(lost)).toMatchObject({ transfers: 1 });
    await restore({ ...(await itemsOf('joe', 'ann')), ...counted });
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject({ ...NOTHING, unreserved: 1 });
    expect((await fresh.store.readHead(register, patient())).balanceMinor).toBe(0n);
    await expectRight(recovery);
  });

  test('credits the payer of a transfer that was refunded, with what cannot be refunded again', async () => {
    await deposit('joe', 5);
    const key = await receive();
    const ann = await itemsOf('ann');
    await refund(key, 10);
    await restore({ ...ann, ...(await itemsOf('joe', registerOf('joe', key))) });
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject({ ...NOTHING, credited: 1 });
    expect(await balances('joe', 'ann')).toEqual(['25/0', '80/0']);
    expect(await fresh.items('ann')).toEqual(await lost.items('ann'));
    await expectRight(recovery);
  });

  test('takes from the account what the payer has got, under the same key', async () => {
    await deposit('joe', 5);
    const key = await receive();
    const joe = await itemsOf('joe');
    await refund(key, 10);
    await refund(key);
    await restore({ ...joe, ...(await itemsOf('ann', registerOf('joe', key))) });
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject({ ...NOTHING, paid: 2 });
    expect(await balances('joe', 'ann')).toEqual(['5/0', '100/0']);
    await expectRight(recovery);
    expect(await recover(recovery)).toMatchObject(NOTHING);
  });

  test('names an account that has too little for that, and deposits what it lacks when the option says so', async () => {
    await deposit('joe', 5);
    const key = await receive();
    await withdraw(31);
    const joe = await itemsOf('joe');
    await deposit('joe', 6);
    const own = await refund(key, 10);
    await restore({ ...joe, ...(await itemsOf('ann', registerOf('joe', key))) });
    using recovery = new Recovery(fresh.tables);
    expect((await recover(recovery)).faults).toEqual([
      `"joe": its refund ${own} of 10 to ann is missing, and ann has the money; its balance is 4. --cover deposits the 6 that it lacks`,
    ]);
    expect(await recover(recovery, '--cover')).toMatchObject({
      ...NOTHING,
      paid: 1,
      covered: 1,
      coveredMinor: '6',
    });
    expect(await money('joe')).toEqual([0, 0]);
    await expectRight(recovery);
  });

  test('names one that only the payer has, and leaves it', async () => {
    await deposit('joe', 5);
    const key = await receive();
    const joe = await itemsOf('joe');
    const own = await refund(key, 10);
    await restore({ ...joe, ...(await itemsOf('ann')) });
    using recovery = new Recovery(fresh.tables);
    const { code, faults } = await recover(recovery);
    expect(faults).toEqual([
      `"joe": its refund ${own} of 10 to ann is missing, and ann has the money; no register says of which call. Restore accounts to a later moment`,
    ]);
    expect(code).toBe(1);
    expect(await fresh.items('joe')).toEqual(joe['joe']);
  });

  test('leaves one that is under way to the sweep', async () => {
    await deposit('joe', 100);
    const key = await withdraw(20);
    const cutOff = lost.bank({ store: storeWithout(lost.store, registerOf('joe', key)) });
    await refund(key, 15, cutOff).catch(() => {});
    await restore(await itemsOf('joe'));
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject({ ...NOTHING, underWay: 1 });
    fresh.now.ms += 3600_000;
    expect(await sweepAll(fresh)).toMatchObject({ transfers: 1 });
    expect(await money('joe')).toEqual([95, 0]);
    await expectRight(recovery);
  });

  test('has the same result when it is stopped before any of its writes and run again', async () => {
    await deposit('joe', 5);
    const key = await receive();
    const [first, second] = [await withdraw(9), await withdraw(12)];
    const joe = await itemsOf('joe');
    await deposit('joe', 6);
    await refund(key, 15);
    await refund(first);
    const registers = await itemsOf(registerOf('joe', key), registerOf('joe', first));
    await refund(second);
    await restoreAndStop({ ...joe, ...(await itemsOf('ann')), ...registers }, [
      [0n, 0n],
      [85n, 0n],
      [15n, 0n],
      [0n, 0n],
    ]);
  });
});
