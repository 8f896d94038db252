import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** Limits of one request to DynamoDB. The AbortSignal of the caller can end it sooner. */
export interface ClientLimits {
  /** Longest wait for a connection, in milliseconds. */
  readonly connectionTimeoutMs: number;
  /** Longest wait for the response headers of one HTTP attempt, and then for more of its body, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Most HTTP attempts of one request, including the first. */
  readonly maxAttempts: number;
  /** Most sockets that are open to DynamoDB. */
  readonly maxSockets: number;
}

/**
 * Two attempts fit into the 2 s that `BankClient` waits for one attempt by default. A strongly consistent write across Regions takes some
 * tens of milliseconds. After 800 ms something is wrong, and a second attempt on another connection is worth more than further waiting.
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
  /** URL of DynamoDB. Default: the SDK's, from the Region and its environment variables. */
  readonly endpoint?: string;
  readonly limits?: ClientLimits;
  /** Credentials that sign the requests. Default: those that the SDK finds; in a bundle, those in the environment. */
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
      // The one above ends with the headers. A connection that then hangs would take all the time that the caller has.
      socketTimeout: limits.requestTimeoutMs,
      // Without this the SDK only logs a warning and waits without a limit.
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
}
