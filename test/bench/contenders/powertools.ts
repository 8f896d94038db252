import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { FUNCTION_TIMEOUT_MS } from '../../../infra/configuration.ts';
import { balanceIn, changeOf, readBalance } from './bare.ts';
import type { Call, Contender, ContenderParts } from './contender.ts';
import { plainClient } from './plain-client.ts';

/** As long as the bank remembers. */
const EXPIRES_AFTER_SECONDS = 30 * 24 * 60 * 60;

/**
 * Lambda Powertools Idempotency around one UpdateItem. A refusal is returned, not thrown, so that it is recorded as well:
 * what is thrown, Powertools forgets.
 */
export function createPowertoolsContender({ endpoint, tables }: ContenderParts): Contender {
  const client = plainClient(endpoint);
  const { accounts, idempotency } = tables.powertools;
  const config = new IdempotencyConfig({ expiresAfterSeconds: EXPIRES_AFTER_SECONDS });
  // Only from the time that the function has left Powertools knows when a call in progress must have died.
  config.registerLambdaContext({ getRemainingTimeInMillis: () => FUNCTION_TIMEOUT_MS } as Context);
  const move = makeIdempotent(
    async (_key: string, call: Call): Promise<{ balance: string | null }> => ({
      balance: await changeBalance(client, accounts, call),
    }),
    {
      persistenceStore: new DynamoDBPersistenceLayer({ tableName: idempotency, awsSdkV3Client: client }),
      config,
      dataIndexArgument: 0,
    },
  );
  return {
    name: 'powertools',
    client,
    move: async (call) => {
      const { balance } = await move(call.key, call);
      return balance === null ? { kind: 'refused' } : { kind: 'executed', balanceMinor: BigInt(balance) };
    },
    balance: (account) => readBalance(client, accounts, account),
    close: () => client.destroy(),
  };
}

/** The new balance, or null when there is too little money. */
async function changeBalance(client: DynamoDBClient, TableName: string, call: Call): Promise<string | null> {
  try {
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName,
        Key: { account: { S: call.account } },
        UpdateExpression: 'SET #balance = if_not_exists(#balance, :zero) + :change',
        ExpressionAttributeNames: { '#balance': 'balance' },
        ExpressionAttributeValues: {
          ':zero': { N: '0' },
          ':change': changeOf(call),
          ...(call.move === 'withdraw' ? { ':amount': { N: String(call.amountMinor) } } : {}),
        },
        ...(call.move === 'withdraw' ? { ConditionExpression: '#balance >= :amount' } : {}),
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return String(balanceIn(Attributes));
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return null;
    throw error;
  }
}
