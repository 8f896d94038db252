import {
  type DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { changeOf, readBalance } from './bare.ts';
import type { Call, Contender, ContenderParts, Moved } from './contender.ts';
import { plainClient } from './plain-client.ts';

/** Tries of one call whose transaction met another one. */
const MAX_TRIES = 20;

/**
 * The balance, an entry and an idempotency item in one transaction. That the item is there already makes a retry known; what had
 * been answered is not told, because a transaction returns no values. A refusal cancels the transaction and is not recorded.
 */
export function createTransactionContender({ endpoint, tables }: ContenderParts): Contender {
  const client = plainClient(endpoint);
  const own = tables.transaction;
  return {
    name: 'transaction',
    client,
    move: async (call) => {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const moved = await tryToMove(client, own, call);
        if (moved !== 'conflict') return moved;
      }
      throw new Error(`a transaction met others ${MAX_TRIES} times`);
    },
    balance: (account) => readBalance(client, own.accounts, account),
    close: () => client.destroy(),
  };
}

async function tryToMove(
  client: DynamoDBClient,
  tables: ContenderParts['tables']['transaction'],
  call: Call,
): Promise<Moved | 'conflict'> {
  try {
    await client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Put: {
              TableName: tables.idempotency,
              Item: { id: { S: call.key }, call: { S: `${call.move} ${call.amountMinor}` } },
              ConditionExpression: 'attribute_not_exists(#id)',
              ExpressionAttributeNames: { '#id': 'id' },
            },
          },
          {
            Update: {
              TableName: tables.accounts,
              Key: { account: { S: call.account } },
              UpdateExpression: 'SET #balance = if_not_exists(#balance, :zero) + :change',
              ExpressionAttributeNames: { '#balance': 'balance' },
              ExpressionAttributeValues: {
                ':zero': { N: '0' },
                ':change': changeOf(call),
                ...(call.move === 'withdraw' ? { ':amount': { N: String(call.amountMinor) } } : {}),
              },
              ...(call.move === 'withdraw' ? { ConditionExpression: '#balance >= :amount' } : {}),
            },
          },
          {
            Put: {
              TableName: tables.entries,
              Item: { account: { S: call.account }, key: { S: call.key }, change: changeOf(call) },
            },
          },
        ],
      }),
    );
    return { kind: 'executed', balanceMinor: undefined };
  } catch (error) {
    return readCancellation(error);
  }
}

function readCancellation(error: unknown): Moved | 'conflict' {
  if (!(error instanceof TransactionCanceledException)) throw error;
  const [put, update] = error.CancellationReasons ?? [];
  if (put?.Code === 'ConditionalCheckFailed') return { kind: 'executed', balanceMinor: undefined };
  if (update?.Code === 'ConditionalCheckFailed') return { kind: 'refused' };
  if ([put?.Code, update?.Code].includes('TransactionConflict')) return 'conflict';
  throw error;
}
