import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { NO_HEAD } from '../bank/book.ts';
import { isRegister } from '../bank/key.ts';
import { CACHE_MS } from '../bank/limits.ts';
import type { Appended, Store } from '../bank/store.ts';
import { StoreUnavailableError } from '../bank/unavailable.ts';
import { toAttributes } from './attributes.ts';
import type { Connection } from './connection.ts';
import { cursorOf, placeOf } from './cursor.ts';
import { appending, dropping, rescheduling, type UpdateExpressions } from './expressions.ts';
import {
  ATTRIBUTES,
  decodeCached,
  decodeDue,
  decodeHead,
  decodeListed,
  decodePage,
  decodePlace,
  encodeCached,
  encodePage,
} from './items.ts';
import { SCHEMA, type TableNames } from './schema.ts';
import { bytesOf } from './uuid.ts';
import { within } from './within.ts';

/** Not a valid account name, so that a health check can never read an account. */
const HEALTH_CHECK_ACCOUNT = '#health';

/**
 * Longest wait for the cache and the index, in milliseconds. The pages have the same data, so a slow cache must not use up the time to
 * read them.
 */
export const LOOKUP_TIMEOUT_MS = 250;

/** Most due accounts in one answer. */
const MAX_DUE_ACCOUNTS = 100;

/**
 * Items to read from the index of pages. If a caller's clock is ahead, its key stays the highest one for a while. The pages that are
 * turned meanwhile share it as their watermark, and the index returns them in any order. So the first page is chosen among several items,
 * which cost as little as one.
 */
const FOUND_PAGES = 25;

/**
 * Most requests for one part of the list of accounts. Registers can fill many answers of DynamoDB between two accounts, and the next part
 * then begins after a register.
 */
const SCANS_PER_LIST = 4;

/** Most items that DynamoDB takes in one batch. */
const BATCH_ITEMS = 25;

/** Makes the bank's store on DynamoDB. `nowMs` decides when cached replies expire. */
export function createStore(
  connection: Connection,
  tables: TableNames,
  nowMs: () => number,
  lookupTimeoutMs = LOOKUP_TIMEOUT_MS,
): Store {
  const expiresAt = () => Math.ceil((nowMs() + CACHE_MS) / 1000);

  async function update(
    account: string,
    expressions: UpdateExpressions,
    signal: AbortSignal,
  ): Promise<Appended> {
    const command = new UpdateItemCommand({
      TableName: tables.accounts,
      Key: toAttributes({ account }),
      ...expressions,
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const answer = await connection.send(command, signal);
    const { mayArrive } = answer;
    if (answer.kind === 'condition_failed') {
      const head = answer.item === undefined ? NO_HEAD : decodeHead(answer.item);
      return { written: false, head, mayArrive };
    }
    const { Attributes } = answer.output;
    if (Attributes === undefined) {
      throw new StoreUnavailableError('unknown', 'DynamoDB answered a write without what it wrote');
    }
    return { written: true, head: decodeHead(Attributes), mayArrive };
  }

  async function get(TableName: string, key: object, ConsistentRead: boolean, signal: AbortSignal) {
    const command = new GetItemCommand({ TableName, Key: toAttributes({ ...key }), ConsistentRead });
    const { Item } = await connection.ask(command, signal);
    return Item;
  }

  return {
    append: (append, signal) => update(append.account, appending(append), signal),

    readHead: async (account, signal) => {
      const item = await get(tables.accounts, { account }, true, signal);
      return item === undefined ? NO_HEAD : decodeHead(item);
    },

    listAccounts: async ({ after, limit }, signal) => {
      let start = after === undefined ? undefined : placeOf(after);
      for (let left = SCANS_PER_LIST; ; left -= 1) {
        const command = new ScanCommand({
          TableName: tables.accounts,
          ProjectionExpression: '#account, #balance',
          ExpressionAttributeNames: { '#account': ATTRIBUTES.account, '#balance': ATTRIBUTES.balance },
          // If the last answer had only registers, read without a limit. Otherwise a list could take a request for every few registers.
          ...(left === SCANS_PER_LIST ? { Limit: limit } : {}),
          ...(start === undefined ? {} : { ExclusiveStartKey: toAttributes({ account: start }) }),
        });
        const { Items = [], LastEvaluatedKey } = await connection.ask(command, signal);
        const found = Items.map(decodeListed).filter(({ account }) => !isRegister(account));
        const listed = found.slice(0, limit);
        const accounts = listed.flatMap(({ account, balance }) =>
          balance === undefined ? [] : [{ account, balanceMinor: balance }],
        );
        start = LastEvaluatedKey?.[ATTRIBUTES.account]?.S;
        const last = listed.at(-1)?.account;
        if (start === undefined || last !== undefined || left === 1) {
          const isAll = start === undefined && listed.length === found.length;
          const next = isAll ? undefined : (last ?? start);
          return { accounts, next: next === undefined ? undefined : cursorOf(next) };
        }
      }
    },

    readPages: async (account, which, signal) => {
      const below = 'below' in which;
      const command = new QueryCommand({
        TableName: tables.pages,
        KeyConditionExpression: `#account = :account AND #first ${below ? '<=' : '>'} :start`,
        ExpressionAttributeNames: { '#account': ATTRIBUTES.account, '#first': ATTRIBUTES.first },
        ExpressionAttributeValues: toAttributes({
          ':account': account,
          ':start': below ? which.below : which.from,
        }),
        ScanIndexForward: !below,
        Limit: which.limit,
        ConsistentRead: true,
      });
      const { Items = [] } = await connection.ask(command, signal);
      return Items.map(decodePage);
    },

    findPage: async ({ account, key }, signal) => {
      const command = new QueryCommand({
        TableName: tables.pages,
        IndexName: SCHEMA.pages.index.name,
        KeyConditionExpression: '#account = :account AND #watermark >= :key',
        ExpressionAttributeNames: { '#account': ATTRIBUTES.account, '#watermark': ATTRIBUTES.watermark },
        ExpressionAttributeValues: toAttributes({ ':account': account, ':key': bytesOf(key) }),
        Limit: FOUND_PAGES,
      });
      const { Items = [] } = await within(lookupTimeoutMs, signal, (signal) =>
        connection.ask(command, signal),
      );
      return Items.length === 0 ? undefined : Math.min(...Items.map(decodePlace));
    },

    putPage: async (account, page, signal) => {
      const command = new PutItemCommand({
        TableName: tables.pages,
        Item: toAttributes({ account, ...encodePage(page) }),
        ConditionExpression: 'attribute_not_exists(#account)',
        ExpressionAttributeNames: { '#account': ATTRIBUTES.account },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const answer = await connection.send(command, signal);
      if (answer.kind === 'done') {
        return page;
      }
      if (answer.item === undefined) {
        throw new StoreUnavailableError('no', 'the page exists already, but DynamoDB did not return it');
      }
      return decodePage(answer.item);
    },

    dropPage: async (account, page, signal) => {
      await update(account, dropping(page), signal);
    },

    readCache: async ({ account, key }, signal) => {
      const item = await within(lookupTimeoutMs, signal, (signal) =>
        get(tables.idempotency, { account, key }, false, signal),
      );
      return item === undefined ? undefined : decodeCached(key, item);
    },

    cache: async (account, lines, signal) => {
      let left: WriteRequest[] = lines.map((line) => ({
        PutRequest: {
          Item: toAttributes({
            account,
            key: line.entry.key,
            ...encodeCached({ kind: 'line', line }),
            expiresAt: expiresAt(),
          }),
        },
      }));
      // Items that DynamoDB does not take are not sent again: a reply that is not cached is found on its page.
      for (; left.length > 0; left = left.slice(BATCH_ITEMS)) {
        const command = new BatchWriteItemCommand({
          RequestItems: { [tables.idempotency]: left.slice(0, BATCH_ITEMS) },
        });
        await connection.ask(command, signal);
      }
    },

    noteSearch: async ({ account, key }, { start, end }, signal) => {
      const cached = encodeCached({ kind: 'searched', start, end });
      const command = new PutItemCommand({
        TableName: tables.idempotency,
        Item: toAttributes({ account, key, ...cached, expiresAt: expiresAt() }),
      });
      await within(lookupTimeoutMs, signal, (signal) => connection.ask(command, signal));
    },

    forget: async ({ account, key }, signal) => {
      const command = new DeleteItemCommand({
        TableName: tables.idempotency,
        Key: toAttributes({ account, key }),
      });
      await connection.ask(command, signal);
    },

    listDue: async ({ shard, atMs, latestFirst, after }, signal) => {
      const { dueShard, dueAt, account } = ATTRIBUTES;
      const command = new QueryCommand({
        TableName: tables.accounts,
        IndexName: SCHEMA.accounts.index.name,
        KeyConditionExpression: '#dueShard = :shard AND #dueAt <= :at',
        ExpressionAttributeNames: { '#dueShard': dueShard, '#dueAt': dueAt },
        ExpressionAttributeValues: toAttributes({ ':shard': shard, ':at': atMs }),
        ScanIndexForward: !latestFirst,
        Limit: MAX_DUE_ACCOUNTS,
        ...(after === undefined
          ? {}
          : {
              ExclusiveStartKey: toAttributes({
                [dueShard]: shard,
                [dueAt]: after.dueAtMs,
                [account]: after.account,
              }),
            }),
      });
      const { Items = [], LastEvaluatedKey } = await connection.ask(command, signal);
      return {
        accounts: Items.map(decodeDue),
        next: LastEvaluatedKey === undefined ? undefined : decodeDue(LastEvaluatedKey),
      };
    },

    reschedule: async (account, due, signal) => {
      await update(account, rescheduling(due), signal);
    },

    checkHealth: async (signal) => {
      await get(tables.accounts, { account: HEALTH_CHECK_ACCOUNT }, true, signal);
    },
  };
}
