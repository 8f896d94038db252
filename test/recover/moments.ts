import { beforeEach, expect } from 'vitest';
import type { Status } from '../../functions/bank/entry.ts';
import type { Store } from '../../functions/bank/store.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { auditBook } from '../../infra/tools/books/audit.ts';
import { visitBooks } from '../../infra/tools/books/go-through.ts';
import { Transfers } from '../../infra/tools/books/transfers.ts';
import type { Completion } from '../../infra/tools/recover/completion.ts';
import { completeTransfers } from '../../infra/tools/recover/transfers.ts';
import { type BookItems, call, callOf, openBank, transferOf, type UsedBank } from '../audit/used-bank.ts';
import { refundOf, statusOf, withdrawalOf } from '../support/asked.ts';
import { beforeAppend } from '../support/before-append.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { audit, Recovery } from '../support/recovery.ts';

type Books = Readonly<Record<string, BookItems>>;

/** The banks of a test. */
interface Banks {
  readonly lost: UsedBank;
  /** What was restored of the lost bank: books of different moments. */
  readonly restored: UsedBank;
  readonly fresh: UsedBank;
  readonly recovery: Recovery;
  readonly keysNotBeforeMs: number;
}

const NOTHING = {
  ...{ code: 0, faults: [], underWay: 0, credited: 0, refused: 0 },
  ...{ paid: 0, covered: 0, reserved: 0, unreserved: 0 },
};

/** Opens banks for each test of a file, and returns ways to use the lost one, to restore books of it, and to judge the fresh one. */
export function useMoments() {
  const banks = {} as Banks;

  beforeEach(async () => {
    const [lost, restored, fresh] = await Promise.all([openBank(), openBank(), openBank()]);
    const recovery = new Recovery(fresh.tables);
    const keysNotBeforeMs = Math.floor(lost.now.ms / 1000) * 1000;
    fresh.now.ms = lost.now.ms;
    lost.now.ms = keysNotBeforeMs - 60_000;
    Object.assign(banks, { lost, restored, fresh, recovery, keysNotBeforeMs } satisfies Banks);
    return () => recovery[Symbol.dispose]();
  });

  const deposit = async (account: string, amount: number) => {
    await banks.lost.bank().execute(callOf(account, banks.lost.now.ms, 'deposit', amount), patient());
  };
  const transfer = (to: string, amount: number, by = banks.lost.bank()) =>
    call(by, 'joe', banks.lost.now.ms, transferOf(to, amount));

  const money = async (account: string, bank = banks.fresh) => {
    const { balanceMinor, heldMinor } = await bank.store.readHead(account, patient());
    return [balanceMinor, heldMinor].map(Number);
  };

  /** Balance and held money of some accounts, each as `70/0`. */
  const balances = (...accounts: readonly string[]) => balancesIn(banks.fresh, accounts);

  const balancesIn = (bank: UsedBank, accounts: readonly string[]) =>
    Promise.all(accounts.map(async (account) => (await money(account, bank)).join('/')));

  /** Books of the lost bank as they are now. */
  const booksOf = async (...accounts: readonly string[]): Promise<Books> =>
    Object.fromEntries(
      await Promise.all(accounts.map(async (account) => [account, await banks.lost.items(account)] as const)),
    );

  /** Restores books, of one moment or of several. */
  async function restore(...moments: readonly Books[]): Promise<void> {
    for (const [account, items] of moments.flatMap((books) => Object.entries(books))) {
      await banks.restored.put(account, items);
    }
  }

  async function recover(...more: readonly string[]) {
    const { accounts, pages } = banks.restored.tables;
    const { code, stdout, stderr } = await banks.recovery.run(banks.fresh.tables, [
      ...['--accounts', `table:${accounts}`, '--pages', `table:${pages}`, '--any-table', '--json'],
      ...['--keys-not-before', new Date(banks.keysNotBeforeMs).toISOString(), ...more],
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
    const { code, stdout } = await audit(banks.fresh.tables);
    expect(stdout).not.toContain('WRONG');
    expect(code).toBe(0);
  }

  const refund = (key: string, amount?: number, by = banks.lost.bank()) =>
    call(by, 'joe', banks.lost.now.ms, refundOf(key, amount));
  const withdraw = (amount: number) =>
    call(banks.lost.bank(), 'joe', banks.lost.now.ms, withdrawalOf(amount));
  const setStatus = (account: string, sides: Partial<Status>) =>
    call(banks.lost.bank(), account, banks.lost.now.ms, statusOf(sides));

  /** Ann pays 30 to joe. Returns the key of the credit. */
  async function receive(): Promise<string> {
    await deposit('ann', 100);
    await call(banks.lost.bank(), 'ann', banks.lost.now.ms, transferOf('joe', 30));
    const { entries } = await banks.lost.store.readHead('joe', patient());
    return entries.at(-1)?.key ?? '';
  }

  function sweepAll({ store, now }: UsedBank) {
    const parts = { store, nowMs: () => now.ms, keysNotBeforeMs: banks.keysNotBeforeMs };
    return sweep(parts, patient(), (account, error) => expect.unreachable(`${account}: ${error}`));
  }

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

  return {
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
  };
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
