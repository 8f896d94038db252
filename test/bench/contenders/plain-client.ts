import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DEFAULT_CLIENT_LIMITS } from '../../../functions/dynamodb/client.ts';

/**
 * A client of DynamoDB with the same limits, connections, retries and credentials (those of the environment) as the bank's
 * own, and nothing else of it.
 */
export function plainClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient(plainOptions(endpoint));
}

export function plainOptions(endpoint: string): DynamoDBClientConfig {
  const { connectionTimeoutMs, requestTimeoutMs, maxAttempts, maxSockets } = DEFAULT_CLIENT_LIMITS;
  const agent = { keepAlive: true, maxSockets };
  return {
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
  };
}
