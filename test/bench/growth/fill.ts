import { BatchWriteItemCommand, DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { v7 } from 'uuid';
import type { Entry } from '../../../functions/bank/entry.ts';
import { CACHE_MS, KEPT_ENTRIES } from '../../../functions/bank/limits.ts';
import { toAttributes } from '../../../functions/dynamodb/attributes.ts';
import { encodeEntry } from '../../../functions/dynamodb/entry-text.ts';
import { ATTRIBUTES, bytesOf, encodeCached, encodePage } from '../../../functions/dynamodb/items.ts';
import type { TableNames } from '../../../infra/names.ts';
import { callOf } from '../../support/plain-bank.ts';
import { GrowthError } from './errors.ts';
import { inLanes } from './lanes.ts';

/** Most items of one BatchWriteItem. */
const BATCH = 25;

/** More do not make DynamoDB Local any faster, which writes them one after the other. */
const BATCHES_AT_ONCE = 4;

/** Items between two words about it, a multiple of the batch. */
const PROGRESS_EVERY = 10_000;

const TIMEOUT_MS = 30_000;

/** As many digits as balances keep during a run, so that items are as large at the end as at the beginning. */
const BALANCE_MINOR = 1_000_000_000n;

export const AMOUNT_MINOR = 10n;

/** A number for a name, as long as any other: the names count in the size of items. */
export function padded(number: number): string {
  return String(number).padStart(8, '0');
}

export function accountName(index: number): string {
  return `account-${padded(index)}`;
}

/** A book of deposits, one a second, of which the last was made at a moment. */
export interface Book {
  readonly account: string;
  readonly entries: number;
  readonly newestMs: number;
  /** The entry whose caller may come back, by its number. */
  readonly kept?: number;
}

/** Key of an entry of a book, the same whenever it is asked for. */
export function keyIn({ entries, newestMs }: Book, sequence: number): string {
  const random = new Uint8Array(16);
  new DataView(random.buffer).setUint32(12, sequence);
  return v7({ msecs: newestMs - (entries - sequence) * 1000, random });
}

/**
 * Fills tables with books, as a bank would have them from one call after the other. They are written past the bank, which
 * would take a thousand times as long.
 */
export async function fillBooks(
  endpoint: string,
  tables: TableNames,
  books: Iterable<Book>,
  onFilled: (items: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    requestHandler: { requestTimeout: TIMEOUT_MS, throwOnRequestTimeout: true },
  });
  const rows = rowsOf(books);
  let filled = 0;
  const begin = () => {
    const batch: Record<string, WriteRequest[]> = {};
    for (let size = 0; size < BATCH; size += 1) {
      const { value } = rows.next();
      if (value === undefined) break;
      const table = tables[value.table];
      batch[table] = [...(batch[table] ?? []), { PutRequest: { Item: toAttributes(value.item) } }];
    }
    if (Object.keys(batch).length === 0) return undefined;
    filled += BATCH;
    if (filled % PROGRESS_EVERY === 0) onFilled(filled);
    return writeBatch(client, batch);
  };
  try {
    await inLanes(BATCHES_AT_ONCE, begin, signal);
  } finally {
    client.destroy();
  }
}

async function writeBatch(client: DynamoDBClient, RequestItems: Record<string, WriteRequest[]>) {
  const { UnprocessedItems = {} } = await client.send(new BatchWriteItemCommand({ RequestItems }));
  if (Object.keys(UnprocessedItems).length > 0) {
    throw new GrowthError('not_filled', 'DynamoDB left items unwritten');
  }
}

interface Row {
  readonly table: keyof TableNames;
  readonly item: Readonly<Record<string, unknown>>;
}

function* rowsOf(books: Iterable<Book>): Generator<Row, undefined> {
  for (const book of books) yield* rowsOfBook(book);
  return undefined;
}

/** The head as one call after the other leaves it, the pages before it, and the cached reply of the caller who may come back. */
function* rowsOfBook(book: Book): Generator<Row> {
  const { account, entries, kept } = book;
  const turned = Math.max(0, entries - KEPT_ENTRIES - (entries % KEPT_ENTRIES));
  const newest = entriesOf(book, turned, entries);
  yield {
    table: 'accounts',
    item: {
      [ATTRIBUTES.account]: account,
      [ATTRIBUTES.balance]: balanceAfter(book, entries),
      [ATTRIBUTES.sequence]: entries,
      [ATTRIBUTES.entries]: newest.map(encodeEntry),
      [ATTRIBUTES.keys]: newest.map(({ key }) => bytesOf(key)),
      ...(turned === 0
        ? {}
        : { [ATTRIBUTES.turned]: turned, [ATTRIBUTES.watermark]: bytesOf(keyIn(book, turned)) }),
    },
  };
  for (let start = 0; start < turned; start += KEPT_ENTRIES) {
    const end = start + KEPT_ENTRIES;
    const page = {
      start,
      openingMinor: balanceAfter(book, start),
      openingHeldMinor: 0n,
      entries: entriesOf(book, start, end),
      watermark: keyIn(book, end),
    };
    yield { table: 'pages', item: { account, ...encodePage(page) } };
  }
  const [entry] = kept === undefined ? [] : entriesOf(book, kept - 1, kept);
  if (kept === undefined || entry === undefined) return;
  const line = { entry, sequence: kept, balanceMinor: balanceAfter(book, kept) };
  const expiresAt = Math.ceil((book.newestMs + CACHE_MS) / 1000);
  yield {
    table: 'idempotency',
    item: { account, key: entry.key, ...encodeCached({ kind: 'line', line }), expiresAt },
  };
}

function balanceAfter({ entries }: Book, sequence: number): bigint {
  return BALANCE_MINOR - BigInt(entries - sequence) * AMOUNT_MINOR;
}

function entriesOf(book: Book, start: number, end: number): readonly Entry[] {
  return Array.from({ length: end - start }, (_, index) => {
    const sequence = start + index + 1;
    const subject = { account: book.account, key: keyIn(book, sequence) };
    return {
      key: subject.key,
      changeMinor: AMOUNT_MINOR,
      heldChangeMinor: 0n,
      atMs: book.newestMs - (book.entries - sequence) * 1000,
      mayReturn: sequence === book.kept,
      body: { kind: 'executed', asked: callOf(subject, 'deposit', AMOUNT_MINOR).asked },
    };
  });
}
