import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** The limits of functions/dynamodb/client.ts, written out: this function imports nothing but the SDK. */
const agent = { keepAlive: true, maxSockets: 64 };
const client = new DynamoDBClient({
  maxAttempts: 3,
  retryMode: 'standard',
  requestHandler: {
    connectionTimeout: 500,
    requestTimeout: 800,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  },
});

/**
 * What the function is measured against: a deposit as one unguarded write. It checks nothing, and executes a retry
 * again.
 */
export async function handler({
  rawPath,
  body = '',
}: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const [, , account = ''] = rawPath.split('/');
  const { amount } = JSON.parse(body) as { amount: string };
  const { Attributes } = await client.send(
    new UpdateItemCommand({
      TableName: process.env['ACCOUNTS_TABLE'],
      Key: { account: { S: account } },
      UpdateExpression: 'ADD balance :amount',
      ExpressionAttributeValues: { ':amount': { N: amount } },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ account, balance: Attributes?.['balance']?.N }),
  };
}
