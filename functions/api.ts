import { createBank } from './bank/bank.ts';
import { deployedBank } from './deployed-bank.ts';
import { type CallLog, createHandler } from './http/handler.ts';
import { createLog } from './log.ts';
import { CALL_METRICS, embeddedMetrics } from './metrics.ts';

/**
 * The function behind the HTTP API. Everything is made once, when the function starts, so that calls share the connections to DynamoDB.
 * Its environment is that of `deployed-bank.ts`.
 */
const { info, error: fail } = createLog('bank', Date.now);
const { name, region, parts, rejectedRequests } = deployedBank();

const log: CallLog = (call, error) => {
  const line = {
    bank: name,
    ...call,
    calls: 1,
    ...(call.outcome === 'unavailable' && call.operation !== 'health' ? { unanswered: 1 } : {}),
    ...rejectedRequests.take(),
  };
  const withMetrics = { ...line, ...embeddedMetrics(line, CALL_METRICS, Date.now()) };
  if (error === undefined) {
    info('call', withMetrics);
  } else {
    fail('call', withMetrics, error);
  }
};

export const handler = createHandler({
  bank: createBank(parts),
  region,
  log,
  elapsedMs: () => performance.now(),
  nowMs: Date.now,
  abortAfter: (timeMs) => AbortSignal.timeout(timeMs),
});
