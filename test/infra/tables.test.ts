import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { TablesStack } from '../../infra/tables.ts';

const { configuration } = inject('schema');
const outdir = mkdtempSync(join(tmpdir(), 'twinbank-test-'));
const template = Template.fromStack(new TablesStack(new App({ outdir }), configuration));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

interface Resource {
  readonly Properties: Readonly<Record<string, unknown>>;
}

function table(tableName: string): Resource {
  const found = Object.values(
    template.findResources('AWS::DynamoDB::GlobalTable', { Properties: { TableName: tableName } }),
  );
  expect(found).toHaveLength(1);
  return found[0] as Resource;
}

test('the two tables are all there is', () => {
  template.resourceCountIs('AWS::DynamoDB::GlobalTable', 2);
  expect(Object.keys(template.toJSON()['Resources'])).toHaveLength(2);
});

describe('the accounts', () => {
  const accounts = table('twinbank-accounts');

  test('are strongly consistent over two replicas and one witness, which makes exactly three Regions', () => {
    expect(accounts.Properties).toMatchObject({
      MultiRegionConsistency: 'STRONG',
      Replicas: [{ Region: 'us-east-1' }, { Region: 'us-east-2' }],
      GlobalTableWitnesses: [{ Region: 'us-west-2' }],
    });
  });

  test('have one key, the account', () => {
    expect(accounts.Properties).toMatchObject({
      KeySchema: [{ AttributeName: 'account', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'account', AttributeType: 'S' }],
    });
  });

  test.each(['TimeToLiveSpecification', 'LocalSecondaryIndexes'])(
    'have no %s, which a strongly consistent table cannot have',
    (property) => {
      expect(accounts.Properties).not.toHaveProperty(property);
    },
  );

  test.each(['GlobalSecondaryIndexes', 'VectorIndexes'])(
    'have no %s, which no decision may be read from',
    (property) => {
      expect(accounts.Properties).not.toHaveProperty(property);
    },
  );

  test('have no stream, neither as a whole nor in a replica', () => {
    expect(accounts.Properties).not.toHaveProperty('StreamSpecification');
    for (const replica of accounts.Properties['Replicas'] as readonly object[]) {
      expect(replica).not.toHaveProperty('ReplicaStreamSpecification');
      expect(replica).not.toHaveProperty('KinesisStreamSpecification');
    }
  });
});

describe('the archived replies', () => {
  const idempotency = table('twinbank-idempotency');

  test('are eventually consistent in the same two Regions, with the stream that replicates them', () => {
    expect(idempotency.Properties).toMatchObject({
      MultiRegionConsistency: 'EVENTUAL',
      Replicas: [{ Region: 'us-east-1' }, { Region: 'us-east-2' }],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    expect(idempotency.Properties).not.toHaveProperty('GlobalTableWitnesses');
  });

  test('are found by account and key', () => {
    expect(idempotency.Properties).toMatchObject({
      KeySchema: [
        { AttributeName: 'account', KeyType: 'HASH' },
        { AttributeName: 'key', KeyType: 'RANGE' },
      ],
    });
  });

  test('expire', () => {
    expect(idempotency.Properties).toMatchObject({
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'expiresAt' },
    });
  });
});

describe.each(['twinbank-accounts', 'twinbank-idempotency'])('%s', (tableName) => {
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

  test('outlives its stack', () => {
    expect(table(tableName)).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('is paid by the request, and says how it is encrypted', () => {
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: Match.anyValue() },
    });
  });
});

test('no function uses a transaction, which is an error on a strongly consistent table', async () => {
  const folder = fileURLToPath(new URL('../../functions', import.meta.url));
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const source = await readFile(join(folder, file), 'utf8');
    expect(source, file).not.toMatch(/\b(Transact(Write|Get)|ExecuteTransaction|transact(Write|Get))/);
  }
});
