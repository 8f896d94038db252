import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Account, RecordedCall } from '../core/account.ts';
import type { Change } from '../core/decide.ts';
import { type Store, StoreUnavailableError, type WriteResult } from '../core/store.ts';
import { expressionsFor } from './expressions.ts';
import { ATTRIBUTES, decodeAccount, decodeRecordedCall } from './item.ts';

/** Names of the two tables. */
export interface TableNames {
  readonly accounts: string;
  readonly idempotency: string;
}

/** Outside of the alphabet of account names, so that a health check can never touch an account. */
const HEALTH_CHECK_ACCOUNT = '#health';

/** The bank's store on DynamoDB. `nowMs` tells which archived replies have expired. */
export function createDynamoDbStore(
  client: DynamoDBDocumentClient,
  tables: TableNames,
  nowMs: () => number,
): Store {
  return {
    write: (change, signal) => write(client, tables, change, signal),
    markFull: (account, signal) => markFull(client, tables, account, signal),
    read: (account, signal) => read(client, tables, account, signal),
    readArchived: (account, key, signal) => readArchived(client, tables, { account, key }, nowMs, signal),
    checkHealth: async (signal) => {
      await read(client, tables, HEALTH_CHECK_ACCOUNT, signal);
    },
  };
}

async function write(
  client: DynamoDBDocumentClient,
  tables: TableNames,
  change: Change,
  abortSignal: AbortSignal,
): Promise<WriteResult> {
  try {
    const { Attributes } = await client.send(
      new UpdateCommand({
        TableName: tables.accounts,
        Key: { [ATTRIBUTES.account]: change.call.account },
        ...expressionsFor(change),
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
      { abortSignal },
    );
    if (Attributes === undefined) {
      throw new StoreUnavailableError('unknown', 'DynamoDB answered a write without the item it asked for');
    }
    return { written: true, account: decodeAccount(Attributes) };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return { written: false, account: accountOf(error) };
    }
    throw error;
  }
}

/** The item that a failed condition carries. The document client leaves errors as DynamoDB sent them. */
function accountOf({ Item }: ConditionalCheckFailedException): Account | undefined {
  return Item === undefined ? undefined : decodeAccount(unmarshall(Item, { wrapNumbers: BigInt }));
}

async function markFull(
  client: DynamoDBDocumentClient,
  tables: TableNames,
  account: string,
  abortSignal: AbortSignal,
): Promise<void> {
  await client.send(
    new UpdateCommand({
      TableName: tables.accounts,
      Key: { [ATTRIBUTES.account]: account },
      UpdateExpression: 'SET #full = :true',
      ExpressionAttributeNames: { '#full': ATTRIBUTES.full },
      ExpressionAttributeValues: { ':true': true },
    }),
    { abortSignal },
  );
}

async function read(
  client: DynamoDBDocumentClient,
  tables: TableNames,
  account: string,
  abortSignal: AbortSignal,
): Promise<Account | undefined> {
  const { Item } = await client.send(
    new GetCommand({
      TableName: tables.accounts,
      Key: { [ATTRIBUTES.account]: account },
      ConsistentRead: true,
    }),
    { abortSignal },
  );
  return Item === undefined ? undefined : decodeAccount(Item);
}

/** DynamoDB deletes expired items late; one that is past its time is treated as gone. */
async function readArchived(
  client: DynamoDBDocumentClient,
  tables: TableNames,
  archiveKey: { account: string; key: string },
  nowMs: () => number,
  abortSignal: AbortSignal,
): Promise<RecordedCall | undefined> {
  const { Item } = await client.send(
    new GetCommand({ TableName: tables.idempotency, Key: archiveKey, ConsistentRead: true }),
    { abortSignal },
  );
  if (Item === undefined || Number(Item['expiresAt']) * 1000 <= nowMs()) {
    return undefined;
  }
  return decodeRecordedCall(Item['call'], Item['reply']);
}
