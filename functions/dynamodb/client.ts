import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { watchAttempts } from './fate.ts';

/** Limits of one call to DynamoDB. The caller's remaining time cuts it shorter still, by its AbortSignal. */
export interface ClientLimits {
  /** Longest wait for a connection, in milliseconds. */
  readonly connectionTimeoutMs: number;
  /** Longest wait for the answer of one HTTP attempt, in milliseconds. */
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

/**
 * Parts of the SDK that do something for every call and nothing for this one (`npm run bench`): the first copies inputs and
 * outputs, even for the logger that drops everything, which is the default; the second tells queues and topics how often a
 * message went round in a circle, which a table does not ask.
 */
const DISPENSABLE = ['loggerMiddleware', 'recursionDetectionMiddleware'];

/** Options of the client of one Region. */
export interface ClientOptions {
  readonly region: string;
  /** Where DynamoDB answers. Default: what the SDK finds by the Region and by its own environment variables. */
  readonly endpoint?: string;
  readonly limits?: ClientLimits;
  /** Hears the name of the error of each HTTP attempt that failed, retried or not. */
  readonly onAttemptError?: (errorName: string) => void;
}

/** Makes the DynamoDB client of one Region. */
export function createClient({
  region,
  endpoint,
  limits = DEFAULT_CLIENT_LIMITS,
  onAttemptError,
}: ClientOptions): DynamoDBClient {
  const agent = { keepAlive: true, maxSockets: limits.maxSockets };
  const client = new DynamoDBClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: limits.maxAttempts,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: limits.connectionTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      // Without this the SDK only logs a warning and goes on waiting for ever.
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
  for (const name of DISPENSABLE) {
    client.middlewareStack.remove(name);
  }
  watchAttempts(client, onAttemptError);
  return client;
}
