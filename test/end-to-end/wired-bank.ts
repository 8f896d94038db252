import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { stringify } from 'uuid';
import { vi } from 'vitest';
import { BankClient, type BankClientOptions } from '../../client/index.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { Supervisor } from '../../infra/local/supervisor.ts';
import { BankLab, FIRST, SECOND } from '../support/bank-lab.ts';
import { PASS, type ProxiedRequest, startFaultProxy } from '../support/fault-proxy.ts';
import type { Reached } from '../support/late-copies.ts';

/** A Region and the network before it. */
export interface Door extends Reached {
  readonly region: string;
}

export type WiredBank = Awaited<ReturnType<typeof startWiredBank>>;

/**
 * Starts the local bank with all its processes, on a DynamoDB of its own, and networks that fail on command: before each Region, and
 * before DynamoDB.
 */
export async function startWiredBank() {
  vi.stubEnv('DYNAMODB_ENDPOINT', '');
  const supervisor = await Supervisor.start({ dataFolder: null });
  const table = { url: supervisor.endpoint, network: await startFaultProxy(supervisor.endpoint) };
  const lab = new BankLab();
  const bank = await lab.start(null, [], { DYNAMODB_ENDPOINT: table.network.url });
  await bank.ready();
  const open = async (region: string): Promise<Door> => {
    const { url } = bank.region(region);
    return { region, url, network: await startFaultProxy(url) };
  };
  const doors = [await open(FIRST), await open(SECOND)] as const;
  Object.assign(process.env, awsEnvironment(supervisor.endpoint, FIRST));
  const tables = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
    unmarshallOptions: { wrapNumbers: BigInt },
  });
  const { TableNames = [] } = await tables.send(new ListTablesCommand({}));
  const tableOf = (kind: 'accounts' | 'idempotency') => TableNames.find((name) => name.endsWith(`-${kind}`));
  const networks = [table, ...doors].map(({ network }) => network);
  const clientOf = (urlOf: (door: Door) => string, options: Partial<BankClientOptions> = {}) =>
    new BankClient({
      endpoints: doors.map((door) => ({ region: door.region, url: urlOf(door) })),
      ...options,
    });
  return {
    bank,
    doors,
    /** DynamoDB, and the network between it and both Regions; {@link regionOf} gives the Region that a request comes from. */
    table,
    /** A client that knows both Regions themselves. */
    client: (options?: Partial<BankClientOptions>) => clientOf(({ url }) => url, options),
    /** A client that knows the networks before both Regions. */
    clientThroughNetworks: (options?: Partial<BankClientOptions>) =>
      clientOf(({ network }) => network.url, options),
    /** A client that knows one Region and no other. */
    clientOfOne: ({ region, url }: Door, options?: Partial<BankClientOptions>) =>
      new BankClient({ endpoints: [{ region, url }], ...options }),
    /** The account's item as it lies in the table. */
    item: async (account: string): Promise<Record<string, unknown> | undefined> => {
      const read = new GetCommand({ TableName: tableOf('accounts'), Key: { account }, ConsistentRead: true });
      return (await tables.send(read)).Item;
    },
    /** Removes a cached reply, as DynamoDB does when its time has come. */
    forgetCached: async (account: string, key: string) => {
      await tables.send(new DeleteCommand({ TableName: tableOf('idempotency'), Key: { account, key } }));
    },
    /** Lets everything through again and starts what is down. */
    heal: async () => {
      for (const network of networks) {
        network.decide = () => PASS;
      }
      await bank.heal(FIRST, SECOND);
    },
    [Symbol.asyncDispose]: async () => {
      await lab.close();
      await Promise.all(networks.map((network) => network[Symbol.asyncDispose]()));
      tables.destroy();
      await supervisor.stop();
    },
  };
}

/** The Region whose function sent a request to DynamoDB: it is in the scope of the signature. */
export function regionOf({ headers }: ProxiedRequest): string | undefined {
  return /Credential=[^/]+\/\d+\/([a-z0-9-]+)\//.exec(headers.authorization ?? '')?.[1];
}

/** True for the conditional write of an entry. */
export function isWrite({ headers, body }: ProxiedRequest): boolean {
  return String(headers['x-amz-target']).endsWith('.UpdateItem') && body.includes('list_append');
}

/** Keys whose entries an account's item holds, oldest first. */
export function keysIn(item: Record<string, unknown> | undefined): string[] {
  const keys = (item?.['keys'] ?? []) as readonly Uint8Array[];
  return keys.map((bytes) => stringify(bytes));
}
