import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** Limits of one call to DynamoDB. The caller's remaining time cuts it shorter still, by its AbortSignal. */
export interface ClientLimits {
  /** Longest wait for a connection, in milliseconds. */
  readonly connectionTimeoutMs: number;
  /** Longest wait for the head of the answer of one HTTP attempt, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** HTTP attempts of one call, the first included. */
  readonly maxAttempts: number;
  /** Sockets kept open to DynamoDB. */
  readonly maxSockets: number;
}

/**
 * Two attempts fit into the client's default attempt timeout of 2 s. A strongly consistent write across Regions takes
 * some tens of milliseconds, so 800 ms means that something is wrong, and a second attempt on another connection is
 * worth more than further waiting.
 */
export const DEFAULT_CLIENT_LIMITS: ClientLimits = {
  connectionTimeoutMs: 500,
  requestTimeoutMs: 800,
  maxAttempts: 3,
  maxSockets: 64,
};

/** Options of the client of one Region. */
export interface ClientOptions {
  readonly region: string;
  /** Where DynamoDB answers. Default: what the SDK finds by the Region and by its own environment variables. */
  readonly endpoint?: string;
  readonly limits?: ClientLimits;
  /** What its requests are signed with. Default: what the SDK finds by its own rules; in a bundle, what the environment has. */
  readonly credentials?: DynamoDBClientConfig['credentials'];
}

/** Makes the DynamoDB client of one Region. */
export function createClient({
  region,
  endpoint,
  credentials,
  limits = DEFAULT_CLIENT_LIMITS,
}: ClientOptions): DynamoDBClient {
  const agent = { keepAlive: true, maxSockets: limits.maxSockets };
  return new DynamoDBClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: limits.maxAttempts,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: limits.connectionTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      // Without this the SDK only logs a warning and goes on waiting indefinitely.
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
}
