import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { createTables } from '../../../infra/local/tables.ts';
import type { TableNames } from '../../../infra/names.ts';

/** Tables of every contender. Each has its own, so that none works on items which another one made larger. */
export interface BenchTables {
  readonly bank: TableNames;
  readonly bare: Pick<TableNames, 'accounts'>;
  readonly powertools: Omit<TableNames, 'pages'>;
  readonly transaction: Omit<TableNames, 'pages'> & { readonly entries: string };
}

const WAIT_SECONDS = 30;

/** Most items of one BatchWriteItem. */
const BATCH = 25;

/** Tables take longer than calls, and a second attempt to create one would find that it exists. */
const SETUP_TIMEOUT_MS = 30_000;

function setupClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    requestHandler: { requestTimeout: SETUP_TIMEOUT_MS, throwOnRequestTimeout: true },
  });
}

/** Creates the tables of all contenders, empty. */
export async function createBenchTables(endpoint: string, prefix: string): Promise<BenchTables> {
  const client = setupClient(endpoint);
  const plain = async (name: string, ...keyNames: readonly string[]): Promise<string> => {
    const TableName = `${prefix}-${name}`;
    await client.send(
      new CreateTableCommand({
        TableName,
        AttributeDefinitions: keyNames.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keyNames.map((AttributeName, index) => ({
          AttributeName,
          KeyType: index === 0 ? 'HASH' : 'RANGE',
        })),
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await waitUntilTableExists({ client, maxWaitTime: WAIT_SECONDS, minDelay: 1 }, { TableName });
    return TableName;
  };
  try {
    const [bank, bare, ...others] = await Promise.all([
      createTables({ endpoint, prefix }),
      plain('bare', 'account'),
      plain('powertools', 'account'),
      plain('powertools-replies', 'id'),
      plain('transaction', 'account'),
      plain('transaction-replies', 'id'),
      plain('transaction-entries', 'account', 'key'),
    ]);
    return {
      bank,
      bare: { accounts: bare },
      powertools: { accounts: others[0], idempotency: others[1] },
      transaction: { accounts: others[2], idempotency: others[3], entries: others[4] },
    };
  } finally {
    client.destroy();
  }
}

/** Drops the tables of all contenders. */
export async function dropBenchTables(endpoint: string, tables: BenchTables): Promise<void> {
  const client = setupClient(endpoint);
  const names = Object.values(tables).flatMap((each) => Object.values(each) as string[]);
  await Promise.all(names.map((TableName) => client.send(new DeleteTableCommand({ TableName }))));
  client.destroy();
}

/** Puts accounts with a balance into a table, past everything that would guard them. */
export async function fundAccounts(
  endpoint: string,
  tableName: string,
  names: readonly string[],
  balanceMinor: bigint,
): Promise<void> {
  const client = setupClient(endpoint);
  for (let start = 0; start < names.length; start += BATCH) {
    const { UnprocessedItems = {} } = await client.send(
      new BatchWriteItemCommand({
        RequestItems: {
          [tableName]: names.slice(start, start + BATCH).map((account) => ({
            PutRequest: { Item: { account: { S: account }, balance: { N: String(balanceMinor) } } },
          })),
        },
      }),
    );
    if (Object.keys(UnprocessedItems).length > 0) {
      throw new Error(`DynamoDB left accounts of ${tableName} unwritten`);
    }
  }
  client.destroy();
}
