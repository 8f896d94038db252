import { type DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Account } from '../core/account.ts';
import type { Page, Segment, SweepStore } from '../core/sweep.ts';
import { AccountsTable } from './accounts.ts';
import { ArchiveTable } from './archive.ts';
import { type Attributes, fromAttributes, toAttributes } from './attributes.ts';
import type { TableNames } from './dynamodb.ts';
import { answerTo } from './fate.ts';
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
  client: DynamoDBClient,
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
      const command = new GetItemCommand({
        TableName: tables.idempotency,
        Key: toAttributes(cursorKey(segment)),
      });
      const { Item = {} } = await answerTo(command, client.send(command, { abortSignal }));
      return v.parse(v.optional(v.string()), fromAttributes(Item)['cursor']);
    },
    saveCursor: async (segment, cursor, abortSignal) => {
      const command = new PutItemCommand({
        TableName: tables.idempotency,
        Item: toAttributes({ ...cursorKey(segment), ...(cursor === undefined ? {} : { cursor }) }),
      });
      await answerTo(command, client.send(command, { abortSignal }));
    },
  };
}

async function scan(
  client: DynamoDBClient,
  { tableName, pageItems }: { tableName: string; pageItems: number },
  { number, of }: Segment,
  from: string | undefined,
  abortSignal: AbortSignal,
): Promise<Page> {
  const command = new ScanCommand({
    TableName: tableName,
    Segment: number,
    TotalSegments: of,
    Limit: pageItems,
    // Half the price of a strongly consistent scan, and enough: what follows from it is conditional.
    ConsistentRead: false,
    ReturnConsumedCapacity: 'TOTAL',
    ...(from === undefined ? {} : { ExclusiveStartKey: toAttributes({ [ATTRIBUTES.account]: from }) }),
  });
  const {
    Items = [],
    LastEvaluatedKey,
    ConsumedCapacity,
  } = await answerTo(command, client.send(command, { abortSignal }));
  return {
    accounts: new Map(Items.map((item) => namedAccount(item))),
    next: LastEvaluatedKey?.[ATTRIBUTES.account]?.S,
    readUnits: ConsumedCapacity?.CapacityUnits ?? 0,
  };
}

function namedAccount(attributes: Attributes): [string, Account] {
  const item = fromAttributes(attributes);
  return [String(item[ATTRIBUTES.account]), decodeAccount(item)];
}

/** Cursors of another number of segments mean other places. */
function cursorKey({ number, of }: Segment): { account: string; key: string } {
  return { account: CURSORS, key: `${number}/${of}` };
}
