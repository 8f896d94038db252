import { describe, expect, test } from 'vitest';
import { MAX_OPEN_TRANSFERS } from '../../client/contract/schemas.ts';
import { registerOf } from '../../functions/bank/key.ts';
import { FREEZE_VERSION } from '../../functions/bank/limits.ts';
import { call, callOf, trade, transferOf } from '../audit/used-bank.ts';
import { storeWithout } from '../support/before-append.ts';
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
  transfer,
  withdraw,
} = useMoments();

describe('a recovery of books that are of different moments', () => {
  test('credits a transfer that is settled, also to an account whose first deposit is lost', async () => {
    await deposit('joe', 100);
    await deposit('ann', 5);
    const ann = await booksOf('ann');
    await deposit('eve', 5);
    await transfer('ann', 10);
    await transfer('eve', 20);
    await restore(ann, await booksOf('joe'));
    await expectRecovered({ credited: 2 });
    expect(await balances('joe', 'ann', 'eve')).toEqual(['70/0', '15/0', '20/0']);
    await expectRight();
    await expectRecovered({});
  });

  test('refuses the credit of a transfer that is returned', async () => {
    await deposit('joe', 100);
    await transfer('ann', 10);
    await restore(await booksOf('joe'));
    await expectRecovered({ refused: 1 });
    expect(await money('joe')).toEqual([100, 0]);
    await expectRight();
  });

  test('takes from the payer what the payee has got, under the same key', async () => {
    await deposit('joe', 100);
    await deposit('ann', 5);
    const joe = await booksOf('joe');
    const key = await transfer('ann', 10);
    await restore(joe, await booksOf('ann'));
    await expectRecovered({ paid: 1 });
    expect(await balances('joe', 'ann')).toEqual(['90/0', '15/0']);
    expect(await banks.fresh.items('joe')).toEqual(await banks.lost.items('joe'));
    const outcome = await banks.fresh
      .bank({ keysNotBeforeMs: banks.keysNotBeforeMs })
      .outcome({ account: 'joe', key }, patient());
    expect(outcome).toMatchObject({ kind: 'recorded', returned: undefined });
    await expectRight();
    await expectRecovered({});
  });

  const payTransfer = async () => {
    await deposit('joe', 4);
    await deposit('ann', 5);
    return [() => transfer('ann', 10)] as const;
  };
  const payRefund = async () => {
    await deposit('joe', 5);
    const key = await receive();
    await withdraw(31);
    return [() => refund(key, 10), registerOf('joe', key)] as const;
  };
  test.each([
    ['transfer', payTransfer],
    ['refund', payRefund],
  ])(
    'names an account that has too little for its %s, and deposits what it lacks with --cover',
    async (kind, prepare) => {
      const [pay, ...registers] = await prepare();
      const joe = await booksOf('joe');
      await deposit('joe', 6);
      const key = await pay();
      await restore(joe, await booksOf('ann', ...registers));
      await expectFaults(
        `"joe": its ${kind} ${key} of 10 to ann is missing, and ann has the money; its balance is 4. --cover deposits the 6 that it lacks`,
      );
      expect(await money('joe')).toEqual([4, 0]);
      await expectRecovered({ paid: 1, covered: 1, coveredMinor: '6' }, '--cover');
      expect(await money('joe')).toEqual([0, 0]);
      await expectRight();
    },
  );

  test('names a transfer that was returned and credited, and leaves it', async () => {
    await deposit('joe', 100);
    await transfer('ann', 10);
    const joe = await booksOf('joe');
    const { head: ann = {} } = await banks.lost.items('ann');
    ann['entries'] = {
      L: [{ S: (ann['entries']?.L?.[0]?.S ?? '').replace(/^0 (\S+) refused \S+ r 10 /, '10 $1 r ') }],
    };
    await restore(joe, { ann: { head: { ...ann, balance: { N: '10' } }, pages: [] } });
    await expectFaults(
      expect.stringMatching(/^"joe": its transfer .*: joe has it as returned, and ann as credited$/),
    );
    expect(await banks.fresh.items('joe')).toEqual(joe['joe']);
  });

  test('leaves transfers and holds that are under way to the sweep, which ends them under keys from before', async () => {
    await trade(banks.lost, 'joe', 'ann');
    await deposit('bob', 5);
    const bob = await booksOf('bob');
    await transfer('bob', 3, banks.lost.bank({ store: storeWithout(banks.lost.store, 'bob') })).catch(
      () => {},
    );
    await transfer('eve', 4, banks.lost.bank({ store: storeWithout(banks.lost.store, 'eve') })).catch(
      () => {},
    );
    await restore(bob, await booksOf('joe', 'ann', 'nobody'));
    await expectRecovered({ underWay: 3, heldMinor: '61' });
    banks.fresh.now.ms += 2 * 3600_000;
    expect(await sweepAll(banks.fresh)).toMatchObject({ transfers: 3, expired: 1 });
    expect(await money('bob')).toEqual([8, 0]);
    await expectRight();
  });

  test('completes a transfer of a payer that has as many under way as it may have', async () => {
    await deposit('joe', 1000);
    await deposit('ann', 5);
    await deposit('bob', 5);
    const cutOff = banks.lost.bank({ store: storeWithout(banks.lost.store, 'bob') });
    for (let count = 0; count < MAX_OPEN_TRANSFERS; count += 1) {
      await transfer('bob', 1, cutOff).catch(() => {});
    }
    const before = await booksOf('joe', 'bob');
    banks.lost.now.ms += 30_000;
    expect(await sweepAll(banks.lost)).toMatchObject({ transfers: MAX_OPEN_TRANSFERS });
    await transfer('ann', 10);
    await transfer('ann', 20);
    await restore(before, await booksOf('ann'));
    const left = MAX_OPEN_TRANSFERS - 1;
    await expectRecovered({ paid: 2, underWay: left });
    expect(await balances('joe', 'bob', 'ann')).toEqual([`870/${left}`, '6/0', '35/0']);
    await expectRight();
  });

  test('takes a key that the bank made, although its time is after the one before which keys are refused', async () => {
    const mintedMs = banks.lost.now.ms;
    await deposit('joe', 100);
    await deposit('ann', 5);
    // The clock of a Region was ahead.
    banks.lost.now.ms = banks.keysNotBeforeMs + 60_000;
    await call(banks.lost.bank(), 'joe', mintedMs, transferOf('ann', 10));
    await restore(await booksOf('joe', 'ann'));
    await expectRecovered({});
  });

  test('has the same result when it is stopped before any of its writes and run again', async () => {
    await deposit('joe', 4);
    await deposit('ann', 5);
    await deposit('bob', 5);
    const [joe, bob] = [await banks.lost.items('joe'), await banks.lost.items('bob')];
    await deposit('joe', 6);
    await transfer('ann', 10);
    await call(banks.lost.bank(), 'ann', banks.lost.now.ms, transferOf('bob', 2));
    await restoreAndStop({ joe, ...(await booksOf('ann')), bob }, ['0/0', '13/0', '7/0']);
  });
});

describe('a recovery of frozen accounts', () => {
  test('leaves them frozen, and older functions unable to write them', async () => {
    await deposit('joe', 100);
    await setStatus('joe', { debits: 'frozen' });
    await restore(await booksOf('joe'));
    await expectRecovered({});
    expect(await banks.fresh.store.readHead('joe', patient())).toMatchObject({
      status: { debits: 'frozen', credits: 'open' },
      needs: FREEZE_VERSION,
    });
    const withdrawal = callOf('joe', banks.fresh.now.ms, 'withdraw', 5);
    const { answer } = await banks.fresh
      .bank({ keysNotBeforeMs: banks.keysNotBeforeMs })
      .execute(withdrawal, patient());
    expect(answer).toMatchObject({ line: { entry: { body: { code: 'account_frozen' } } } });
    await expectRight();
  });

  test('names the transfers that it would have to complete through a freeze, and writes none of them', async () => {
    for (const account of ['joe', 'ann', 'eve']) {
      await deposit(account, 100);
    }
    await setStatus('ann', { credits: 'frozen' });
    await setStatus('joe', { debits: 'frozen' });
    const frozen = await booksOf('joe', 'ann');
    await setStatus('ann', { credits: 'open' });
    await setStatus('joe', { debits: 'open' });
    const paid = await transfer('eve', 20);
    const credited = await call(banks.lost.bank(), 'eve', banks.lost.now.ms, transferOf('ann', 10));
    await restore(frozen, await booksOf('eve'));
    await expectFaults(
      `"ann": the transfer ${credited} of 10 from eve to ann is missing, and credits are frozen; nothing was written. Restore accounts to a later moment`,
      `"joe": the transfer ${paid} of 20 from joe to eve is missing, and debits are frozen; nothing was written. Restore accounts to a later moment`,
    );
    for (const account of ['joe', 'ann']) {
      expect(await banks.fresh.items(account)).toEqual(frozen[account]);
    }
  });
});
