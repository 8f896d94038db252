import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { FUNCTION_TIMEOUT_MS } from '../../../infra/configuration.ts';
import {
  balanceIn,
  type Call,
  type Contender,
  type ContenderOptions,
  changeOf,
  type Outcome,
  plainClient,
  readBalance,
  updateOf,
} from './contender.ts';
import type { ContenderTables } from './tables.ts';

/** As long as the bank caches a reply. */
const EXPIRES_AFTER_SECONDS = 30 * 24 * 60 * 60;

/** Attempts of a transaction that conflicts with others. */
const MAX_ATTEMPTS = 20;

/** One unconditional UpdateItem: the floor. It overdraws an account, and executes a retry again. */
export function createBareContender({ endpoint, tables }: ContenderOptions): Contender {
  const client = plainClient(endpoint);
  const { accounts } = tables.bare;
  return {
    client,
    execute: async (call) => {
      const update = updateOf(accounts, call, { isGuarded: false });
      const { Attributes } = await client.send(
        new UpdateItemCommand({ ...update, ReturnValues: 'UPDATED_NEW' }),
      );
      return { kind: 'executed', balanceMinor: balanceIn(Attributes) };
    },
    balance: (account) => readBalance(client, accounts, account),
  };
}

/**
 * Lambda Powertools Idempotency around one conditional UpdateItem. A refusal is returned and not thrown, so that it is
 * recorded as well: Powertools deletes the record of a call that throws.
 */
export function createPowertoolsContender({ endpoint, tables }: ContenderOptions): Contender {
  const client = plainClient(endpoint);
  const { accounts, idempotency } = tables.powertools;
  const config = new IdempotencyConfig({ expiresAfterSeconds: EXPIRES_AFTER_SECONDS });
  // Without the remaining time Powertools never considers a call in progress as dead.
  config.registerLambdaContext({ getRemainingTimeInMillis: () => FUNCTION_TIMEOUT_MS } as Context);
  const persistenceStore = new DynamoDBPersistenceLayer({ tableName: idempotency, awsSdkV3Client: client });
  const execute = makeIdempotent(
    async (_key: string, call: Call) => ({ balance: await changeBalance(client, accounts, call) }),
    { persistenceStore, config, dataIndexArgument: 0 },
  );
  return {
    client,
    execute: async (call) => {
      const { balance } = await execute(call.key, call);
      return balance === 'refused'
        ? { kind: 'refused' }
        : { kind: 'executed', balanceMinor: BigInt(balance) };
    },
    balance: (account) => readBalance(client, accounts, account),
  };
}

/** Powertools records results as JSON, which has no bigint. */
async function changeBalance(client: DynamoDBClient, table: string, call: Call): Promise<string> {
  try {
    const update = updateOf(table, call, { isGuarded: true });
    const { Attributes } = await client.send(
      new UpdateItemCommand({ ...update, ReturnValues: 'UPDATED_NEW' }),
    );
    return String(balanceIn(Attributes));
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return 'refused';
    }
    throw error;
  }
}

/**
 * The balance, an entry and an idempotency record in one transaction, which returns no values: a retry learns that it was
 * executed, and not with which balance. A refusal cancels the transaction and is not recorded. Tables that are strongly
 * consistent across Regions do not offer transactions.
 */
export function createTransactionContender({ endpoint, tables }: ContenderOptions): Contender {
  const client = plainClient(endpoint);
  const own = tables.transaction;
  return {
    client,
    execute: async (call) => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const outcome = await tryTransaction(client, own, call);
        if (outcome !== 'conflict') {
          return outcome;
        }
      }
      throw new Error(`a transaction conflicted with others ${MAX_ATTEMPTS} times`);
    },
    balance: (account) => readBalance(client, own.accounts, account),
  };
}

async function tryTransaction(
  client: DynamoDBClient,
  { idempotency, accounts, entries }: ContenderTables['transaction'],
  call: Call,
): Promise<Outcome | 'conflict'> {
  const record = {
    TableName: idempotency,
    Item: { id: { S: call.key }, call: { S: `${call.operation} ${call.amountMinor}` } },
    ConditionExpression: 'attribute_not_exists(id)',
  };
  const entry = {
    TableName: entries,
    Item: { account: { S: call.account }, key: { S: call.key }, change: changeOf(call) },
  };
  const update = updateOf(accounts, call, { isGuarded: true });
  try {
    const TransactItems = [{ Put: record }, { Update: update }, { Put: entry }];
    await client.send(new TransactWriteItemsCommand({ TransactItems }));
    return { kind: 'executed', balanceMinor: undefined };
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) {
      throw error;
    }
    const [recorded, updated] = (error.CancellationReasons ?? []).map(({ Code }) => Code);
    if (recorded === 'ConditionalCheckFailed') {
      return { kind: 'executed', balanceMinor: undefined };
    }
    if (updated === 'ConditionalCheckFailed') {
      return { kind: 'refused' };
    }
    if ([recorded, updated].includes('TransactionConflict')) {
      return 'conflict';
    }
    throw error;
  }
}
