import { randomUUID } from 'node:crypto';
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import { LocalBankError } from '../../infra/local/errors.ts';
import { type CreateTablesOptions, createTables } from '../../infra/local/tables.ts';

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
const WATERMARK = ['watermark', 'KEYS_ONLY', 'account HASH', 'watermark RANGE'];

async function timeToLiveOf(tableName: string) {
  const { TimeToLiveDescription } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: tableName }),
  );
  return TimeToLiveDescription?.AttributeName;
}

test('the local tables have the keys, the indexes and the time to live that are deployed', async () => {
  const { accounts, pages, idempotency } = await createTables(options);
  expect(await keysOf(accounts)).toEqual(['account HASH']);
  expect(await keysOf(pages)).toEqual(['account HASH', 'first RANGE']);
  expect(await keysOf(idempotency)).toEqual(['account HASH', 'key RANGE']);
  expect(await indexesOf(accounts)).toEqual([DUE]);
  expect(await indexesOf(pages)).toEqual([WATERMARK]);
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

test('a DynamoDB that cannot be reached is one sentence that says where it was looked for', async () => {
  const lost = createTables({ ...options, endpoint: 'http://127.0.0.1:9' });
  await expect(lost).rejects.toBeInstanceOf(LocalBankError);
  await expect(lost).rejects.toMatchObject({
    code: 'tables_failed',
    message: expect.stringMatching(/127\.0\.0\.1:9/),
  });
});
