import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnGlobalTable } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { keyAttributes, SCHEMA, type TableSchema } from '../functions/dynamodb/schema.ts';
import type { Configuration } from './configuration.ts';
import { tableNames, tablesStackName } from './names.ts';

/**
 * The three tables of `functions/dynamodb/schema.ts`, in both Regions.
 *
 * They are `CfnGlobalTable`s and not `TableV2`s, because `TableV2` adds a stream to every replicated table, and nothing
 * may depend on, or pay for, a stream of the accounts.
 */
export class TablesStack extends Stack {
  constructor(scope: Construct, configuration: Configuration, props: StackProps) {
    super(scope, 'Tables', { ...props, stackName: tablesStackName(configuration.prefix) });
    const { witness, removalPolicy } = configuration;
    const names = tableNames(configuration.prefix);

    // With strong consistency, a condition on the balance holds in both Regions at once, and a page is in both before its entries leave
    // the account. Such a table has no TTL, no local index and no transactions. It has global indexes; each replica has its own, which is
    // a little behind.
    const strong = {
      multiRegionConsistency: 'STRONG',
      globalTableWitnesses: [{ region: witness }],
      ...common(configuration),
    };
    const accounts = new CfnGlobalTable(this, 'Accounts', {
      tableName: names.accounts,
      ...keysOf(SCHEMA.accounts),
      ...strong,
    });
    const pages = new CfnGlobalTable(this, 'Pages', {
      tableName: names.pages,
      ...keysOf(SCHEMA.pages),
      ...strong,
    });

    const idempotency = new CfnGlobalTable(this, 'Idempotency', {
      tableName: names.idempotency,
      ...keysOf(SCHEMA.idempotency),
      // No decision depends on this table, so it can have what a strong table cannot: a TTL.
      multiRegionConsistency: 'EVENTUAL',
      timeToLiveSpecification: timeToLiveOf(SCHEMA.idempotency),
      // Ordinary replication reads this stream, and only this view of it. Nothing of ours does.
      streamSpecification: { streamViewType: 'NEW_AND_OLD_IMAGES' },
      ...common(configuration),
    });

    // Money and its records outlive the stack, even if it is removed by mistake. Tables of a deployment that fails while it creates
    // them hold neither, and would prevent the next try.
    const policy =
      removalPolicy === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
    for (const table of [accounts, pages, idempotency]) {
      table.applyRemovalPolicy(policy);
    }
    this.terminationProtection = isProtected(configuration);
  }
}

function isProtected({ removalPolicy, deletionProtection }: Configuration): boolean {
  return removalPolicy === 'retain' && deletionProtection;
}

function keysOf(schema: TableSchema) {
  const { keys, index } = schema;
  return {
    attributeDefinitions: keyAttributes(schema).map(({ name, type }) => ({
      attributeName: name,
      attributeType: type,
    })),
    keySchema: keySchemaOf(keys),
    ...(index === undefined
      ? {}
      : {
          globalSecondaryIndexes: [
            {
              indexName: index.name,
              keySchema: keySchemaOf(index.keys),
              projection: { projectionType: 'KEYS_ONLY' },
            },
          ],
        }),
  };
}

function keySchemaOf(keys: TableSchema['keys']) {
  return keys.map(({ name, role }) => ({ attributeName: name, keyType: role }));
}

function timeToLiveOf({ timeToLive }: TableSchema) {
  return timeToLive === undefined ? { enabled: false } : { enabled: true, attributeName: timeToLive };
}

function common(configuration: Configuration) {
  return {
    billingMode: 'PAY_PER_REQUEST',
    // DynamoDB always encrypts. `false` selects the key that AWS owns, so that no KMS quota, bill or key policy can prevent the bank
    // from reading its balances.
    sseSpecification: { sseEnabled: false },
    replicas: configuration.regions.map((region) => ({
      region,
      deletionProtectionEnabled: isProtected(configuration),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    })),
  };
}
