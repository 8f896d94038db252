import { Logger } from '@aws-lambda-powertools/logger';
import { createBank } from './core/bank.ts';
import { type CallLog, createHandler } from './edge/handler.ts';
import { environment } from './environment.ts';
import { createClient } from './store/client.ts';
import { createDynamoDbStore } from './store/dynamodb.ts';

/**
 * The function behind the HTTP API. Everything is made once, when the function starts: a call finds the connection to
 * DynamoDB open.
 *
 * Environment: `AWS_REGION` (set by Lambda), `ACCOUNTS_TABLE`, `IDEMPOTENCY_TABLE`.
 */
const logger = new Logger({ serviceName: 'bank' });

const log: CallLog = (line, error) => {
  if (error === undefined) {
    logger.info('call', { ...line });
  } else {
    logger.error('call', { ...line, error: error instanceof Error ? error : String(error) });
  }
};

const region = environment('AWS_REGION');
const store = createDynamoDbStore(
  createClient({ region }),
  { accounts: environment('ACCOUNTS_TABLE'), idempotency: environment('IDEMPOTENCY_TABLE') },
  Date.now,
);

export const handler = createHandler({
  bank: createBank(store, Date.now),
  region,
  log,
  elapsedMs: () => performance.now(),
});
