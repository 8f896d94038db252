import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** A new table takes 4,000 writes a second at first and is throttled above that, so patience is all that is needed. */
const MAX_ATTEMPTS = 12;
const REQUEST_TIMEOUT_MS = 10_000;

/** A client that has time. Where DynamoDB answers, it learns from the environment, as the SDK does. */
export function createPatientClient(region: string): DynamoDBClient {
  // The SDK warns of each Node release that its next major version drops, in the middle of the report.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return new DynamoDBClient({
    region,
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
}
