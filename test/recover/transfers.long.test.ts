import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_OPEN_TRANSFERS } from '../../client/contract/schemas.ts';
import type { Entry, Status } from '../../functions/bank/entry.ts';
import { registerOf } from '../../functions/bank/key.ts';
import { FREEZE_VERSION } from '../../functions/bank/limits.ts';
import { type Store, StoreUnavailableError } from '../../functions/bank/store.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { auditBook } from '../../infra/tools/books/audit.ts';
import { goThrough } from '../../infra/tools/books/go-through.ts';
import { Transfers } from '../../infra/tools/books/transfers.ts';
import type { Mended } from '../../infra/tools/recover/mending.ts';
import { mendTransfers } from '../../infra/tools/recover/transfers.ts';
import {
  type BookItems,
  call,
  callOf,
  openBank,
  patient,
  refundOf,
  storeWithout,
  trade,
  transferOf,
  type UsedBank,
} from '../audit/used-bank.ts';
import { prefixOf, Recovery } from '../support/recovery.ts';

/** What was restored of the lost bank: books of different moments. */
let restored: UsedBank;
let lost: UsedBank;
let fresh: UsedBank;
let keysNotBeforeMs: number;

beforeEach(async () => {
  [restored, lost, fresh] = await Promise.all([openBank(), openBank(), openBank()]);
  keysNotBeforeMs = Math.floor(lost.now.ms / 1000) * 1000;
  fresh.now.ms = lost.now.ms;
  lost.now.ms = keysNotBeforeMs - 60_000;
});

const deposit = async (account: string, amount: number) => {
  await lost.bank().execute(callOf(account, lost.now.ms, 'deposit', amount), patient());
};
const transfer = (to: string, amount: number, by = lost.bank()) =>
  call(by, 'joe', lost.now.ms, transferOf(to, amount));

const money = async (account: string) => {
  const { balanceMinor, heldMinor } = await fresh.store.readHead(account, patient());
  return [balanceMinor, heldMinor].map(Number);
};

async function restore(books: Readonly<Record<string, BookItems>>): Promise<void> {
  for (const [account, items] of Object.entries(books)) {
    await restored.put(account, items);
  }
}

async function recover(recovery: Recovery, ...more: readonly string[]) {
  const { code, stdout, stderr } = await recovery.run(fresh.tables, [
    ...['--accounts', `table:${restored.tables.accounts}`, '--pages', `table:${restored.tables.pages}`],
    ...['--keys-not-before', new Date(keysNotBeforeMs).toISOString(), '--any-table', '--json', ...more],
  ]);
  expect(stderr).toBe('');
  return { code, ...(JSON.parse(stdout) as Mended & { faults: string[] }) };
}

/** Nothing is wrong with any book or transfer, and no money came from nowhere. */
async function expectRight(recovery: Recovery): Promise<void> {
  const args = ['--from', prefixOf(fresh.tables), '--region', 'us-east-1'];
  const { code, stdout } = await recovery.audit(args);
  expect(stdout).not.toContain('WRONG');
  expect(code).toBe(0);
}

const NOTHING = {
  ...{ code: 0, faults: [], underWay: 0, credited: 0, refused: 0, paid: 0, covered: 0 },
  ...{ reserved: 0, unreserved: 0 },
};

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
    expect([await money('joe'), await money('ann'), await money('eve')]).toEqual([
      [70, 0],
      [15, 0],
      [20, 0],
    ]);
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
    expect([await money('joe'), await money('ann')]).toEqual([
      [90, 0],
      [15, 0],
    ]);
    expect(await fresh.items('joe')).toEqual(await lost.items('joe'));
    const outcome = await fresh.bank({ keysNotBeforeMs }).outcome({ account: 'joe', key }, patient());
    expect(outcome).toMatchObject({ kind: 'recorded', returned: undefined });
    await expectRight(recovery);
    expect(await recover(recovery)).toMatchObject(NOTHING);
  });

  test('names a payer that has too little for that, and deposits what it lacks when it is told to', async () => {
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
      ...{ paid: 1, covered: 1, coveredMinor: '6' },
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
      ...{ joe: await lost.items('joe'), ann: await lost.items('ann'), bob },
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
  call(lost.bank(), account, lost.now.ms, {
    ...{ operation: 'setStatus', debits: undefined, credits: undefined, reference: undefined },
    ...sides,
  });

describe('a recovery of frozen accounts', () => {
  test('leaves them frozen, and older functions unable to write them', async () => {
    await deposit('joe', 100);
    await setStatus('joe', { debits: 'frozen' });
    await restore({ joe: await lost.items('joe') });
    using recovery = new Recovery(fresh.tables);
    expect(await recover(recovery)).toMatchObject(NOTHING);
    expect(await fresh.store.readHead('joe', patient())).toMatchObject({
      ...{ status: { debits: 'frozen', credits: 'open' }, needs: FREEZE_VERSION },
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

describe('a recovery of refunds', () => {
  const refund = (key: string, amount?: number, by = lost.bank()) =>
    call(by, 'joe', lost.now.ms, refundOf(key, amount));
  const withdraw = (amount: number) =>
    call(lost.bank(), 'joe', lost.now.ms, {
      ...{ operation: 'withdraw', amountMinor: BigInt(amount) },
      reference: undefined,
    });

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
    const frozen = { debits: undefined, credits: 'frozen', reference: undefined } as const;
    await call(lost.bank(), 'ann', lost.now.ms, { operation: 'setStatus', ...frozen });
    const append: Store['append'] = (asked, signal) =>
      asked.entry.changeMinor < 0n && asked.account === register
        ? Promise.reject(new StoreUnavailableError('no', 'cut off'))
        : lost.store.append(asked, signal);
    await refund(key, 10, lost.bank({ store: { ...lost.store, append } })).catch(() => {});
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
    expect([await money('joe'), await money('ann')]).toEqual([
      [25, 0],
      [80, 0],
    ]);
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
    expect([await money('joe'), await money('ann')]).toEqual([
      [5, 0],
      [100, 0],
    ]);
    await expectRight(recovery);
    expect(await recover(recovery)).toMatchObject(NOTHING);
  });

  test('names an account that has too little for that, and deposits what it lacks when it is told to', async () => {
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
      ...{ paid: 1, covered: 1, coveredMinor: '6' },
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

  test('comes to the same when it is stopped before any of its writes and run again', async () => {
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

test('a recovery that is stopped before any of its writes comes to the same when it is run again', async () => {
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

/** Stops the recovery of some books after each number of writes, and runs it again. */
async function restoreAndStop(
  books: Readonly<Record<string, BookItems>>,
  money: readonly (readonly [bigint, bigint])[],
): Promise<void> {
  let writes = 0;
  for (let isStopped = true; isStopped; writes += 1) {
    const bank = await openBank();
    for (const [account, items] of Object.entries(books)) {
      await bank.put(account, items);
    }
    let left = writes;
    const append: Store['append'] = (...args) => {
      left -= 1;
      return left < 0
        ? Promise.reject(new StoreUnavailableError('no', 'stopped'))
        : bank.store.append(...args);
    };
    isStopped = await mend(bank, { ...bank.store, append }).then(
      () => false,
      (error: Error) => error.message === 'stopped',
    );
    await mend(bank, bank.store);
    expect(await mend(bank, bank.store)).toMatchObject({ credited: 0, paid: 0, covered: 0, unreserved: 0 });
    // A transfer that was begun and not settled is one that is under way.
    expect(await sweepAll(bank)).toMatchObject({ expired: 0 });
    const heads = await Promise.all(Object.keys(books).map((name) => bank.store.readHead(name, patient())));
    expect(
      heads.map(({ balanceMinor, heldMinor }) => [balanceMinor, heldMinor]),
      `stopped after ${writes} writes`,
    ).toEqual(money);
  }
  expect(writes).toBeGreaterThan(4);
}

function sweepAll({ store, now }: UsedBank) {
  const parts = { store, nowMs: () => now.ms, keysNotBeforeMs };
  return sweep(parts, patient(), (account, error) => expect.unreachable(`${account}: ${error}`));
}

/** Completes the transfers of a bank, with deposits where they are needed. */
async function mend(bank: UsedBank, store: Store): Promise<Mended> {
  await using transfers = await Transfers.open();
  const handle = async (book: Parameters<typeof auditBook>[0]) => {
    const { faults } = await auditBook(book, {
      onEntries: (entries) => transfers.add(book.account, entries),
    });
    expect(faults).toEqual([]);
    return true;
  };
  await goThrough({ books: bank.books, signal: patient(), handle });
  return await mendTransfers({
    ...{ transfers, store, cover: true, signal: patient(), nowMs: () => bank.now.ms },
    begin: () => Promise.resolve(),
    tell: (account, fault) => expect.unreachable(`${account}: ${fault}`),
  });
}
