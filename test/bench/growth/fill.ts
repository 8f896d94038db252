import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { v7 } from 'uuid';
import { type Attributes, toAttributes } from '../../../functions/store/attributes.ts';
import { ATTRIBUTES, encodeRecorded } from '../../../functions/store/item.ts';
import { GrowthError } from './errors.ts';
import { inLanes } from './lanes.ts';

/** Most items of one BatchWriteItem. */
const BATCH = 25;

/** More do not make DynamoDB Local any faster, which writes them one after the other. */
const BATCHES_AT_ONCE = 4;

/** Accounts between two words about it, a multiple of the batch. */
const PROGRESS_EVERY = 10_000;

const TIMEOUT_MS = 30_000;

/** As many digits as balances keep during a run, so that items are as large at the end as at the beginning. */
const BALANCE_MINOR = 1_000_000_000n;

/** A number for a name, as long as any other: the names count in the size of items. */
export function padded(number: number): string {
  return String(number).padStart(8, '0');
}

export function accountName(index: number): string {
  return `account-${padded(index)}`;
}

/** Key of the one reply that a filled account remembers, the same whenever it is asked for. */
export function filledKey(mintedMs: number, index: number): string {
  const random = new Uint8Array(16);
  new DataView(random.buffer).setUint32(12, index);
  return v7({ msecs: mintedMs, random });
}

/**
 * Fills a table with accounts that hold money and remember one reply, as accounts do in the steady state: the next call
 * gives it back. They are written past the bank, which would take a thousand times as long over a million.
 */
export async function fillAccounts(
  endpoint: string,
  tableName: string,
  { count, mintedMs }: { readonly count: number; readonly mintedMs: number },
  onFilled: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const items = (from: number) =>
    Array.from({ length: Math.min(BATCH, count - from) }, (_, offset) =>
      itemOf(accountName(from + offset), filledKey(mintedMs, from + offset)),
    );
  await writeItems(endpoint, tableName, { count, items }, onFilled, signal);
}

/** Fills a table with accounts that hold money and remember nothing. */
export async function fundAccounts(
  endpoint: string,
  tableName: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const items = (from: number) => names.slice(from, from + BATCH).map((name) => itemOf(name));
  await writeItems(endpoint, tableName, { count: names.length, items }, () => undefined, signal);
}

function itemOf(account: string, key?: string): Attributes {
  const { call, reply } = encodeRecorded({
    kind: 'call',
    move: 'deposit',
    amountMinor: 10n,
    reply: { kind: 'executed', balanceMinor: BALANCE_MINOR },
  });
  return toAttributes({
    [ATTRIBUTES.account]: account,
    [ATTRIBUTES.balance]: BALANCE_MINOR,
    ...(key === undefined ? {} : { [ATTRIBUTES.call(key)]: call, [ATTRIBUTES.reply(key)]: reply }),
  });
}

async function writeItems(
  endpoint: string,
  tableName: string,
  { count, items }: { readonly count: number; readonly items: (from: number) => readonly Attributes[] },
  onFilled: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    requestHandler: { requestTimeout: TIMEOUT_MS, throwOnRequestTimeout: true },
  });
  const writeBatch = async (from: number) => {
    const requests = items(from).map((Item) => ({ PutRequest: { Item } }));
    const { UnprocessedItems = {} } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } }),
    );
    if (Object.keys(UnprocessedItems).length > 0) {
      throw new GrowthError('not_filled', `DynamoDB left accounts of ${tableName} unwritten`);
    }
    if (from % PROGRESS_EVERY === 0) onFilled(from);
  };
  let next = 0;
  const begin = () => {
    const from = next;
    next += BATCH;
    return from < count ? writeBatch(from) : undefined;
  };
  try {
    await inLanes(BATCHES_AT_ONCE, begin, signal);
  } finally {
    client.destroy();
  }
}
