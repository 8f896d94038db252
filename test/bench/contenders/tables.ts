import { randomUUID } from 'node:crypto';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  type WriteRequest,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { awsEnvironment } from '../../../infra/local/environment.ts';
import { createTables } from '../../../infra/local/tables.ts';
import type { TableNames } from '../../../infra/names.ts';
import type { NewItem } from '../../support/book-items.ts';

/** Tables of every contender. None works on items that another one has made larger. */
export interface ContenderTables {
  readonly bank: TableNames;
  readonly bare: { readonly accounts: string };
  readonly powertools: { readonly accounts: string; readonly idempotency: string };
  readonly transaction: { readonly accounts: string; readonly idempotency: string; readonly entries: string };
}

/** Most items of one BatchWriteItem. */
const BATCH = 25;

/** DynamoDB Local writes one batch after the other: more at once are not faster. */
const BATCHES_AT_ONCE = 4;

const WAIT_SECONDS = 30;

/** Creates, fills and deletes tables. Tables that it has created are deleted with it. */
export class TableSetup implements AsyncDisposable {
  readonly #endpoint: string;
  readonly #client: DynamoDBClient;
  readonly #created: string[] = [];

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
    // Every client of DynamoDB that is made from here on reads them, the bank's as well.
    Object.assign(process.env, awsEnvironment(endpoint, 'us-east-1'));
    this.#client = new DynamoDBClient({
      endpoint,
      region: 'us-east-1',
      // Tables take longer than calls, and a second attempt to create one would find that it exists.
      requestHandler: { requestTimeout: 1000 * WAIT_SECONDS, throwOnRequestTimeout: true },
    });
  }

  async createForBank(): Promise<TableNames> {
    const tables = await createTables({ endpoint: this.#endpoint, prefix: `bench-${randomUUID()}` });
    this.#created.push(...Object.values(tables));
    return tables;
  }

  async createForAll(): Promise<ContenderTables> {
    const [bank, bare, accounts, idempotency, ...transaction] = await Promise.all([
      this.createForBank(),
      this.#create('account'),
      this.#create('account'),
      this.#create('id'),
      this.#create('account'),
      this.#create('id'),
      this.#create('account', 'key'),
    ]);
    return {
      bank,
      bare: { accounts: bare },
      powertools: { accounts, idempotency },
      transaction: { accounts: transaction[0], idempotency: transaction[1], entries: transaction[2] },
    };
  }

  /** Puts items into tables, without the bank, which would take a thousand times as long. */
  async fill(items: Iterable<NewItem>, signal: AbortSignal): Promise<void> {
    const write = async (batch: readonly NewItem[]) => {
      const RequestItems: Record<string, WriteRequest[]> = {};
      for (const { table, item } of batch) {
        RequestItems[table] = [...(RequestItems[table] ?? []), { PutRequest: { Item: item } }];
      }
      const { UnprocessedItems = {} } = await this.#client.send(new BatchWriteItemCommand({ RequestItems }));
      if (Object.keys(UnprocessedItems).length > 0) {
        throw new Error('DynamoDB did not write all items of a batch');
      }
    };
    await pMap(batchesOf(items), write, { concurrency: BATCHES_AT_ONCE, signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#created.map((TableName) => this.#client.send(new DeleteTableCommand({ TableName }))),
    );
    this.#client.destroy();
  }

  async #create(...keyNames: readonly string[]): Promise<string> {
    const TableName = `bench-${randomUUID()}`;
    await this.#client.send(
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
    this.#created.push(TableName);
    await waitUntilTableExists(
      { client: this.#client, maxWaitTime: WAIT_SECONDS, minDelay: 1 },
      { TableName },
    );
    return TableName;
  }
}

function* batchesOf(items: Iterable<NewItem>): Generator<NewItem[]> {
  let batch: NewItem[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}
