import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Call, Contender, ContenderParts } from './contender.ts';
import { plainClient } from './plain-client.ts';

/** One unconditional UpdateItem. */
export function createBareContender({ endpoint, tables }: ContenderParts): Contender {
  const client = plainClient(endpoint);
  const { accounts } = tables.bare;
  return {
    name: 'bare',
    client,
    move: async (call) => ({
      kind: 'executed',
      balanceMinor: await addToBalance(client, accounts, call),
    }),
    balance: (account) => readBalance(client, accounts, account),
    close: () => client.destroy(),
  };
}

/** The amount as it changes the balance, in DynamoDB's form. */
export function changeOf({ move, amountMinor }: Call): { N: string } {
  return { N: String(move === 'deposit' ? amountMinor : -amountMinor) };
}

async function addToBalance(client: DynamoDBClient, TableName: string, call: Call): Promise<bigint> {
  const { Attributes } = await client.send(
    new UpdateItemCommand({
      TableName,
      Key: { account: { S: call.account } },
      UpdateExpression: 'SET #balance = if_not_exists(#balance, :zero) + :change',
      ExpressionAttributeNames: { '#balance': 'balance' },
      ExpressionAttributeValues: { ':zero': { N: '0' }, ':change': changeOf(call) },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  return balanceIn(Attributes) ?? 0n;
}

export async function readBalance(
  client: DynamoDBClient,
  TableName: string,
  account: string,
): Promise<bigint | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({ TableName, Key: { account: { S: account } }, ConsistentRead: true }),
  );
  return balanceIn(Item);
}

export function balanceIn(item: Record<string, AttributeValue> | undefined): bigint | undefined {
  const number = item?.['balance']?.N;
  return number === undefined ? undefined : BigInt(number);
}
