import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Store } from '../core/store.ts';
import { AccountsTable } from './accounts.ts';
import { ArchiveTable } from './archive.ts';

/** Names of the two tables. */
export interface TableNames {
  readonly accounts: string;
  readonly idempotency: string;
}

/** Outside of the alphabet of account names, so that a health check can never touch an account. */
const HEALTH_CHECK_ACCOUNT = '#health';

/**
 * The bank's store on DynamoDB. `nowMs` tells when archived replies expire, and which have; `inspects` whether the next
 * write brings the whole account back.
 */
export function createDynamoDbStore(
  client: DynamoDBClient,
  tables: TableNames,
  nowMs: () => number,
  inspects: () => boolean,
): Store {
  const accounts = new AccountsTable(client, tables.accounts);
  const archive = new ArchiveTable(client, tables.idempotency, nowMs);
  return {
    write: (change, signal) => accounts.write(change, inspects(), signal),
    acknowledge: (account, keys, signal) => accounts.acknowledge(account, keys, signal),
    markFull: (account, signal) => accounts.markFull(account, signal),
    read: (account, signal) => accounts.read(account, signal),
    readArchived: (subject, signal) => archive.read(subject, signal),
    archive: (account, replies, signal) => archive.write(account, replies, signal),
    dropArchived: (account, keys, signal) => accounts.dropArchived(account, keys, signal),
    remove: (account, seen, signal) => accounts.remove(account, seen, signal),
    checkHealth: async (signal) => {
      await accounts.read(HEALTH_CHECK_ACCOUNT, signal);
    },
  };
}
