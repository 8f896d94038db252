import { createBank } from './bank/bank.ts';
import { createClient } from './dynamodb/client.ts';
import { createStore } from './dynamodb/store.ts';
import { environment, timeIn } from './environment.ts';
import { type CallLog, createHandler } from './http/handler.ts';
import { createLog } from './log.ts';
import { CALL_METRICS, embeddedMetrics } from './metrics.ts';
import { Tally } from './tally.ts';

/**
 * The function behind the HTTP API. Everything is made once, when the function starts: a call finds the connection to
 * DynamoDB open.
 *
 * Environment: `AWS_REGION` (set by Lambda), `BANK`, `ACCOUNTS_TABLE`, `PAGES_TABLE`, `IDEMPOTENCY_TABLE`, and `KEYS_NOT_BEFORE` where a
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
const store = createStore(
  createClient({ region, onAttemptError: turnedAway.count }),
  {
    accounts: environment('ACCOUNTS_TABLE'),
    pages: environment('PAGES_TABLE'),
    idempotency: environment('IDEMPOTENCY_TABLE'),
  },
  Date.now,
);

export const handler = createHandler({
  bank: createBank({ store, nowMs: Date.now, keysNotBeforeMs: timeIn('KEYS_NOT_BEFORE') }),
  region,
  log,
  elapsedMs: () => performance.now(),
  nowMs: Date.now,
  abortAfter: (timeMs) => AbortSignal.timeout(timeMs),
});
