import type { ListedAccount } from '../../answers.ts';
import type { Entry } from '../../read-answer.ts';

/** What is told of a row, in order. */
export type Columns<Row> = readonly {
  readonly name: string;
  readonly of: (row: Row) => string;
  /** Numbers stand below each other by their last digits. */
  readonly isNumber?: true;
}[];

export const ACCOUNT_COLUMNS: Columns<ListedAccount> = [
  { name: 'account', of: ({ account }) => account },
  { name: 'balance', of: ({ balance }) => String(balance), isNumber: true },
];

/** An entry, for people. */
export const ENTRY_COLUMNS: Columns<Entry> = [
  { name: 'sequence', of: ({ sequence }) => String(sequence), isNumber: true },
  { name: 'time', of: ({ at }) => at.toISOString() },
  { name: 'type', of: ({ type, code }) => (code === undefined ? type : `${type} ${code}`) },
  { name: 'change', of: ({ change }) => (change > 0n ? `+${change}` : String(change)), isNumber: true },
  { name: 'balance', of: ({ balance }) => String(balance), isNumber: true },
  { name: 'reference', of: ({ reference = '' }) => reference },
];

/** All of an entry, for programs, in the words of its JSON. */
export const ENTRY_FIELDS: Columns<Entry> = [
  { name: 'sequence', of: ({ sequence }) => String(sequence) },
  { name: 'at', of: ({ at }) => at.toISOString() },
  { name: 'key', of: ({ key }) => key },
  { name: 'type', of: ({ type }) => type },
  { name: 'code', of: ({ code = '' }) => code },
  { name: 'amount', of: ({ amount = '' }) => String(amount) },
  { name: 'change', of: ({ change }) => String(change) },
  { name: 'balance', of: ({ balance }) => String(balance) },
  { name: 'reference', of: ({ reference = '' }) => reference },
];
