import { Attempt } from '../../../functions/bank/attempt.ts';
import { entriesIn, type Head, lineOf, linesOfHead } from '../../../functions/bank/book.ts';
import { complete } from '../../../functions/bank/complete-refund.ts';
import type { Entry, Status } from '../../../functions/bank/entry.ts';
import { bankKeyOf, keyTimeMs } from '../../../functions/bank/key.ts';
import { MAX_HEAD_ENTRIES } from '../../../functions/bank/limits.ts';
import type { Marking } from '../../../functions/bank/mark.ts';
import { isTrueOf, ROOM_FOR_TRANSFER } from '../../../functions/bank/operations/operation.ts';
import type { Store } from '../../../functions/bank/store.ts';
import { turnPage } from '../../../functions/bank/turn.ts';
import type { TransferEntry } from '../books/transfer-entry.ts';
import type { Transfers } from '../books/transfers.ts';

/** What a recovery did to complete transfers and refunds whose books are of different moments. */
export interface Completion {
  /** Transfers and refunds under way. The sweep completes them once the bank is open. */
  underWay: number;
  /** Credits that were written: their transfers are settled. */
  credited: number;
  /** Refusals that were written: their transfers are returned. */
  refused: number;
  /** Transfers that were written and settled: their payees have the credits. */
  paid: number;
  /** Deposits to payers that had too little money for those. */
  covered: number;
  coveredMinor: bigint;
  /** Refunds that were added to the registers of their calls, and refunds that were removed from them. */
  reserved: number;
  unreserved: number;
}

export const NOTHING: Readonly<Completion> = {
  underWay: 0,
  credited: 0,
  refused: 0,
  paid: 0,
  covered: 0,
  coveredMinor: 0n,
  reserved: 0,
  unreserved: 0,
};

/** Number of entries that were written. */
export function writtenOf({ credited, refused, paid, covered, reserved, unreserved }: Completion): number {
  return credited + refused + paid + covered + reserved + unreserved;
}

export interface CompletionParts {
  readonly transfers: Transfers;
  /** The store of the fresh bank. Nothing else writes to it. */
  readonly store: Store;
  readonly nowMs: () => number;
  /** Deposits what a payer lacks. */
  readonly cover: boolean;
  readonly signal: AbortSignal;
  /** Called before the first write. */
  readonly begin: () => Promise<void>;
  readonly onFault: (account: string, fault: string) => void;
}

/** The parts, with what was done so far. */
export interface Completing extends CompletionParts {
  readonly completion: Completion;
}

/** The reference of deposits that cover what a payer lacks. */
export const COVERED = 'recovery';

/** Prepares a payer to pay for a credit: makes room for one more transfer, and deposits what it lacks. Returns false if it cannot pay. */
export async function mayPay(
  parts: Completing,
  credit: TransferEntry,
  { amountMinor, named }: { readonly amountMinor: bigint; readonly named: string },
): Promise<boolean> {
  const { id, payer } = credit;
  await makeRoom(parts, payer);
  const { balanceMinor = 0n } = await parts.store.readHead(payer, parts.signal);
  const lackingMinor = amountMinor - balanceMinor;
  if (lackingMinor > 0n && !parts.cover) {
    parts.onFault(
      payer,
      `${named}; its balance is ${balanceMinor}. --cover deposits the ${lackingMinor} that it lacks`,
    );
    return false;
  }
  if (await isFrozen(parts, payer, lackingMinor > 0n ? ['debits', 'credits'] : ['debits'], credit)) {
    return false;
  }
  if (lackingMinor <= 0n) {
    return true;
  }
  const covering = { operation: 'deposit', amountMinor: lackingMinor, reference: COVERED } as const;
  // Uses the time of the original call: the fresh bank might execute a key minted now.
  const atMs = keyTimeMs(id);
  await append(parts, payer, {
    key: bankKeyOf(payer, id, atMs),
    changeMinor: lackingMinor,
    heldChangeMinor: 0n,
    atMs,
    mayRetry: false,
    body: { kind: 'executed', asked: { ...covering, mustExist: false } },
  });
  parts.completion.covered += 1;
  parts.completion.coveredMinor += lackingMinor;
  return true;
}

/** If a payer has as many transfers under way as it may have, completes one of them, as the sweep would, to make room. */
async function makeRoom({ store, signal, nowMs }: CompletionParts, payer: string): Promise<void> {
  const head = await store.readHead(payer, signal);
  if (isTrueOf(ROOM_FOR_TRANSFER, head)) {
    return;
  }
  const attempt = new Attempt({ store, nowMs, keysNotBeforeMs: 0 }, signal);
  for (const [key, mark] of head.marks) {
    if (mark.kind === 'transfer' || mark.kind === 'refund') {
      await complete(attempt, { account: payer, key, mark, head });
      break;
    }
  }
  await attempt.left()?.done;
}

/**
 * Reports a fault and returns true if an entry cannot be written because its account is frozen. The restored book is of an earlier moment,
 * when the account was frozen, so the entry would say that money moved through a freeze.
 */
export async function isFrozen(
  { store, signal, onFault }: CompletionParts,
  account: string,
  sides: readonly (keyof Status)[],
  { key, amount, payer, payee, refund }: TransferEntry,
): Promise<boolean> {
  const { status } = await store.readHead(account, signal);
  const frozen = sides.filter((side) => status[side] === 'frozen');
  if (frozen.length === 0) {
    return false;
  }
  const named = `the ${refund === undefined ? 'transfer' : 'refund'} ${key} of ${amount} from ${payer} to ${payee} is missing`;
  onFault(
    account,
    `${named}, and ${frozen.join(' and ')} are frozen; nothing was written. Restore accounts to a later moment`,
  );
  return true;
}

/** Appends an entry whose key is not in the book, all of which was read. */
export async function append(
  { store, signal, nowMs }: CompletionParts,
  account: string,
  entry: Entry,
  marking: (head: Head) => Marking | undefined = () => undefined,
): Promise<Head> {
  const attempt = new Attempt({ store, nowMs, keysNotBeforeMs: 0 }, signal);
  let head = await store.readHead(account, signal);
  if (entriesIn(head) >= MAX_HEAD_ENTRIES) {
    await turnPage(store, account, head, signal);
    head = await store.readHead(account, signal);
  }
  const guard = { kind: 'searched', turned: head.turned } as const;
  const appended = await attempt.append(
    { account, entries: [entry], guard, conditions: [], marking: marking(head) },
    true,
  );
  if (!appended.written && lineOf(linesOfHead(appended.head), entry.key) === undefined) {
    throw new Error(
      `${account} is written by something else; nothing else may write to a bank that is recovered`,
    );
  }
  await attempt.left()?.done;
  return appended.head;
}
