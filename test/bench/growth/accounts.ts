import { KEPT_ENTRIES } from '../../../functions/bank/limits.ts';
import { chanceFrom } from '../../support/seed.ts';
import type { MeasuredBank } from './bank.ts';
import { accountName, type Book } from './fill.ts';
import type { Level } from './levels.ts';

/** Has no divisor in common with a number of accounts, so that calls one after the other go all over the table. */
const STRIDE = 104_729;

/** A table with so many accounts, and the chance of which of them is called first. */
export interface Accounts {
  readonly count: number;
  readonly seed: number;
}

/** The accounts in the order in which they are called, without an end. */
function* turnsOf({ count, seed }: Accounts): Generator<number, never> {
  for (let index = Math.floor(chanceFrom(seed)() * count); ; index = (index + STRIDE) % count) yield index;
}

/**
 * Books of accounts. Those that will be called are as long as heads are in the long run, each of another length, so that one
 * in ten is due with its next entry; the others are there, and that is all a call could notice of them.
 */
export function* accountBooks(accounts: Accounts, calls: number, newestMs: number): Generator<Book> {
  const turns = turnsOf(accounts);
  const called = new Set(Array.from({ length: calls }, () => turns.next().value));
  for (let index = 0; index < accounts.count; index += 1) {
    const entries = called.has(index) ? KEPT_ENTRIES + (index % KEPT_ENTRIES) : 1;
    yield { account: accountName(index), entries, newestMs };
  }
}

/** Of any ten calls that follow each other one turns a page, whether an account is called for the first time or again. */
export function accountsLevel(bank: MeasuredBank, accounts: Accounts): Level {
  const turns = turnsOf(accounts);
  return {
    level: accounts.count,
    callers: 1,
    call: () => bank.deposit(accountName(turns.next().value)),
  };
}
