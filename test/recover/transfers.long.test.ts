import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_OPEN_TRANSFERS } from '../../client/contract/schemas.ts';
import type { Status } from '../../functions/bank/entry.ts';
import { FREEZE_VERSION } from '../../functions/bank/limits.ts';
import { call, callOf, trade, transferOf } from '../audit/used-bank.ts';
import { statusOf } from '../support/asked.ts';
import { storeWithout } from '../support/before-append.ts';
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
  transfer,
} from './lost-bank.ts';

beforeEach(openBanks);

describe('a recovery of books that are of different moments', () => {
  test('credits a transfer that is settled, also to an account whose first deposit is lost', async () => {
    await deposit('joe', 100);
    await deposit('ann', 5);
    const ann = await lost.items('ann');
    await deposit('eve', 5);
    await transfer('ann', 10);
    await transfer('eve', 20);
    await restore({ joe: await lost.items('joe'), ann });
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject({ ...NOTHING, credited: 2 });
    expect(await balances('joe', 'ann', 'eve')).toEqual(['70/0', '15/0', '20/0']);
    await expectRight(recovery);
    expect(await recover(recovery)).toMatchObject(NOTHING);
  });

  test('refuses the credit of a transfer that is returned', async () => {
    await deposit('joe', 100);
    await transfer('ann', 10);
    await restore({ joe: await lost.items('joe') });
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject({ ...NOTHING, refused: 1 });
    expect(await money('joe')).toEqual([100, 0]);
    await expectRight(recovery);
  });

  test('takes from the payer what the payee has got, under the same key', async () => {
    await deposit('joe', 100);
    await deposit('ann', 5);
    const joe = await lost.items('joe');
    const key = await transfer('ann', 10);
    await restore({ joe, ann: await lost.items('ann') });
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject({ ...NOTHING, paid: 1 });
    expect(await balances('joe', 'ann')).toEqual(['90/0', '15/0']);
    expect(await fresh.items('joe')).toEqual(await lost.items('joe'));
    const outcome = await fresh.bank({ keysNotBeforeMs }).outcome({ account: 'joe', key }, patient());
    expect(outcome).toMatchObject({ kind: 'recorded', returned: undefined });
    await expectRight(recovery);
    expect(await recover(recovery)).toMatchObject(NOTHING);
  });

  test('names a payer that has too little for that, and deposits what it lacks when the option says so', async () => {
    await deposit('joe', 4);
    await deposit('ann', 5);
    const joe = await lost.items('joe');
    await deposit('joe', 6);
    const key = await transfer('ann', 10);
    await restore({ joe, ann: await lost.items('ann') });
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject({
      code: 1,
      faults: [
        `"joe": its transfer ${key} of 10 to ann is missing, and ann has the money; its balance is 4. --cover deposits the 6 that it lacks`,
      ],
    });
    expect(await money('joe')).toEqual([4, 0]);
    expect(await recover(recovery, '--cover')).toMatchObject({
      ...NOTHING,
      paid: 1,
      covered: 1,
      coveredMinor: '6',
    });
    expect(await money('joe')).toEqual([0, 0]);
    await expectRight(recovery);
  });

  test('names a transfer that was returned and credited, and leaves it', async () => {
    await deposit('joe', 100);
    await transfer('ann', 10);
    const joe = await lost.items('joe');
    const { head: ann = {} } = await lost.items('ann');
    ann['entries'] = {
      L: [{ S: (ann['entries']?.L?.[0]?.S ?? '').replace(/^0 (\S+) refused \S+ r 10 /, '10 $1 r ') }],
    };
    await restore({ joe, ann: { head: { ...ann, balance: { N: '10' } }, pages: [] } });
    using recovery = new Recovery(fresh.tables);
    const { code, faults } = await recover(recovery);
    expect(faults).toEqual([
      expect.stringMatching(/^"joe": its transfer .*: joe has it as returned, and ann as credited$/),
    ]);
    expect(code).toBe(1);
    expect(await fresh.items('joe')).toEqual(joe);
  });

  test('leaves transfers and holds that are under way to the sweep, which ends them under keys from before', async () => {
    await trade(lost, 'joe', 'ann');
    await deposit('bob', 5);
    const bob = await lost.items('bob');
    await transfer('bob', 3, lost.bank({ store: storeWithout(lost.store, 'bob') })).catch(() => {});
    await transfer('eve', 4, lost.bank({ store: storeWithout(lost.store, 'eve') })).catch(() => {});
    await restore({
      joe: await lost.items('joe'),
      ann: await lost.items('ann'),
      bob,
      nobody: await lost.items('nobody'),
    });
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject({ ...NOTHING, underWay: 3, heldMinor: '61' });
    fresh.now.ms += 2 * 3600_000;
    expect(await sweepAll(fresh)).toMatchObject({ transfers: 3, expired: 1 });
    expect(await money('bob')).toEqual([8, 0]);
    await expectRight(recovery);
  });
});

const setStatus = (account: string, sides: Partial<Status>) =>
  call(lost.bank(), account, lost.now.ms, statusOf(sides));

describe('a recovery of frozen accounts', () => {
  test('leaves them frozen, and older functions unable to write them', async () => {
    await deposit('joe', 100);
    await setStatus('joe', { debits: 'frozen' });
    await restore({ joe: await lost.items('joe') });
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject(NOTHING);
    expect(await fresh.store.readHead('joe', patient())).toMatchObject({
      status: { debits: 'frozen', credits: 'open' },
      needs: FREEZE_VERSION,
    });
    const withdrawal = callOf('joe', fresh.now.ms, 'withdraw', 5);
    const { answer } = await fresh.bank({ keysNotBeforeMs }).execute(withdrawal, patient());
    expect(answer).toMatchObject({ line: { entry: { body: { code: 'account_frozen' } } } });
    await expectRight(recovery);
  });

  test('names the transfers that it would have to complete through a freeze, and writes none of them', async () => {
    for (const account of ['joe', 'ann', 'eve']) {
      await deposit(account, 100);
    }
    await setStatus('ann', { credits: 'frozen' });
    await setStatus('joe', { debits: 'frozen' });
    const [joe, ann] = [await lost.items('joe'), await lost.items('ann')];
    await setStatus('ann', { credits: 'open' });
    await setStatus('joe', { debits: 'open' });
    const paid = await transfer('eve', 20);
    const credited = await call(lost.bank(), 'eve', lost.now.ms, transferOf('ann', 10));
    await restore({ joe, ann, eve: await lost.items('eve') });
    using recovery = new Recovery(fresh.tables);
    const { code, faults } = await recover(recovery);
    expect(faults).toEqual([
      `"ann": the transfer ${credited} of 10 from eve to ann is missing, and credits are frozen; nothing was written. Restore accounts to a later moment`,
      `"joe": the transfer ${paid} of 20 from joe to eve is missing, and debits are frozen; nothing was written. Restore accounts to a later moment`,
    ]);
    expect(code).toBe(1);
    expect([await fresh.items('joe'), await fresh.items('ann')]).toEqual([joe, ann]);
  });
});

test('a recovery completes a transfer of a payer that has as many under way as it may have', async () => {
  await deposit('joe', 1000);
  for (const account of ['ann', 'bob']) {
    await deposit(account, 5);
  }
  const cutOff = lost.bank({ store: storeWithout(lost.store, 'bob') });
  for (let count = 0; count < MAX_OPEN_TRANSFERS; count += 1) {
    await transfer('bob', 1, cutOff).catch(() => {});
  }
  const joe = await lost.items('joe');
  const bob = await lost.items('bob');
  lost.now.ms += 30_000;
  expect(await sweepAll(lost)).toMatchObject({ transfers: MAX_OPEN_TRANSFERS });
  await transfer('ann', 10);
  await transfer('ann', 20);
  await restore({ joe, bob, ann: await lost.items('ann') });
  using recovery = new Recovery(fresh.tables);
  expect(await recover(recovery)).toMatchObject({ ...NOTHING, paid: 2, underWay: MAX_OPEN_TRANSFERS - 1 });
  expect([await money('joe'), await money('bob'), await money('ann')]).toEqual([
    [870, MAX_OPEN_TRANSFERS - 1],
    [6, 0],
    [35, 0],
  ]);
  await expectRight(recovery);
});

test('a key that the bank made may have a time after the one that keys are refused before', async () => {
  const mintedMs = lost.now.ms;
  await deposit('joe', 100);
  await deposit('ann', 5);
  // The clock of a Region was ahead.
  lost.now.ms = keysNotBeforeMs + 60_000;
  await call(lost.bank(), 'joe', mintedMs, transferOf('ann', 10));
  await restore({ joe: await lost.items('joe'), ann: await lost.items('ann') });
  using recovery = new Recovery(fresh.tables);
  expect(await recover(recovery)).toMatchObject(NOTHING);
});

test('a recovery that is stopped before any of its writes has the same result when it is run again', async () => {
  await deposit('joe', 4);
  for (const account of ['ann', 'bob']) {
    await deposit(account, 5);
  }
  const [joe, bob] = [await lost.items('joe'), await lost.items('bob')];
  await deposit('joe', 6);
  await transfer('ann', 10);
  await call(lost.bank(), 'ann', lost.now.ms, transferOf('bob', 2));
  await restoreAndStop({ joe, ann: await lost.items('ann'), bob }, [
    [0n, 0n],
    [13n, 0n],
    [7n, 0n],
  ]);
});
