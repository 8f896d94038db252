import { type DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { Page, Segment, SweepStore } from '../core/sweep.ts';
import { AccountsTable } from './accounts.ts';
import { ArchiveTable } from './archive.ts';
import type { TableNames } from './dynamodb.ts';
import { ATTRIBUTES, decodeAccount } from './item.ts';

/**
 * Accounts of one page. After each page it is noted where the sweep is, and that note costs as much as reading a thousand
 * small accounts: with fewer of them it would be the larger part of the bill.
 */
const PAGE_ITEMS = 1000;

/** Where a sweep stopped is kept in the archive, under a name that no account can have. Losing it costs a new beginning. */
const CURSORS = '#sweep';

/** What the sweep needs, on DynamoDB. */
export function createSweepStore(
  client: DynamoDBDocumentClient,
  tables: TableNames,
  nowMs: () => number,
  pageItems = PAGE_ITEMS,
): SweepStore {
  const accounts = new AccountsTable(client, tables.accounts);
  const archive = new ArchiveTable(client, tables.idempotency, nowMs);
  return {
    archive: (account, replies, signal) => archive.write(account, replies, signal),
    dropArchived: (account, keys, signal) => accounts.dropArchived(account, keys, signal),
    remove: (account, seen, signal) => accounts.remove(account, seen, signal),
    scan: (segment, from, signal) =>
      scan(client, { tableName: tables.accounts, pageItems }, segment, from, signal),
    loadCursor: async (segment, abortSignal) => {
      const { Item } = await client.send(
        new GetCommand({ TableName: tables.idempotency, Key: cursorKey(segment) }),
        { abortSignal },
      );
      return v.parse(v.optional(v.string()), Item?.['cursor']);
    },
    saveCursor: async (segment, cursor, abortSignal) => {
      await client.send(
        new PutCommand({
          TableName: tables.idempotency,
          Item: { ...cursorKey(segment), ...(cursor === undefined ? {} : { cursor }) },
        }),
        { abortSignal },
      );
    },
  };
}

async function scan(
  client: DynamoDBDocumentClient,
  { tableName, pageItems }: { tableName: string; pageItems: number },
  { number, of }: Segment,
  from: string | undefined,
  abortSignal: AbortSignal,
): Promise<Page> {
  const {
    Items = [],
    LastEvaluatedKey,
    ConsumedCapacity,
  } = await client.send(
    new ScanCommand({
      TableName: tableName,
      Segment: number,
      TotalSegments: of,
      Limit: pageItems,
      // Half the price of a strongly consistent scan, and enough: what follows from it is conditional.
      ConsistentRead: false,
      ReturnConsumedCapacity: 'TOTAL',
      ...(from === undefined ? {} : { ExclusiveStartKey: { [ATTRIBUTES.account]: from } }),
    }),
    { abortSignal },
  );
  return {
    accounts: new Map(Items.map((item) => [String(item[ATTRIBUTES.account]), decodeAccount(item)])),
    next: v.parse(v.optional(v.string()), LastEvaluatedKey?.[ATTRIBUTES.account]),
    readUnits: Number(ConsumedCapacity?.CapacityUnits ?? 0),
  };
}

/** Cursors of another number of segments mean other places. */
function cursorKey({ number, of }: Segment): { account: string; key: string } {
  return { account: CURSORS, key: `${number}/${of}` };
}
