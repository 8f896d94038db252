import { describe, expect, inject, test } from 'vitest';
import { keyAttributes, SCHEMA, type TableNames, type TableSchema } from '../../functions/dynamodb/schema.ts';
import { type Resource, resourcesOf } from '../support/deployment.ts';

const { tables: template } = inject('deployment');

function table(tableName: string): Resource {
  const found = resourcesOf(template, 'AWS::DynamoDB::GlobalTable')
    .map(([, resource]) => resource)
    .filter(({ Properties }) => Properties['TableName'] === tableName);
  expect(found).toHaveLength(1);
  return found[0] as Resource;
}

test('the three tables are all there is', () => {
  const types = Object.values(template.resources).map(({ Type }) => Type);
  expect(types).toEqual(Array(3).fill('AWS::DynamoDB::GlobalTable'));
});

describe.each(['accounts', 'pages'])('the %s', (name) => {
  const { Properties } = table(`twinbank-${name}`);

  test('are strongly consistent over two replicas and one witness, which makes exactly three Regions', () => {
    expect(Properties).toMatchObject({
      MultiRegionConsistency: 'STRONG',
      Replicas: [{ Region: 'us-east-1' }, { Region: 'us-east-2' }],
      GlobalTableWitnesses: [{ Region: 'us-west-2' }],
    });
  });

  test.each([
    ['TimeToLiveSpecification', 'a strongly consistent table cannot have'],
    ['LocalSecondaryIndexes', 'a strongly consistent table cannot have'],
    ['VectorIndexes', 'no decision may be read from'],
  ])('have no %s, which %s', (property) => {
    expect(Properties).not.toHaveProperty(property);
  });

  test('have no stream, neither as a whole nor in a replica', () => {
    expect(Properties).not.toHaveProperty('StreamSpecification');
    for (const replica of Properties['Replicas'] as readonly object[]) {
      expect(replica).not.toHaveProperty('ReplicaStreamSpecification');
      expect(replica).not.toHaveProperty('KinesisStreamSpecification');
    }
  });
});

test.each([
  ['accounts', 'finds those that have something to be done', 'due', 'dueShard', 'dueAt'],
  ['pages', 'finds the one that an old call may be on', 'watermark', 'account', 'watermark'],
])('the %s have one index of keys only, which %s', (name, _, index, hash, range) => {
  expect(table(`twinbank-${name}`).Properties['GlobalSecondaryIndexes']).toEqual([
    {
      IndexName: index,
      KeySchema: [
        { AttributeName: hash, KeyType: 'HASH' },
        { AttributeName: range, KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ]);
});

test('every attribute is defined once, or DynamoDB creates no table', () => {
  for (const schema of Object.values(SCHEMA)) {
    const names = keyAttributes(schema).map((key) => key.name);
    expect(names).toEqual([...new Set(names)]);
  }
});

test.each(Object.entries(SCHEMA) as [keyof TableNames, TableSchema][])(
  'the %s have the key and the time to live of the schema, which every other bank is made with',
  (name, schema) => {
    const { keys, timeToLive } = schema;
    const { KeySchema, AttributeDefinitions, TimeToLiveSpecification } = table(`twinbank-${name}`).Properties;
    expect({ KeySchema, AttributeDefinitions, TimeToLiveSpecification }).toEqual({
      KeySchema: keys.map((key) => ({ AttributeName: key.name, KeyType: key.role })),
      AttributeDefinitions: keyAttributes(schema).map((key) => ({
        AttributeName: key.name,
        AttributeType: key.type,
      })),
      TimeToLiveSpecification:
        timeToLive === undefined ? undefined : { Enabled: true, AttributeName: timeToLive },
    });
  },
);

test('the cached replies are eventually consistent in the same two Regions, with the stream that replicates them, and no index', () => {
  const { Properties } = table('twinbank-idempotency');
  expect(Properties).toMatchObject({
    MultiRegionConsistency: 'EVENTUAL',
    Replicas: [{ Region: 'us-east-1' }, { Region: 'us-east-2' }],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  expect(Properties).not.toHaveProperty('GlobalTableWitnesses');
  expect(Properties).not.toHaveProperty('GlobalSecondaryIndexes');
});

describe.each(['twinbank-accounts', 'twinbank-pages', 'twinbank-idempotency'])('%s', (tableName) => {
  test('can be restored to any second and cannot be deleted, in each Region', () => {
    const replicas = table(tableName).Properties['Replicas'] as readonly object[];
    expect(replicas).toHaveLength(2);
    for (const replica of replicas) {
      expect(replica).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
    }
  });

  test('is paid by the request, and says how it is encrypted', () => {
    expect(table(tableName).Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: false },
    });
  });
});
