import { randomUUID } from 'node:crypto';
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  type KeySchemaElement,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import {
  type KeyAttribute,
  SCHEMA,
  type TableNames,
  type TableSchema,
} from '../../functions/dynamodb/schema.ts';
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

/** A key as a schema and a description both say it. */
const keyOf = (keys: readonly (KeySchemaElement | KeyAttribute)[] = []) =>
  keys.map((key) => ('role' in key ? `${key.name} ${key.role}` : `${key.AttributeName} ${key.KeyType}`));

test.each(Object.entries(SCHEMA) as [keyof TableNames, TableSchema][])(
  'the local %s have the key, the index and the time to live of the schema, which is deployed as well',
  async (name, { keys, index, timeToLive }) => {
    const { [name]: TableName } = await createTables(options);
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(keyOf(Table?.KeySchema)).toEqual(keyOf(keys));
    const indexes = Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => [
      ...[IndexName, Projection?.ProjectionType],
      ...keyOf(KeySchema),
    ]);
    expect(indexes).toEqual(index && [[index.name, 'KEYS_ONLY', ...keyOf(index.keys)]]);
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(TimeToLiveDescription?.AttributeName).toBe(timeToLive);
  },
);

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
