import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { CashMove } from '../../../client/contract/operations.ts';
import type { Subject } from '../../../functions/bank/append.ts';
import { DEFAULT_CLIENT_LIMITS } from '../../../functions/dynamodb/client.ts';
import type { ContenderTables } from './tables.ts';

/** A deposit or withdrawal under a key. */
export interface Call extends Subject {
  readonly operation: CashMove;
  readonly amountMinor: bigint;
  /** True when the caller has stored its key and may call again. It makes a difference to the bank only. */
  readonly mayRetry?: boolean;
}

/** What a contender answers to a call. */
export type Outcome =
  /** Without a balance where a further request would be needed to know it. */
  { readonly kind: 'executed'; readonly balanceMinor: bigint | undefined } | { readonly kind: 'refused' };

/** One way of keeping balances on DynamoDB. */
export interface Contender {
  /** The client of all its requests, so that they can be counted. */
  readonly client: DynamoDBClient;
  /** Throws what its library throws. */
  execute(call: Call): Promise<Outcome>;
  /** Reads a balance, strongly consistent. */
  balance(account: string): Promise<bigint | undefined>;
}

export interface ContenderOptions {
  readonly endpoint: string;
  readonly tables: ContenderTables;
}

/** What people would use instead of the bank, and what the bank is measured against. */
export const CONTENDERS = {
  bank: 'the bank',
  bare: 'bare UpdateItem',
  powertools: 'Powertools Idempotency',
  transaction: 'TransactWriteItems',
} as const;

export type ContenderName = keyof typeof CONTENDERS;

export const CONTENDER_NAMES = Object.keys(CONTENDERS) as readonly ContenderName[];

/** The function's limits, but for patience: on a busy machine a second attempt would be measured, and counted, as well. */
export const CLIENT_LIMITS = {
  ...DEFAULT_CLIENT_LIMITS,
  connectionTimeoutMs: 30_000,
  requestTimeoutMs: 30_000,
};

/** A client with the limits, connections and retries of the bank's, and without anything else that the bank does to it. */
export function plainClient(endpoint: string): DynamoDBClient {
  const { connectionTimeoutMs, requestTimeoutMs, maxAttempts, maxSockets } = CLIENT_LIMITS;
  const agent = { keepAlive: true, maxSockets };
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    maxAttempts,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
}

/** The amount with its sign, in DynamoDB's form. */
export function changeOf({ operation, amountMinor }: Call): { readonly N: string } {
  return { N: String(operation === 'deposit' ? amountMinor : -amountMinor) };
}

/** A change of the balance. With a guard, a withdrawal needs enough money. */
export function updateOf(TableName: string, call: Call, { isGuarded }: { readonly isGuarded: boolean }) {
  const needsMoney = isGuarded && call.operation === 'withdraw';
  return {
    TableName,
    Key: { account: { S: call.account } },
    UpdateExpression: 'SET #balance = if_not_exists(#balance, :zero) + :change',
    ExpressionAttributeNames: { '#balance': 'balance' },
    ExpressionAttributeValues: {
      ':zero': { N: '0' },
      ':change': changeOf(call),
      ...(needsMoney ? { ':amount': { N: String(call.amountMinor) } } : {}),
    },
    ...(needsMoney ? { ConditionExpression: '#balance >= :amount' } : {}),
  } satisfies UpdateItemCommandInput;
}

export async function readBalance(
  client: DynamoDBClient,
  TableName: string,
  account: string,
): Promise<bigint | undefined> {
  const read = new GetItemCommand({ TableName, Key: { account: { S: account } }, ConsistentRead: true });
  return balanceIn((await client.send(read)).Item);
}

export function balanceIn(item: Record<string, AttributeValue> | undefined): bigint | undefined {
  const number = item?.['balance']?.N;
  return number === undefined ? undefined : BigInt(number);
}
