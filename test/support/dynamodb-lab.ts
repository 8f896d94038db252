import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
} from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import type { Store } from '../../functions/bank/store.ts';
import { type ClientLimits, createClient, DEFAULT_CLIENT_LIMITS } from '../../functions/dynamodb/client.ts';
import { Connection } from '../../functions/dynamodb/connection.ts';
import { createStore } from '../../functions/dynamodb/store.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { createTables } from '../../infra/local/tables.ts';
import type { TableNames } from '../../infra/names.ts';
import { enforce, type Granted, type RoleOf } from './enforcement.ts';
import { intercept } from './intercept.ts';
import { keyAt } from './keys.ts';

/** The names of a bank's own tables, and the DynamoDB that has them. */
export interface TestTables extends TableNames {
  readonly endpoint: string;
}

/** Creates fresh tables, so that tests share no state. */
export async function createTestTables(endpoint = inject('dynamodbEndpoint')): Promise<TestTables> {
  const names = await createTables({ endpoint, prefix: `test-${randomUUID()}` });
  return { ...names, endpoint };
}

/** An item as it lies in a table. */
type Item = Record<string, unknown>;

export type Lab = Awaited<ReturnType<typeof createLab>>;

interface StoreOptions {
  readonly endpoint?: string;
  readonly limits?: Partial<ClientLimits>;
  readonly lookupTimeoutMs?: number;
  /** The function whose role it has. Default: the one behind the API, which does not see what is due. */
  readonly role?: RoleOf;
  /** Actions that its role does not allow after all. */
  readonly denied?: readonly string[];
  readonly onAttemptError?: (errorName: string) => void;
}

/** A signal for calls that should not be cut short. */
export const patient = () => AbortSignal.timeout(60_000);

/**
 * Limits for busy machines. With those of a function, a request that takes 0.8 s is sent again, and the second write finds
 * what the first one did. A test of that makes a store of its own.
 */
const UNHURRIED = { connectionTimeoutMs: 30_000, requestTimeoutMs: 30_000 };

/** A store on fresh tables of a real DynamoDB, and ways to look behind it. Its clock stands until the test moves `now.ms`. */
export async function createLab(endpoint?: string) {
  const tables = await createTestTables(endpoint);
  // Read by every client that is made from here on, the store's included.
  Object.assign(process.env, awsEnvironment(tables.endpoint, 'us-east-1'));
  const direct = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }), {
    unmarshallOptions: { wrapNumbers: BigInt },
  });
  /** The HTTP requests that the stores have sent, retries included, by operation. */
  const requests: string[] = [];
  /** Write units that the stores' requests have taken, as DynamoDB says. */
  const spent = { writeUnits: 0 };
  /** What the stores were allowed to do, by the roles that are deployed. */
  const granted: Granted[] = [];
  const now = { ms: Date.now() };

  /** Makes a store on the same tables; its own endpoint lets it go through a proxy. */
  const storeAt = ({
    endpoint = tables.endpoint,
    limits = {},
    // So that a busy machine sends the requests that a quiet one sends.
    lookupTimeoutMs = 30_000,
    role = 'api',
    denied = [],
    onAttemptError = () => {},
  }: StoreOptions): Store => {
    const client = createClient({
      region: 'us-east-1',
      endpoint,
      limits: { ...DEFAULT_CLIENT_LIMITS, ...limits },
    });
    intercept(client, async ({ operation, input }, send) => {
      requests.push(operation);
      input['ReturnConsumedCapacity'] = 'TOTAL';
      const answer = await send();
      const { ConsumedCapacity = [] } = answer.output as { ConsumedCapacity?: Capacity | Capacity[] };
      const isWrite = /Update|Put|Delete|Write/.test(operation);
      for (const { CapacityUnits = 0 } of isWrite ? [ConsumedCapacity].flat() : []) {
        spent.writeUnits += CapacityUnits;
      }
      return answer;
    });
    enforce(client, { role, tables, denied, granted });
    return createStore(new Connection(client, onAttemptError), tables, () => now.ms, lookupTimeoutMs);
  };

  /** All items that a table has of an account, in order. */
  const rows = async (table: keyof TableNames, account: string) => {
    const found: Item[] = [];
    const query = {
      TableName: tables[table],
      KeyConditionExpression: 'account = :account',
      ExpressionAttributeValues: { ':account': account },
      ConsistentRead: true,
    };
    for await (const { Items = [] } of paginateQuery({ client: direct }, query)) {
      found.push(...Items);
    }
    return found;
  };
  const putRow = async (table: keyof TableNames, content: Item) => {
    await direct.send(new PutCommand({ TableName: tables[table], Item: content }));
  };

  return {
    tables,
    store: storeAt({ limits: UNHURRIED }),
    requests,
    spent,
    granted,
    storeAt,
    /** The account's item. */
    item: async (account: string): Promise<Item | undefined> => {
      const read = new GetCommand({ TableName: tables.accounts, Key: { account }, ConsistentRead: true });
      return (await direct.send(read)).Item;
    },
    /** Puts an account's item in place, whole. */
    putItem: (content: Item) => putRow('accounts', content),
    rows,
    putRow,
    deleteRow: async (table: keyof TableNames, key: Item) => {
      await direct.send(new DeleteCommand({ TableName: tables[table], Key: key }));
    },
    now,
    /** Moves the clock on, by a millisecond unless the test says otherwise, and mints a key of that time. */
    mint: (afterMs = 1) => {
      now.ms += afterMs;
      return keyAt(now.ms);
    },
  };
}

interface Capacity {
  readonly CapacityUnits?: number;
}
