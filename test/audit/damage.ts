import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { bytesOf } from '../../functions/dynamodb/uuid.ts';
import { auditBook } from '../../infra/tools/books/audit.ts';
import { checkTransfers } from '../../infra/tools/books/check-transfers.ts';
import { bookOf } from '../../infra/tools/books/export-books.ts';
import type { TransferFaultCode } from '../../infra/tools/books/transfer-entry.ts';
import { Transfers } from '../../infra/tools/books/transfers.ts';
import { newKey } from '../support/keys.ts';

/** What is done to a book or to several, in words and as a function, by the codes of the faults that an audit must find. */
export type Damages<Books> = Readonly<Record<string, Readonly<Record<string, (books: Books) => unknown>>>>;

/** A row for each damage, for `test.each`. The codes are in order. */
export function rowsOf<Books>(damages: Damages<Books>) {
  return Object.entries(damages).flatMap(([codes, each]) =>
    Object.entries(each).map(([what, damage]) => ({ what, damage, codes: codes.split(' ').filter(Boolean) })),
  );
}

export const KEY = '01935e0a-0000-7000-8000-000000000000';

/** An item of a table, or none: then nothing is done. */
type Item = Attributes | undefined;

export const bytes = (key: string): AttributeValue => ({ B: bytesOf(key) });
export const entriesOf = (item: Item) => item?.['entries']?.L ?? [];
export const keysOf = (item: Item) => item?.['keys']?.L ?? [];
export const numberOf = (item: Item, name: string) => Number(item?.[name]?.N ?? 0);

export function set(item: Item, attributes: Attributes): void {
  Object.assign(item ?? {}, attributes);
}

/** Adds to numbers of an item. */
export function add(item: Item, changes: Readonly<Record<string, number>>): void {
  for (const [name, change] of Object.entries(changes)) {
    set(item, { [name]: { N: String(numberOf(item, name) + change) } });
  }
}

/** The index of the first entry of a kind in an item. */
export function find(item: Item, kind: RegExp): number {
  const index = entriesOf(item).findIndex(({ S }) => kind.test(S ?? ''));
  if (index === -1) {
    throw new Error(`there is no entry like ${kind}`);
  }
  return index;
}

/** Rewrites the text of an entry, which is given by its kind or its index. */
export function rewrite(item: Item, which: RegExp | number, write: (text: string) => string): void {
  const index = typeof which === 'number' ? which : find(item, which);
  const before = entriesOf(item).at(index)?.S ?? '';
  const after = write(before);
  if (after === before) {
    throw new Error(`"${before}" is not rewritten`);
  }
  entriesOf(item).splice(index, 1, { S: after });
}

/** Takes an entry out, and its key. */
export function cut(item: Item, index: number): void {
  entriesOf(item).splice(index, 1);
  keysOf(item).splice(index, 1);
}

/** Appends an entry to a head, which agrees with it. */
export function append(head: Item, text: string, key: AttributeValue = bytes(newKey())): void {
  const [, change, held] = /^(-?\d+)(?:\/(-?\d+))? /.exec(text) ?? [];
  entriesOf(head).push({ S: text });
  keysOf(head).push(key);
  add(head, { sequence: 1, balance: Number(change), ...(held === undefined ? {} : { held: Number(held) }) });
}

/** The codes of the faults in one book, in order. */
export async function codesOfBook(account: string, head: Item, pages: readonly Attributes[] = []) {
  const { faults } = await auditBook(bookOf(account, head, pages));
  return faults.map(({ code }) => code).sort();
}

/** The heads of accounts and registers, for books without pages. */
export type Heads = Record<string, Attributes>;

/** Checks the transfers and refunds in `heads`, and gives the codes of their faults. Where an entry is missing, `again` is read. */
export async function codesOf(heads: Heads, again: Heads = heads): Promise<readonly TransferFaultCode[]> {
  await using transfers = await Transfers.open();
  for (const [account, head] of Object.entries(heads)) {
    const onEntries = transfers.add.bind(transfers, account);
    const { faults } = await auditBook(bookOf(account, head, []), { onEntries });
    expect(faults, `the book of ${account} is right by itself`).toEqual([]);
  }
  const codes: TransferFaultCode[] = [];
  const book = (account: string) => Promise.resolve(bookOf(account, again[account], []));
  await checkTransfers({ book }, transfers, async (_, { code }) => void codes.push(code));
  return codes.sort();
}
