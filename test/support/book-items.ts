import type { WriteRequest } from '@aws-sdk/client-dynamodb';
import type { Entry } from '../../functions/bank/entry.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { toAttributes } from '../../functions/dynamodb/attributes.ts';
import { encodeEntry } from '../../functions/dynamodb/entry-text.ts';
import { ATTRIBUTES, encodePage } from '../../functions/dynamodb/items.ts';
import { bytesOf } from '../../functions/dynamodb/uuid.ts';
import type { TableNames } from '../../infra/names.ts';

/** An item to be put into a table. */
export interface NewItem {
  readonly table: string;
  readonly item: NonNullable<WriteRequest['PutRequest']>['Item'];
}

/** A book of at least one page. Its entries are made one by one, because there may be a hundred thousand. */
interface LongBook {
  readonly account: string;
  readonly entries: number;
  /** An entry by its place, from 0. */
  readonly entryAt: (index: number) => Entry;
  /** The balance before the first entry. Default: 0. */
  readonly openingMinor?: bigint;
  /** Entries of a page. Default: as many as in the bank's own pages. */
  readonly perPage?: number;
}

/** The pages and the head of a long book, in the bank's own form. The bank would take a thousand times as long to write them. */
export function* itemsOfBook(
  { account, entries, entryAt, openingMinor = 0n, perPage = KEPT_ENTRIES }: LongBook,
  tables: TableNames,
): Generator<NewItem> {
  const turned = Math.max(0, Math.floor((entries - KEPT_ENTRIES) / perPage) * perPage);
  const part = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => entryAt(from + index));
  const balanceAfter = (before: bigint, some: readonly Entry[]) =>
    some.reduce((sum, { changeMinor }) => sum + changeMinor, before);
  let balanceMinor = openingMinor;
  let watermark = '';
  for (let start = 0; start < turned; start += perPage) {
    const own = part(start, start + perPage);
    watermark = own.at(-1)?.key ?? '';
    const page = { start, openingMinor: balanceMinor, openingHeldMinor: 0n, entries: own, watermark };
    yield { table: tables.pages, item: toAttributes({ account, ...encodePage(page) }) };
    balanceMinor = balanceAfter(balanceMinor, own);
  }
  const newest = part(turned, entries);
  const head = {
    [ATTRIBUTES.account]: account,
    [ATTRIBUTES.balance]: balanceAfter(balanceMinor, newest),
    [ATTRIBUTES.sequence]: entries,
    [ATTRIBUTES.entries]: newest.map(encodeEntry),
    [ATTRIBUTES.keys]: newest.map(({ key }) => bytesOf(key)),
    [ATTRIBUTES.turned]: turned,
    [ATTRIBUTES.watermark]: bytesOf(watermark),
  };
  yield { table: tables.accounts, item: toAttributes(head) };
}
