import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { LocalBankError } from '../../infra/local/errors.ts';
import { type CreateTablesOptions, createTables } from '../../infra/local/tables.ts';
import { tableNames } from '../../infra/names.ts';

const endpoint = inject('dynamodbEndpoint');
const client = new DynamoDBClient({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
afterAll(() => client.destroy());

let options: CreateTablesOptions;
beforeEach(() => {
  options = { endpoint, prefix: `test-${randomUUID()}` };
});

async function keysOf(tableName: string) {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  return Table?.KeySchema?.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`);
}

async function indexesOf(tableName: string) {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  return Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => [
    IndexName,
    Projection?.ProjectionType,
    ...(KeySchema ?? []).map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`),
  ]);
}

const DUE = ['due', 'KEYS_ONLY', 'dueShard HASH', 'dueAt RANGE'];

async function timeToLiveOf(tableName: string) {
  const { TimeToLiveDescription } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: tableName }),
  );
  return TimeToLiveDescription?.AttributeName;
}

test('the local tables have the keys, the index and the time to live that are deployed', async () => {
  const { accounts, pages, idempotency } = await createTables(options);
  expect(await keysOf(accounts)).toEqual(['account HASH']);
  expect(await keysOf(pages)).toEqual(['account HASH', 'first RANGE']);
  expect(await keysOf(idempotency)).toEqual(['account HASH', 'key RANGE']);
  expect(await indexesOf(accounts)).toEqual([DUE]);
  expect(await indexesOf(pages)).toBeUndefined();
  expect(await indexesOf(idempotency)).toBeUndefined();
  expect(await timeToLiveOf(accounts)).toBeUndefined();
  expect(await timeToLiveOf(pages)).toBeUndefined();
  expect(await timeToLiveOf(idempotency)).toBe('expiresAt');
});

test('tables that exist are left as they are', async () => {
  const { accounts: TableName } = await createTables(options);
  const joe = { account: { S: 'joe' } };
  await client.send(new PutItemCommand({ TableName, Item: joe }));
  const isThere = async () =>
    (await client.send(new GetItemCommand({ TableName, Key: joe }))).Item !== undefined;

  await createTables(options);
  expect(await isThere()).toBe(true);
});

test('a table of a version that had no index gets it, and the index finds what was there before', async () => {
  const { accounts: TableName } = tableNames(options.prefix);
  await client.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'account', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'account', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const joe = { account: { S: 'joe' }, dueShard: { N: '3' }, dueAt: { N: '1700000000000' } };
  await client.send(new PutItemCommand({ TableName, Item: joe }));

  await createTables(options);
  expect(await indexesOf(TableName)).toEqual([DUE]);
  const due = new QueryCommand({
    TableName,
    IndexName: 'due',
    KeyConditionExpression: 'dueShard = :shard',
    ExpressionAttributeValues: { ':shard': { N: '3' } },
  });
  await vi.waitFor(async () => expect((await client.send(due)).Items).toEqual([joe]), 20_000);
});

test('a DynamoDB that cannot be reached is one sentence that says where it was looked for', async () => {
  const lost = createTables({ ...options, endpoint: 'http://127.0.0.1:9' });
  await expect(lost).rejects.toBeInstanceOf(LocalBankError);
  await expect(lost).rejects.toMatchObject({
    code: 'tables_failed',
    message: expect.stringMatching(/127\.0\.0\.1:9/),
  });
});
