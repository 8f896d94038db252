import { Attempt, type BankParts } from '../../../functions/bank/attempt.ts';
import { lengthOf, lineOf, linesOfHead } from '../../../functions/bank/book.ts';
import { type Entry, type RefusalCode, type Status, transferIdOf } from '../../../functions/bank/entry.ts';
import { execute } from '../../../functions/bank/execute.ts';
import { idOf, keyTimeMs } from '../../../functions/bank/key.ts';
import { MAX_HEAD_ENTRIES } from '../../../functions/bank/limits.ts';
import { holds, ROOM_FOR_TRANSFER } from '../../../functions/bank/operations/operation.ts';
import type { Store } from '../../../functions/bank/store.ts';
import { drive } from '../../../functions/bank/transfer.ts';
import { turnPage } from '../../../functions/bank/turn.ts';
import { faultOf, isUnderWay, type Said, type Transfer, type Transfers } from '../books/transfers.ts';

/** What was done about transfers whose two books are of different moments. */
export interface Mended {
  /** Transfers that are under way: the sweep ends them once the bank is open. */
  underWay: number;
  /** Credits that were written: their transfers are settled. */
  credited: number;
  /** Refusals that were written: their transfers are returned. */
  refused: number;
  /** Transfers that were written and settled: their payees have the credits. */
  paid: number;
  /** Deposits that were made where payers had too little for those. */
  covered: number;
  coveredMinor: bigint;
}

export interface MendingParts {
  readonly transfers: Transfers;
  /** The fresh bank's. Nothing else writes to it. */
  readonly store: Store;
  readonly nowMs: () => number;
  /** Deposits what a payer lacks. */
  readonly cover: boolean;
  readonly signal: AbortSignal;
  /** Called before the first write. */
  readonly begin: () => Promise<void>;
  readonly tell: (account: string, fault: string) => void;
}

/** The reference of deposits that cover what a payer lacks. */
export const COVERED = 'recovery';

/**
 * Completes transfers of which one book knows more than the other, because its item is of a later moment. What a book says has happened:
 * a settled transfer was credited, and a credit was paid. So the entry that is missing is written, as of then, under the id that both
 * books know it by; a second run finds it.
 *
 * Credits come first: they may give to payers what they need.
 */
export async function mendTransfers(parts: MendingParts): Promise<Mended> {
  const { transfers, signal, tell } = parts;
  const mended: Mended = { underWay: 0, credited: 0, refused: 0, paid: 0, covered: 0, coveredMinor: 0n };
  const unpaid: Said[] = [];
  let hasBegun = false;
  const begin = async () => {
    if (!hasBegun) await parts.begin();
    hasBegun = true;
  };
  for await (const transfer of transfers.all()) {
    if (signal.aborted) return mended;
    mended.underWay += isUnderWay(transfer) ? 1 : 0;
    const fault = faultOf(transfer);
    const { begun, settled, returned, credited } = sidesOf(transfer);
    if (fault?.code === 'credit_missing' && begun && settled) {
      if (await isFrozen(parts, begun.payee, ['credits'], begun)) continue;
      await begin();
      await append(parts, begun.payee, creditOf(begun, settled.atMs));
      mended.credited += 1;
    } else if (fault?.code === 'refusal_missing' && begun && returned) {
      await begin();
      await append(parts, begun.payee, refusalOf(begun, returned.atMs));
      mended.refused += 1;
    } else if (fault?.code === 'transfer_missing' && credited) {
      unpaid.push(credited);
    } else if (fault !== undefined) {
      const { payer, key } = transfer.said[0] ?? {};
      tell(payer ?? '', `its transfer ${key}: ${fault.says}`);
    }
  }
  for (const credit of unpaid) {
    if (signal.aborted) return mended;
    await begin();
    await pay(parts, credit, mended);
  }
  return mended;
}

/** Executes the call that a credit came from: with the clock of then, from which the same id follows. */
async function pay(parts: MendingParts, credit: Said, mended: Mended): Promise<void> {
  const { store, signal, tell, cover } = parts;
  const { id, payer, payee, key, amount, reference } = credit;
  const amountMinor = BigInt(amount);
  await makeRoom(parts, payer);
  const { balanceMinor = 0n } = await store.readHead(payer, signal);
  const lackingMinor = amountMinor - balanceMinor;
  const named = `its transfer ${key} of ${amount} to ${payee} is missing, and ${payee} has the money`;
  if (lackingMinor > 0n && !cover) {
    tell(
      payer,
      `${named}; its balance is ${balanceMinor}. --cover deposits the ${lackingMinor} that it lacks`,
    );
    return;
  }
  if (await isFrozen(parts, payer, lackingMinor > 0n ? ['debits', 'credits'] : ['debits'], credit)) return;
  if (lackingMinor > 0n) {
    const asked = {
      operation: 'deposit',
      amountMinor: lackingMinor,
      mustExist: false,
      reference: COVERED,
    } as const;
    // As of then: a key of now could be one that the fresh bank executes.
    const atMs = keyTimeMs(id);
    await append(parts, payer, {
      key: idOf(payer, id, atMs),
      ...{ changeMinor: lackingMinor, heldChangeMinor: 0n, atMs, mayReturn: false },
      body: { kind: 'executed', asked },
    });
    mended.covered += 1;
    mended.coveredMinor += lackingMinor;
  }
  const then: BankParts = {
    store,
    nowMs: () => keyTimeMs(id),
    keysNotBeforeMs: 0,
  };
  const asked = { operation: 'transfer', amountMinor, to: payee, reference } as const;
  // Its caller may well come back.
  const intent = { kind: 'execute', account: payer, key, mayReturn: true, asked } as const;
  const { answer, turning } = await execute(then, intent, signal);
  await turning?.done;
  if (answer.kind === 'recorded' && transferIdOf(payer, answer.line.entry) === id) {
    mended.paid += 1;
  } else {
    tell(payer, `${named}; under that key it has something else`);
  }
}

/** Where a payer has as many transfers under way as it may have, one is driven to its end, as the sweep would: it makes room for the next. */
async function makeRoom({ store, signal, nowMs }: MendingParts, payer: string): Promise<void> {
  const head = await store.readHead(payer, signal);
  if (holds(ROOM_FOR_TRANSFER, head)) return;
  const attempt = new Attempt({ store, nowMs, keysNotBeforeMs: 0 }, signal);
  for (const [key, mark] of head.marks) {
    if (mark.kind !== 'transfer') continue;
    await drive(attempt, { account: payer, key, mark, head });
    break;
  }
  await attempt.left()?.done;
}

/**
 * Tells that what has happened cannot be written, because an account is frozen: it was opened before that, and its book is of an earlier
 * moment. Written all the same, it would say that money was moved through a freeze.
 */
async function isFrozen(
  { store, signal, tell }: MendingParts,
  account: string,
  sides: readonly (keyof Status)[],
  { key, amount, payer, payee }: Said,
): Promise<boolean> {
  const { status } = await store.readHead(account, signal);
  const frozen = sides.filter((side) => status[side] === 'frozen');
  if (frozen.length === 0) return false;
  const named = `the transfer ${key} of ${amount} from ${payer} to ${payee} is missing`;
  tell(
    account,
    `${named}, and ${frozen.join(' and ')} are frozen; nothing was written. Restore accounts to a later moment`,
  );
  return true;
}

/** Appends an entry whose key is nowhere in the book: all of it was read. */
async function append({ store, signal, nowMs }: MendingParts, account: string, entry: Entry) {
  const attempt = new Attempt({ store, nowMs, keysNotBeforeMs: 0 }, signal);
  let head = await store.readHead(account, signal);
  if (lengthOf(head) >= MAX_HEAD_ENTRIES) {
    await turnPage(store, account, head, signal);
    head = await store.readHead(account, signal);
  }
  const guard = { kind: 'searched', turned: head.turned } as const;
  const appended = await attempt.append({ account, entry, guard, conditions: [], marking: undefined }, true);
  if (!appended.written && lineOf(linesOfHead(appended.head), entry.key) === undefined) {
    throw new Error(
      `${account} is written by something else; nothing else may write to a bank that is recovered`,
    );
  }
  await attempt.left()?.done;
}

/** The credit was executed: it opens the account where its first deposit is lost. */
function creditOf(begun: Said, atMs: number): Entry {
  const body = { kind: 'executed', asked: askedOf(begun) } as const;
  const changeMinor = BigInt(begun.amount);
  return { key: begun.id, changeMinor, heldChangeMinor: 0n, atMs, mayReturn: false, body };
}

function refusalOf(begun: Said, atMs: number): Entry {
  const code: RefusalCode = 'key_expired';
  const body = { kind: 'refused', asked: askedOf(begun), code } as const;
  return { key: begun.id, changeMinor: 0n, heldChangeMinor: 0n, atMs, mayReturn: false, body };
}

function askedOf({ payer, key, amount, reference }: Said) {
  return { operation: 'credit', amountMinor: BigInt(amount), from: payer, transfer: key, reference } as const;
}

function sidesOf({ said }: Transfer) {
  const of = (kind: Said['kind']) => said.find((each) => each.kind === kind);
  return { begun: of('begun'), settled: of('settled'), returned: of('returned'), credited: of('credited') };
}
