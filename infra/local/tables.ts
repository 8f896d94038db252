import {
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { createClient } from '../../functions/dynamodb/client.ts';
import { keyAttributes, SCHEMA, type TableSchema } from '../../functions/dynamodb/schema.ts';
import { type TableNames, tableNames } from '../names.ts';
import { firstLine, LocalBankError } from './errors.ts';

export interface CreateTablesOptions {
  readonly endpoint: string;
  /** Starts their names; tables of different prefixes share nothing. */
  readonly prefix: string;
}

const WAIT_SECONDS = 30;

/** Creates the tables in a local DynamoDB, with the keys that they are deployed with. Items of tables that exist are left as they are. */
export async function createTables({ endpoint, prefix }: CreateTablesOptions): Promise<TableNames> {
  const names = tableNames(prefix);
  const client = createClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    limits: { connectionTimeoutMs: 1_000, requestTimeoutMs: 10_000, maxAttempts: 3, maxSockets: 64 },
  });
  try {
    const tables = Object.keys(SCHEMA) as (keyof TableNames)[];
    await Promise.all(tables.map((table) => create(client, names[table], SCHEMA[table])));
    return names;
  } catch (error) {
    const message = `Cannot create the tables at ${endpoint}: ${firstLine(error)}`;
    throw new LocalBankError('tables_failed', message, { cause: error });
  } finally {
    client.destroy();
  }
}

/** Without streams and replicas: nothing replicates here, and both Regions read the same table. */
async function create(client: DynamoDBClient, name: string, schema: TableSchema): Promise<void> {
  const { keys, index, timeToLive } = schema;
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        AttributeDefinitions: keyAttributes(schema).map((key) => ({
          AttributeName: key.name,
          AttributeType: key.type,
        })),
        KeySchema: keySchemaOf(keys),
        GlobalSecondaryIndexes: index && [
          {
            IndexName: index.name,
            KeySchema: keySchemaOf(index.keys),
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) {
      throw error;
    }
  }
  await waitUntilTableExists({ client, maxWaitTime: WAIT_SECONDS, minDelay: 1 }, { TableName: name });
  if (timeToLive !== undefined) {
    await expire(client, name, timeToLive);
  }
}

function keySchemaOf(keys: TableSchema['keys']): KeySchemaElement[] {
  return keys.map(({ name, role }) => ({ AttributeName: name, KeyType: role }));
}

/** Asked for even when the table existed, because an earlier start may have been killed between the two steps. */
async function expire(client: DynamoDBClient, name: string, attribute: string): Promise<void> {
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }));
  if (TimeToLiveDescription?.AttributeName === attribute) {
    return;
  }
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { Enabled: true, AttributeName: attribute },
    }),
  );
}
