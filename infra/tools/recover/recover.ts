import { createHash } from 'node:crypto';
import type { Entry } from '../../../functions/bank/entry.ts';
import { isRegister, keyTimeMs } from '../../../functions/bank/key.ts';
import type { Store } from '../../../functions/bank/store.ts';
import type { Attributes } from '../../../functions/dynamodb/attributes.ts';
import { auditBook, type Listeners } from '../books/audit.ts';
import { type Book, type Books, textOf } from '../books/books.ts';
import { startOf, turnedOf } from '../books/check.ts';
import { sideBySide, visitBooks } from '../books/go-through.ts';
import { Transfers } from '../books/transfers.ts';
import type { Verdict } from '../books/verdict.ts';
import { type Completion, NOTHING, writtenOf } from './completion.ts';
import type { Progress } from './progress.ts';
import type { TargetTable } from './target.ts';
import { completeTransfers } from './transfers.ts';

/** Pages of a book that are written side by side. */
const PAGES_AT_ONCE = 16;

/** Most faults that are listed; the others are counted. */
const MAX_FAULTS = 100;

interface RecoveryParts {
  /** The restored tables, or the exports, of the lost bank. */
  readonly lost: Books;
  readonly fresh: Books;
  readonly store: Store;
  /** The tables of the fresh bank. */
  readonly accounts: TargetTable;
  readonly pages: TargetTable;
  readonly progress: Progress;
  readonly keysNotBeforeMs: number;
  /** Whether to deposit what payers lack for missing transfers. */
  readonly cover: boolean;
  readonly signal: AbortSignal;
  /** Called after each book with the progress. */
  readonly onProgress: (step: Step, report: Readonly<RecoveryReport>) => void;
}

export type Step = 'copying' | 'checking' | 'transfers';

/** Noted before the recovery writes the first entry to complete a transfer. From then on the books differ from the lost ones. */
const COMPLETING = 'transfers';

/** The result of a recovery. */
export interface RecoveryReport extends Completion {
  accounts: number;
  /** Registers of refunds: the bank's own, so what they count is in no sum. */
  registers: number;
  entries: number;
  pages: number;
  /** Sum of all balances. */
  balanceMinor: bigint;
  /** Sum of what is held. */
  heldMinor: bigint;
  /** Pages that were left out because the head does not count them: it holds their entries, or is of an earlier moment. */
  leftOut: number;
  /** Accounts whose pages are of a later moment than their heads, or of an earlier one. A single one shows that the two tables differ in that way. */
  pagesLater: number;
  pagesEarlier: number;
  /** What is wrong, in words, the first hundred only. */
  readonly faults: string[];
  faultCount: number;
  /** False if it was interrupted. Another run continues. */
  complete: boolean;
}

/**
 * Copies heads and pages into a fresh bank, reads both banks again, checks each book and compares it. Then completes the transfers that only
 * one of the two books contains. It can be interrupted and repeated, because it never overwrites an item of the fresh bank.
 */
export async function recover(parts: RecoveryParts): Promise<RecoveryReport> {
  const copied = await step(parts, 'copying', copyBook, { progress: parts.progress });
  if (!copied.complete || copied.faultCount > 0) {
    return copied;
  }
  const isCompleting = parts.progress.placeOf(COMPLETING) !== undefined;
  const checked = await step(parts, 'checking', isCompleting ? nothingWrong : checkBook);
  if (checked.complete && !isCompleting) {
    await findExtra(parts, checked);
  }
  if (checked.complete && checked.accounts === 0) {
    addFault(checked, `there is no account in ${parts.lost.name}; are these the right tables, or exports?`);
  }
  if (!checked.complete || checked.faultCount > 0) {
    return checked;
  }
  const { leftOut, pagesLater, pagesEarlier } = checked;
  return { ...(await completeInRounds(parts)), leftOut, pagesLater, pagesEarlier };
}

/** Completes transfers until a round finds nothing left to do. The report counts the books of that round. */
async function completeInRounds(parts: RecoveryParts): Promise<RecoveryReport> {
  const { fresh, store, progress, cover, signal } = parts;
  const completion: Completion = { ...NOTHING };
  for (;;) {
    await using transfers = await Transfers.open();
    const listen = (account: string) => ({
      onEntries: (entries: readonly Entry[]) => transfers.add(account, entries),
    });
    const report = await step({ ...parts, lost: fresh }, 'transfers', nothingWrong, { listen });
    const before = writtenOf(completion);
    if (report.complete && report.faultCount === 0) {
      await completeTransfers(
        {
          transfers,
          store,
          cover,
          signal,
          nowMs: Date.now,
          begin: () => progress.note(COMPLETING, { kind: 'done' }),
          onFault: (account, fault) => addFaults(report, account, [fault]),
        },
        completion,
      );
    }
    Object.assign(report, completion, { complete: !signal.aborted });
    if (writtenOf(completion) === before || report.faultCount > 0 || signal.aborted) {
      return report;
    }
  }
}

/** Handles a book, and returns its faults. */
type Act = (book: Book, parts: RecoveryParts, digest: string) => Promise<readonly string[]>;

async function step(
  parts: RecoveryParts,
  name: Step,
  act: Act,
  { progress, listen = () => ({}) }: { progress?: Progress; listen?: (account: string) => Listeners } = {},
): Promise<RecoveryReport> {
  const report: RecoveryReport = {
    accounts: 0,
    registers: 0,
    entries: 0,
    pages: 0,
    balanceMinor: 0n,
    heldMinor: 0n,
    ...NOTHING,
    leftOut: 0,
    pagesLater: 0,
    pagesEarlier: 0,
    faults: [],
    faultCount: 0,
    complete: true,
  };
  const handle = async (book: Book) => {
    const { verdict, digest } = await digestBook(book, listen(book.account));
    const has = (code: string) => verdict.faults.some((fault) => fault.code === code);
    report.pagesLater += has('page_later') ? 1 : 0;
    report.pagesEarlier += has('last_page_missing') ? 1 : 0;
    const wrong = faultsOf(verdict, parts.keysNotBeforeMs);
    const faults = wrong.length > 0 ? wrong : await act(book, parts, digest);
    addFaults(report, book.account, faults);
    if (isRegister(book.account)) {
      report.registers += 1;
    } else {
      report.accounts += 1;
      report.balanceMinor += verdict.balanceMinor ?? 0n;
      report.heldMinor += verdict.heldMinor;
    }
    report.entries += verdict.entries;
    report.pages += verdict.pages;
    report.leftOut += verdict.pagesBeyond;
    parts.onProgress(name, report);
    return faults.length === 0;
  };
  await visitBooks({ books: parts.lost, handle, progress, signal: parts.signal });
  report.complete = !parts.signal.aborted;
  return report;
}

/** Pages of a later moment are not a fault, because they are left out and the head is correct without them. */
function faultsOf({ faults, highestKey }: Verdict, keysNotBeforeMs: number): readonly string[] {
  const wrong = faults.filter(({ code }) => code !== 'page_later').map(({ message }) => message);
  const isLate = highestKey !== undefined && keyTimeMs(highestKey) >= keysNotBeforeMs;
  const late = `it has the key ${highestKey}, which was minted at or after --keys-not-before: choose a later time`;
  return isLate ? [...wrong, late] : wrong;
}

/**
 * Writes pages first, because a head without its pages would be a wrong book. Leaves out the pages that the head does not count: a page of
 * a later moment would occupy the place of the next page, so the bank could not turn pages any more.
 */
async function copyBook(book: Book, { accounts, pages }: RecoveryParts): Promise<readonly string[]> {
  const faults: string[] = [];
  const put = async (table: TargetTable, item: Attributes, name: string) => {
    if (!(await table.put(item))) {
      faults.push(`${table.tableName} already has something else in place of ${name}; it was left as it is`);
    }
  };
  const putPages = async (items: readonly Attributes[]) =>
    sideBySide(items, PAGES_AT_ONCE, (page) => put(pages, page, `its page of entry ${startOf(page) + 1}`));
  let some: Attributes[] = [];
  const turned = turnedOf(book.head);
  for await (const page of turned > 0 ? book.pages(0) : []) {
    if (startOf(page) >= turned) {
      break;
    }
    some.push(page);
    if (some.length === PAGES_AT_ONCE) {
      await putPages(some);
      some = [];
    }
  }
  await putPages(some);
  if (faults.length === 0 && book.head !== undefined) {
    await put(accounts, book.head, 'its head');
  }
  return faults;
}

/** Compares a book with that of the fresh bank, which is checked as well. */
const checkBook: Act = async ({ account, head }, { fresh, accounts, pages }, digest) => {
  const there = await fresh.book(account);
  if (there.head === undefined) {
    return [`it is missing in ${accounts.tableName}`];
  }
  if (textOf(there.head) !== textOf(head)) {
    return [`it is different in ${accounts.tableName}`];
  }
  const { verdict, digest: ofThere } = await digestBook(there);
  if (ofThere !== digest || verdict.pagesBeyond > 0) {
    return [`its pages are different in ${pages.tableName}`];
  }
  return verdict.faults.map(({ message }) => message);
};

const nothingWrong: Act = () => Promise.resolve([]);

async function digestBook(book: Book, listeners: Listeners = {}) {
  const hash = createHash('sha256');
  const verdict = await auditBook(book, { ...listeners, onPage: (page) => hash.update(textOf(page)) });
  return { verdict, digest: hash.digest('hex') };
}

/** An item that this recovery did not write is a fault, like a missing one. */
async function findExtra({ accounts, pages }: RecoveryParts, report: RecoveryReport): Promise<void> {
  for (const [table, copied] of [
    [accounts, report.accounts + report.registers],
    [pages, report.pages],
  ] as const) {
    const count = await table.count();
    if (count !== copied) {
      addFault(report, `${table.tableName} has ${count} items, but ${copied} were copied`);
    }
  }
}

function addFaults(report: RecoveryReport, account: string, faults: readonly string[]): void {
  for (const fault of faults) {
    addFault(report, `${JSON.stringify(account)}: ${fault}`);
  }
}

function addFault(report: RecoveryReport, fault: string): void {
  report.faultCount += 1;
  if (report.faults.length < MAX_FAULTS) {
    report.faults.push(fault);
  }
}
