import { describe, expect, test } from 'vitest';
import type { Entry } from '../../functions/bank/entry.ts';
import { registerOf } from '../../functions/bank/key.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { call } from '../audit/used-bank.ts';
import { refundOf } from '../support/asked.ts';
import { beforeAppend, storeWithout } from '../support/before-append.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { useMoments } from './moments.ts';

const {
  banks,
  balances,
  booksOf,
  deposit,
  expectFaults,
  expectRecovered,
  expectRight,
  money,
  receive,
  refund,
  restore,
  restoreAndStop,
  setStatus,
  sweepAll,
  withdraw,
} = useMoments();

describe('a recovery of refunds', () => {
  const codeOf = ({ body }: Entry) => (body.kind === 'refused' ? body.code : 'refunded');

  /** Refunds in the fresh bank under a new key, and says how. */
  const refundNow = async (key: string, amount?: number) => {
    const bank = banks.fresh.bank({ keysNotBeforeMs: banks.keysNotBeforeMs });
    const own = await call(bank, 'joe', banks.fresh.now.ms, refundOf(key, amount));
    const outcome = await bank.outcome({ account: 'joe', key: own }, patient());
    return outcome?.kind === 'recorded' ? (outcome.returned ?? codeOf(outcome.line.entry)) : outcome?.kind;
  };

  test('counts them again where a register is banks.lost, so that no call is refunded twice', async () => {
    await deposit('joe', 100);
    const key = await withdraw(20);
    await refund(key, 15);
    await restore(await booksOf('joe'));
    await expectRecovered({ reserved: 1, accounts: 1, balanceMinor: '95' });
    expect(await banks.fresh.items(registerOf('joe', key))).toEqual(
      await banks.lost.items(registerOf('joe', key)),
    );
    expect(await refundNow(key, 6)).toBe('refund_exceeded');
    expect(await refundNow(key, 5)).toBe('refunded');
    expect(await money('joe')).toEqual([100, 0]);
    await expectRight();
  });

  test('no longer counts one that is in no account, so that the call can be refunded', async () => {
    await deposit('joe', 100);
    const key = await withdraw(20);
    const joe = await booksOf('joe');
    await refund(key, 15);
    await restore(joe, await booksOf(registerOf('joe', key)));
    await expectRecovered({ unreserved: 1 });
    await expectRight();
    expect(await refundNow(key, 20)).toBe('refunded');
    expect(await money('joe')).toEqual([100, 0]);
    await expectRight();
  });

  test('no longer counts one that was returned', async () => {
    await deposit('joe', 5);
    const key = await receive();
    const register = registerOf('joe', key);
    await setStatus('ann', { credits: 'frozen' });
    const cutOff = beforeAppend(banks.lost.store, ({ account, entries: [entry] }) => {
      if (account === register && entry.changeMinor < 0n) {
        throw new StoreUnavailableError('no', 'cut off');
      }
    });
    await refund(key, 10, banks.lost.bank({ store: cutOff })).catch(() => {});
    const counted = await booksOf(register);
    banks.lost.now.ms += 30_000;
    expect(await sweepAll(banks.lost)).toMatchObject({ transfers: 1 });
    await restore(counted, await booksOf('joe', 'ann'));
    await expectRecovered({ unreserved: 1 });
    expect((await banks.fresh.store.readHead(register, patient())).balanceMinor).toBe(0n);
    await expectRight();
  });

  test('credits the payer of a transfer that was refunded, with what cannot be refunded again', async () => {
    await deposit('joe', 5);
    const key = await receive();
    const ann = await booksOf('ann');
    await refund(key, 10);
    await restore(ann, await booksOf('joe', registerOf('joe', key)));
    await expectRecovered({ credited: 1 });
    expect(await balances('joe', 'ann')).toEqual(['25/0', '80/0']);
    expect(await banks.fresh.items('ann')).toEqual(await banks.lost.items('ann'));
    await expectRight();
  });

  test('takes from the account what the payer has got, under the same key', async () => {
    await deposit('joe', 5);
    const key = await receive();
    const joe = await booksOf('joe');
    await refund(key, 10);
    await refund(key);
    await restore(joe, await booksOf('ann', registerOf('joe', key)));
    await expectRecovered({ paid: 2 });
    expect(await balances('joe', 'ann')).toEqual(['5/0', '100/0']);
    await expectRight();
    await expectRecovered({});
  });

  test('names one that only the payer has, and leaves it', async () => {
    await deposit('joe', 5);
    const key = await receive();
    const joe = await booksOf('joe');
    const own = await refund(key, 10);
    await restore(joe, await booksOf('ann'));
    await expectFaults(
      `"joe": its refund ${own} of 10 to ann is missing, and ann has the money; no register says of which call. Restore accounts to a later moment`,
    );
    expect(await banks.fresh.items('joe')).toEqual(joe['joe']);
  });

  test('leaves one that is under way to the sweep', async () => {
    await deposit('joe', 100);
    const key = await withdraw(20);
    const cutOff = banks.lost.bank({ store: storeWithout(banks.lost.store, registerOf('joe', key)) });
    await refund(key, 15, cutOff).catch(() => {});
    await restore(await booksOf('joe'));
    await expectRecovered({ underWay: 1 });
    banks.fresh.now.ms += 3600_000;
    expect(await sweepAll(banks.fresh)).toMatchObject({ transfers: 1 });
    expect(await money('joe')).toEqual([95, 0]);
    await expectRight();
  });

  test('has the same result when it is stopped before any of its writes and run again', async () => {
    await deposit('joe', 5);
    const key = await receive();
    const [first, second] = [await withdraw(9), await withdraw(12)];
    const joe = await booksOf('joe');
    await deposit('joe', 6);
    await refund(key, 15);
    await refund(first);
    const registers = await booksOf(registerOf('joe', key), registerOf('joe', first));
    await refund(second);
    const books = { ...joe, ...(await booksOf('ann')), ...registers };
    await restoreAndStop(books, ['0/0', '85/0', '15/0', '0/0']);
  });
});
