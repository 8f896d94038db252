import { createBank } from './core/bank.ts';
import { WRITES_PER_INSPECTION } from './core/limits.ts';
import { type CallLog, createHandler } from './edge/handler.ts';
import { environment, timeIn } from './environment.ts';
import { createLog } from './log.ts';
import { CALL_METRICS, embeddedMetrics } from './metrics.ts';
import { createClient } from './store/client.ts';
import { createDynamoDbStore } from './store/dynamodb.ts';
import { Tally } from './tally.ts';

/**
 * The function behind the HTTP API. Everything is made once, when the function starts: a call finds the connection to
 * DynamoDB open.
 *
 * Environment: `AWS_REGION` (set by Lambda), `BANK`, `ACCOUNTS_TABLE`, `IDEMPOTENCY_TABLE`, and `KEYS_NOT_BEFORE` where a
 * bank was restored.
 */
const { info, error: fail } = createLog('bank', Date.now);
const bank = environment('BANK');
const turnedAway = new Tally();

const log: CallLog = (call, error) => {
  const line = {
    bank,
    ...call,
    calls: 1,
    ...(call.outcome === 'unavailable' && call.operation !== 'health' ? { unanswered: 1 } : {}),
    ...(call.housekeeping === undefined ? {} : { housekeepingFailures: 1 }),
    ...turnedAway.take(),
  };
  const withMetrics = { ...line, ...embeddedMetrics(line, CALL_METRICS, Date.now()) };
  if (error === undefined) {
    info('call', withMetrics);
  } else {
    fail('call', withMetrics, error);
  }
};

const region = environment('AWS_REGION');
const store = createDynamoDbStore(
  createClient({ region, onAttemptError: turnedAway.count }),
  { accounts: environment('ACCOUNTS_TABLE'), idempotency: environment('IDEMPOTENCY_TABLE') },
  Date.now,
  () => Math.random() * WRITES_PER_INSPECTION < 1,
);

export const handler = createHandler({
  bank: createBank(store, Date.now, timeIn('KEYS_NOT_BEFORE')),
  region,
  log,
  elapsedMs: () => performance.now(),
  abortAfter: (timeMs) => AbortSignal.timeout(timeMs),
});
