import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_OPEN_TRANSFERS } from '../../client/contract/schemas.ts';
import type { Entry, Status } from '../../functions/bank/entry.ts';
import { registerOf } from '../../functions/bank/key.ts';
import { FREEZE_VERSION } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { auditBook } from '../../infra/tools/books/audit.ts';
import { visitBooks } from '../../infra/tools/books/go-through.ts';
import { Transfers } from '../../infra/tools/books/transfers.ts';
import type { Completion } from '../../infra/tools/recover/completion.ts';
import { completeTransfers } from '../../infra/tools/recover/transfers.ts';
import {
  type BookItems,
  call,
  callOf,
  openBank,
  trade,
  transferOf,
  type UsedBank,
} from '../audit/used-bank.ts';
import { refundOf, statusOf, withdrawalOf } from '../support/asked.ts';
import { beforeAppend, storeWithout } from '../support/before-append.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { audit, Recovery } from '../support/recovery.ts';

/** What was restored of the lost bank: books of different moments. */
let restored: UsedBank;
let recovery: Recovery;
let lost: UsedBank;
let fresh: UsedBank;
let keysNotBeforeMs: number;

type Books = Readonly<Record<string, BookItems>>;

beforeEach(async () => {
  [restored, lost, fresh] = await Promise.all([openBank(), openBank(), openBank()]);
  recovery = new Recovery(fresh.tables);
  keysNotBeforeMs = Math.floor(lost.now.ms / 1000) * 1000;
  fresh.now.ms = lost.now.ms;
  lost.now.ms = keysNotBeforeMs - 60_000;
  return () => recovery[Symbol.dispose]();
});

const deposit = async (account: string, amount: number) => {
  await lost.bank().execute(callOf(account, lost.now.ms, 'deposit', amount), patient());
};
const transfer = (to: string, amount: number, by = lost.bank()) =>
  call(by, 'joe', lost.now.ms, transferOf(to, amount));

const money = async (account: string, bank = fresh) => {
  const { balanceMinor, heldMinor } = await bank.store.readHead(account, patient());
  return [balanceMinor, heldMinor].map(Number);
};

/** Balance and held money of some accounts, each as `70/0`. */
const balances = (...accounts: readonly string[]) => balancesIn(fresh, accounts);

const balancesIn = (bank: UsedBank, accounts: readonly string[]) =>
  Promise.all(accounts.map(async (account) => (await money(account, bank)).join('/')));

/** Books of the lost bank as they are now. */
const booksOf = async (...accounts: readonly string[]): Promise<Books> =>
  Object.fromEntries(
    await Promise.all(accounts.map(async (account) => [account, await lost.items(account)] as const)),
  );

/** Restores books, of one moment or of several. */
async function restore(...moments: readonly Books[]): Promise<void> {
  for (const [account, items] of moments.flatMap((books) => Object.entries(books))) {
    await restored.put(account, items);
  }
}

async function recover(...more: readonly string[]) {
  const { code, stdout, stderr } = await recovery.run(fresh.tables, [
    ...['--accounts', `table:${restored.tables.accounts}`, '--pages', `table:${restored.tables.pages}`],
    ...['--keys-not-before', new Date(keysNotBeforeMs).toISOString(), '--any-table', '--json', ...more],
  ]);
  expect(stderr).toBe('');
  return { code, ...(JSON.parse(stdout) as Completion & { faults: string[] }) };
}

/** Recovers what was restored, and expects that nothing else was done than is given. */
async function expectRecovered(done: object, ...more: readonly string[]): Promise<void> {
  expect(await recover(...more)).toMatchObject({ ...NOTHING, ...done });
}

async function expectFaults(...faults: readonly unknown[]): Promise<void> {
  expect(await recover()).toMatchObject({ code: 1, faults });
}

/** Nothing is wrong with any book or transfer, and no money came from nowhere. */
async function expectRight(): Promise<void> {
  const { code, stdout } = await audit(fresh.tables);
  expect(stdout).not.toContain('WRONG');
  expect(code).toBe(0);
}

const NOTHING = {
  ...{ code: 0, faults: [], underWay: 0, credited: 0, refused: 0 },
  ...{ paid: 0, covered: 0, reserved: 0, unreserved: 0 },
};

/** Stops the recovery of some books after each number of writes, and runs it again. */
async function restoreAndStop(books: Books, expected: readonly string[]): Promise<void> {
  let writes = 0;
  for (let isStopped = true; isStopped; writes += 1) {
    const bank = await openBank();
    for (const [account, items] of Object.entries(books)) {
      await bank.put(account, items);
    }
    let left = writes;
    const stopping = beforeAppend(bank.store, () => {
      left -= 1;
      if (left < 0) {
        throw new StoreUnavailableError('no', 'stopped');
      }
    });
    isStopped = await complete(bank, stopping).then(
      () => false,
      (error: Error) => error.message === 'stopped',
    );
    await complete(bank, bank.store);
    expect(await complete(bank, bank.store)).toMatchObject({
      credited: 0,
      paid: 0,
      covered: 0,
      unreserved: 0,
    });
    // A transfer that was begun and not settled is one that is under way.
    expect(await sweepAll(bank)).toMatchObject({ expired: 0 });
    expect(await balancesIn(bank, Object.keys(books)), `stopped after ${writes} writes`).toEqual(expected);
  }
  expect(writes).toBeGreaterThan(4);
}

function sweepAll({ store, now }: UsedBank) {
  const parts = { store, nowMs: () => now.ms, keysNotBeforeMs };
  return sweep(parts, patient(), (account, error) => expect.unreachable(`${account}: ${error}`));
}

/** Completes the transfers of a bank, with deposits where they are needed. */
async function complete(bank: UsedBank, store: Store): Promise<Completion> {
  await using transfers = await Transfers.open();
  const handle = async (book: Parameters<typeof auditBook>[0]) => {
    const { faults } = await auditBook(book, {
      onEntries: (entries) => transfers.add(book.account, entries),
    });
    expect(faults).toEqual([]);
    return true;
  };
  await visitBooks({ books: bank.books, signal: patient(), handle });
  return await completeTransfers({
    transfers,
    store,
    cover: true,
    signal: patient(),
    nowMs: () => bank.now.ms,
    begin: () => Promise.resolve(),
    onFault: (account, fault) => expect.unreachable(`${account}: ${fault}`),
  });
}

const refund = (key: string, amount?: number, by = lost.bank()) =>
  call(by, 'joe', lost.now.ms, refundOf(key, amount));
const withdraw = (amount: number) => call(lost.bank(), 'joe', lost.now.ms, withdrawalOf(amount));
const setStatus = (account: string, sides: Partial<Status>) =>
  call(lost.bank(), account, lost.now.ms, statusOf(sides));

/** Ann pays 30 to joe. Returns the key of the credit. */
async function receive(): Promise<string> {
  await deposit('ann', 100);
  await call(lost.bank(), 'ann', lost.now.ms, transferOf('joe', 30));
  const { entries } = await lost.store.readHead('joe', patient());
  return entries.at(-1)?.key ?? '';
}

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
    expect(await fresh.items('joe')).toEqual(await lost.items('joe'));
    const outcome = await fresh.bank({ keysNotBeforeMs }).outcome({ account: 'joe', key }, patient());
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
    const { head: ann = {} } = await lost.items('ann');
    ann['entries'] = {
      L: [{ S: (ann['entries']?.L?.[0]?.S ?? '').replace(/^0 (\S+) refused \S+ r 10 /, '10 $1 r ') }],
    };
    await restore(joe, { ann: { head: { ...ann, balance: { N: '10' } }, pages: [] } });
    await expectFaults(
      expect.stringMatching(/^"joe": its transfer .*: joe has it as returned, and ann as credited$/),
    );
    expect(await fresh.items('joe')).toEqual(joe['joe']);
  });

  test('leaves transfers and holds that are under way to the sweep, which ends them under keys from before', async () => {
    await trade(lost, 'joe', 'ann');
    await deposit('bob', 5);
    const bob = await booksOf('bob');
    await transfer('bob', 3, lost.bank({ store: storeWithout(lost.store, 'bob') })).catch(() => {});
    await transfer('eve', 4, lost.bank({ store: storeWithout(lost.store, 'eve') })).catch(() => {});
    await restore(bob, await booksOf('joe', 'ann', 'nobody'));
    await expectRecovered({ underWay: 3, heldMinor: '61' });
    fresh.now.ms += 2 * 3600_000;
    expect(await sweepAll(fresh)).toMatchObject({ transfers: 3, expired: 1 });
    expect(await money('bob')).toEqual([8, 0]);
    await expectRight();
  });

  test('completes a transfer of a payer that has as many under way as it may have', async () => {
    await deposit('joe', 1000);
    await deposit('ann', 5);
    await deposit('bob', 5);
    const cutOff = lost.bank({ store: storeWithout(lost.store, 'bob') });
    for (let count = 0; count < MAX_OPEN_TRANSFERS; count += 1) {
      await transfer('bob', 1, cutOff).catch(() => {});
    }
    const before = await booksOf('joe', 'bob');
    lost.now.ms += 30_000;
    expect(await sweepAll(lost)).toMatchObject({ transfers: MAX_OPEN_TRANSFERS });
    await transfer('ann', 10);
    await transfer('ann', 20);
    await restore(before, await booksOf('ann'));
    const left = MAX_OPEN_TRANSFERS - 1;
    await expectRecovered({ paid: 2, underWay: left });
    expect(await balances('joe', 'bob', 'ann')).toEqual([`870/${left}`, '6/0', '35/0']);
    await expectRight();
  });

  test('takes a key that the bank made, although its time is after the one before which keys are refused', async () => {
    const mintedMs = lost.now.ms;
    await deposit('joe', 100);
    await deposit('ann', 5);
    // The clock of a Region was ahead.
    lost.now.ms = keysNotBeforeMs + 60_000;
    await call(lost.bank(), 'joe', mintedMs, transferOf('ann', 10));
    await restore(await booksOf('joe', 'ann'));
    await expectRecovered({});
  });

  test('has the same result when it is stopped before any of its writes and run again', async () => {
    await deposit('joe', 4);
    await deposit('ann', 5);
    await deposit('bob', 5);
    const [joe, bob] = [await lost.items('joe'), await lost.items('bob')];
    await deposit('joe', 6);
    await transfer('ann', 10);
    await call(lost.bank(), 'ann', lost.now.ms, transferOf('bob', 2));
    await restoreAndStop({ joe, ...(await booksOf('ann')), bob }, ['0/0', '13/0', '7/0']);
  });
});

describe('a recovery of frozen accounts', () => {
  test('leaves them frozen, and older functions unable to write them', async () => {
    await deposit('joe', 100);
    await setStatus('joe', { debits: 'frozen' });
    await restore(await booksOf('joe'));
    await expectRecovered({});
    expect(await fresh.store.readHead('joe', patient())).toMatchObject({
      status: { debits: 'frozen', credits: 'open' },
      needs: FREEZE_VERSION,
    });
    const withdrawal = callOf('joe', fresh.now.ms, 'withdraw', 5);
    const { answer } = await fresh.bank({ keysNotBeforeMs }).execute(withdrawal, patient());
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
    const credited = await call(lost.bank(), 'eve', lost.now.ms, transferOf('ann', 10));
    await restore(frozen, await booksOf('eve'));
    await expectFaults(
      `"ann": the transfer ${credited} of 10 from eve to ann is missing, and credits are frozen; nothing was written. Restore accounts to a later moment`,
      `"joe": the transfer ${paid} of 20 from joe to eve is missing, and debits are frozen; nothing was written. Restore accounts to a later moment`,
    );
    for (const account of ['joe', 'ann']) {
      expect(await fresh.items(account)).toEqual(frozen[account]);
    }
  });
});

describe('a recovery of refunds', () => {
  const codeOf = ({ body }: Entry) => (body.kind === 'refused' ? body.code : 'refunded');

  /** Refunds in the fresh bank under a new key, and says how. */
  const refundNow = async (key: string, amount?: number) => {
    const bank = fresh.bank({ keysNotBeforeMs });
    const own = await call(bank, 'joe', fresh.now.ms, refundOf(key, amount));
    const outcome = await bank.outcome({ account: 'joe', key: own }, patient());
    return outcome?.kind === 'recorded' ? (outcome.returned ?? codeOf(outcome.line.entry)) : outcome?.kind;
  };

  test('counts them again where a register is lost, so that no call is refunded twice', async () => {
    await deposit('joe', 100);
    const key = await withdraw(20);
    await refund(key, 15);
    await restore(await booksOf('joe'));
    await expectRecovered({ reserved: 1, accounts: 1, balanceMinor: '95' });
    expect(await fresh.items(registerOf('joe', key))).toEqual(await lost.items(registerOf('joe', key)));
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
    const cutOff = beforeAppend(lost.store, ({ account, entries: [entry] }) => {
      if (account === register && entry.changeMinor < 0n) {
        throw new StoreUnavailableError('no', 'cut off');
      }
    });
    await refund(key, 10, lost.bank({ store: cutOff })).catch(() => {});
    const counted = await booksOf(register);
    lost.now.ms += 30_000;
    expect(await sweepAll(lost)).toMatchObject({ transfers: 1 });
    await restore(counted, await booksOf('joe', 'ann'));
    await expectRecovered({ unreserved: 1 });
    expect((await fresh.store.readHead(register, patient())).balanceMinor).toBe(0n);
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
    expect(await fresh.items('ann')).toEqual(await lost.items('ann'));
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
    expect(await fresh.items('joe')).toEqual(joe['joe']);
  });

  test('leaves one that is under way to the sweep', async () => {
    await deposit('joe', 100);
    const key = await withdraw(20);
    const cutOff = lost.bank({ store: storeWithout(lost.store, registerOf('joe', key)) });
    await refund(key, 15, cutOff).catch(() => {});
    await restore(await booksOf('joe'));
    await expectRecovered({ underWay: 1 });
    fresh.now.ms += 3600_000;
    expect(await sweepAll(fresh)).toMatchObject({ transfers: 1 });
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
