import type { Entry } from '../../client/index.ts';
import { StatementCheck } from '../../client/load/statement.ts';
import { newKey } from '../support/keys.ts';
import { deposit, executed, type Line, recordsOf } from './records.ts';

export const [first, one, other, made] = [newKey(), newKey(), newKey(), newKey()];
/** The default time of an entry. */
export const ENTRY_MS = Date.UTC(2026, 10, 27);

/** An entry, with amounts as numbers. */
export type EntryParts = Partial<Omit<Entry, 'amount' | 'change' | 'heldChange'>> & {
  readonly amount?: number;
  readonly change?: number;
  readonly heldChange?: number;
};

/** Makes a statement from these entries, which adds up unless one of them has a sequence or a balance of its own. */
function statementOf(entries: readonly EntryParts[]): readonly Entry[] {
  let balance = 0n;
  return entries.map(({ amount, change = 0, heldChange, ...parts }, index) => {
    balance += BigInt(change);
    return {
      sequence: index + 1,
      key: one,
      type: 'deposit',
      at: new Date(ENTRY_MS),
      balance,
      ...parts,
      change: BigInt(change),
      ...(amount === undefined ? {} : { amount: BigInt(amount) }),
      ...(heldChange === undefined ? {} : { heldChange: BigInt(heldChange) }),
    };
  });
}

/** Returns the faults in the statement of an account, and what is unfinished. */
export function found(lines: readonly Line[], entries: readonly EntryParts[], account = 'joe') {
  const statement = new StatementCheck(account, recordsOf(...lines));
  for (const entry of statementOf(entries)) {
    statement.add(entry);
  }
  const { broken, unfinished } = statement.finish();
  const named = (fault: string) => fault.replaceAll(one, 'one').replaceAll(other, 'other');
  return { broken: broken.map(named), unfinished: unfinished.map(named) };
}

export const NOTHING = { broken: [], unfinished: [] };
/** A deposit of 50, and its entry. */
export const FIRST: Line = [deposit(50, first), executed(50, 1)];
export const DEPOSIT: EntryParts = { key: first, amount: 50, change: 50 };
