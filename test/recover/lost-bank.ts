import { expect } from 'vitest';
import type { Store } from '../../functions/bank/store.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { auditBook } from '../../infra/tools/books/audit.ts';
import { visitBooks } from '../../infra/tools/books/go-through.ts';
import { Transfers } from '../../infra/tools/books/transfers.ts';
import type { Completion } from '../../infra/tools/recover/completion.ts';
import { completeTransfers } from '../../infra/tools/recover/transfers.ts';
import { type BookItems, call, callOf, openBank, transferOf, type UsedBank } from '../audit/used-bank.ts';
import { beforeAppend } from '../support/before-append.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { audit, Recovery } from '../support/recovery.ts';

/** What was restored of the lost bank: books of different moments. */
let restored: UsedBank;
let recovery: Recovery;
export let lost: UsedBank;
export let fresh: UsedBank;
export let keysNotBeforeMs: number;

type Books = Readonly<Record<string, BookItems>>;

/** Opens new ones before each test. */
export async function openBanks(): Promise<() => void> {
  [restored, lost, fresh] = await Promise.all([openBank(), openBank(), openBank()]);
  recovery = new Recovery(fresh.tables);
  keysNotBeforeMs = Math.floor(lost.now.ms / 1000) * 1000;
  fresh.now.ms = lost.now.ms;
  lost.now.ms = keysNotBeforeMs - 60_000;
  return () => recovery[Symbol.dispose]();
}

export const deposit = async (account: string, amount: number) => {
  await lost.bank().execute(callOf(account, lost.now.ms, 'deposit', amount), patient());
};
export const transfer = (to: string, amount: number, by = lost.bank()) =>
  call(by, 'joe', lost.now.ms, transferOf(to, amount));

export const money = async (account: string, bank = fresh) => {
  const { balanceMinor, heldMinor } = await bank.store.readHead(account, patient());
  return [balanceMinor, heldMinor].map(Number);
};

/** Balance and held money of some accounts, each as `70/0`. */
export const balances = (...accounts: readonly string[]) => balancesIn(fresh, accounts);

const balancesIn = (bank: UsedBank, accounts: readonly string[]) =>
  Promise.all(accounts.map(async (account) => (await money(account, bank)).join('/')));

/** Books of the lost bank as they are now. */
export const booksOf = async (...accounts: readonly string[]): Promise<Books> =>
  Object.fromEntries(
    await Promise.all(accounts.map(async (account) => [account, await lost.items(account)] as const)),
  );

/** Restores books, of one moment or of several. */
export async function restore(...moments: readonly Books[]): Promise<void> {
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
export async function expectRecovered(done: object, ...more: readonly string[]): Promise<void> {
  expect(await recover(...more)).toMatchObject({ ...NOTHING, ...done });
}

export async function expectFaults(...faults: readonly unknown[]): Promise<void> {
  expect(await recover()).toMatchObject({ code: 1, faults });
}

/** Nothing is wrong with any book or transfer, and no money came from nowhere. */
export async function expectRight(): Promise<void> {
  const { code, stdout } = await audit(fresh.tables);
  expect(stdout).not.toContain('WRONG');
  expect(code).toBe(0);
}

const NOTHING = {
  ...{ code: 0, faults: [], underWay: 0, credited: 0, refused: 0 },
  ...{ paid: 0, covered: 0, reserved: 0, unreserved: 0 },
};

/** Stops the recovery of some books after each number of writes, and runs it again. */
export async function restoreAndStop(books: Books, expected: readonly string[]): Promise<void> {
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

export function sweepAll({ store, now }: UsedBank) {
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
