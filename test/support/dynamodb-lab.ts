import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { moveToArchive } from '../../functions/core/archive.ts';
import type { Store } from '../../functions/core/store.ts';
import type { SweepStore } from '../../functions/core/sweep.ts';
import { type ClientLimits, createClient, DEFAULT_CLIENT_LIMITS } from '../../functions/store/client.ts';
import { createDynamoDbStore } from '../../functions/store/dynamodb.ts';
import { createSweepStore } from '../../functions/store/sweep.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { enforce, type Granted } from './enforcement.ts';
import { createTestTables, type TestTables } from './tables.ts';

/** A store on fresh tables of a real DynamoDB, and ways to look behind it. */
export interface Lab {
  readonly tables: TestTables;
  readonly store: Store;
  /** The HTTP requests that the store has sent, retries included, by operation. */
  readonly requests: string[];
  /** Makes a store on the same tables; its own endpoint lets it go through a proxy. */
  readonly storeAt: (options: {
    endpoint?: string;
    limits?: Partial<ClientLimits>;
    /** Actions that its role does not allow after all. */
    denied?: readonly string[];
    onAttemptError?: (errorName: string) => void;
    /** Whether the next write brings the whole account back. By default each does, so that housekeeping comes when it is due. */
    inspects?: () => boolean;
  }) => Store;
  /** What the store and the sweep were allowed to do, by the roles that are deployed. */
  readonly granted: readonly Granted[];
  /** The account's item as it lies in the table. */
  readonly item: (account: string) => Promise<Record<string, unknown> | undefined>;
  /** Puts an account's item in place, whole. */
  readonly putItem: (item: Record<string, unknown>) => Promise<void>;
  /** Moves the oldest replies of an account to the archive, however old they are. */
  readonly archiveOldest: (account: string, count: number) => Promise<void>;
  readonly sweepStore: SweepStore;
  /** The sweep's scan with pages of another size. */
  readonly scanPages: (pageItems: number) => SweepStore['scan'];
  readonly now: { ms: number };
}

/** A signal for calls that should not be cut short. */
export const patient = () => AbortSignal.timeout(30_000);

/**
 * Limits that no machine is too busy for: with those of a function, an answer that took 0.8 s is asked for again, and the
 * second write finds what the first one has done. A test that is about that makes a store of its own.
 */
const UNHURRIED = { connectionTimeoutMs: 30_000, requestTimeoutMs: 30_000 };

/** Makes a lab, on the DynamoDB of the run or on another. Its clock stands until the test moves `now.ms`. */
export async function createLab(endpoint?: string): Promise<Lab> {
  const tables = await createTestTables(endpoint);
  // Read by every client that is made from here on, the store's included.
  Object.assign(process.env, awsEnvironment(tables.endpoint, 'us-east-1'));
  const direct = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }), {
    unmarshallOptions: { wrapNumbers: BigInt },
  });
  const requests: string[] = [];
  const granted: Granted[] = [];
  const now = { ms: Date.now() };

  const storeAt: Lab['storeAt'] = ({
    endpoint = tables.endpoint,
    limits = {},
    denied = [],
    onAttemptError = () => {},
    inspects = () => true,
  }) => {
    const client = createClient({
      region: 'us-east-1',
      endpoint,
      limits: { ...DEFAULT_CLIENT_LIMITS, ...limits },
      onAttemptError,
    });
    client.middlewareStack.add(
      (next, context) => (args) => {
        requests.push(String(context.commandName));
        return next(args);
      },
      // Last of all, so that each HTTP attempt is counted and not only each call.
      { name: 'countRequests', step: 'finalizeRequest', priority: 'low' },
    );
    enforce(client, 'api', { tables, denied, granted });
    return createDynamoDbStore(client, tables, () => now.ms, inspects);
  };

  const item: Lab['item'] = async (account) =>
    (
      await direct.send(
        new GetCommand({ TableName: tables.accounts, Key: { account }, ConsistentRead: true }),
      )
    ).Item;

  const putItem: Lab['putItem'] = async (content) => {
    await direct.send(new PutCommand({ TableName: tables.accounts, Item: content }));
  };

  const store = storeAt({ limits: UNHURRIED });
  const archiveOldest: Lab['archiveOldest'] = async (account, count) => {
    const found = await store.read(account, patient());
    const oldest = [...(found?.recorded ?? [])]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .slice(0, count);
    await moveToArchive(store, account, new Map(oldest), patient());
  };

  const sweepClient = createClient({ region: 'us-east-1', endpoint: tables.endpoint });
  enforce(sweepClient, 'sweep', { tables, denied: [], granted });
  return {
    tables,
    store,
    requests,
    granted,
    storeAt,
    item,
    putItem,
    archiveOldest,
    now,
    sweepStore: createSweepStore(sweepClient, tables, () => now.ms),
    scanPages: (pageItems) => createSweepStore(sweepClient, tables, () => now.ms, pageItems).scan,
  };
}
