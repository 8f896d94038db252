import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { TableNames } from '../../infra/names.ts';

/** An item as it lies in a table. Numbers are bigints. */
export type Item = Readonly<Record<string, unknown>>;

/** Reads tables past all faults, and past the bank. */
export class TableReader implements Disposable {
  readonly #client: DynamoDBClient;
  readonly #documents: DynamoDBDocumentClient;

  constructor(endpoint: string) {
    this.#client = openClient(endpoint);
    this.#documents = DynamoDBDocumentClient.from(this.#client, {
      unmarshallOptions: { wrapNumbers: BigInt },
    });
  }

  async items(tableName: string): Promise<Item[]> {
    const pages = paginateScan({ client: this.#documents }, { TableName: tableName, ConsistentRead: true });
    const items: Item[] = [];
    for await (const { Items = [] } of pages) {
      items.push(...Items);
    }
    return items;
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

/** Drops tables that are not needed any more. A DynamoDB that is gone has dropped them already. */
export async function dropTables(endpoint: string, tables: TableNames): Promise<void> {
  const client = openClient(endpoint);
  const dropped = Object.values(tables).map((TableName) =>
    client.send(new DeleteTableCommand({ TableName })),
  );
  await Promise.allSettled(dropped);
  client.destroy();
}

function openClient(endpoint: string): DynamoDBClient {
  // The SDK warns of each Node release that its next major version drops, in the middle of what the run has to say.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  });
}
