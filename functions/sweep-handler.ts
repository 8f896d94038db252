import type { Context } from 'aws-lambda';
import { type SweepReport, sweep } from './bank/sweep.ts';
import type { DeployedBank } from './deployed-bank.ts';
import type { Log } from './log.ts';
import { embeddedMetrics, SWEEP_METRICS } from './metrics.ts';

/** Time that is kept back to finish requests in flight and to log the report, in milliseconds. */
const RESERVE_MS = 5_000;

/**
 * Makes the handler of a sweep. It logs one line, and fails if the sweep could not read the index. `run` is the sweep itself; tests
 * replace it.
 */
export function createSweepHandler({ name, parts, rejectedRequests }: DeployedBank, log: Log, run = sweep) {
  const onError = (account: string, error: unknown) =>
    log.error('account not swept', { bank: name, account }, error);
  return async (_event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> => {
    const signal = AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - RESERVE_MS));
    try {
      const report = await run(parts, signal, onError);
      const line = { bank: name, ...nonZeroCounts(report), ...rejectedRequests.take() };
      log.info('sweep', { ...line, ...embeddedMetrics(line, SWEEP_METRICS, parts.nowMs()) });
    } catch (error) {
      log.error('sweep', { bank: name, ...rejectedRequests.take() }, error);
      throw error;
    }
  };
}

/** Leaves out counts of 0. `behindMs` is always logged, because the alarm treats a missing value as a missing sweep. */
function nonZeroCounts({ behindMs, ...others }: SweepReport): Partial<SweepReport> {
  return { ...Object.fromEntries(Object.entries(others).filter(([, value]) => value > 0)), behindMs };
}
