import type { Context } from 'aws-lambda';
import type { SweepReport } from './bank/sweep.ts';
import type { DeployedBank } from './deployed-bank.ts';
import type { Log } from './log.ts';
import { embeddedMetrics, SWEEP_METRICS } from './metrics.ts';

export interface SweepHandlerParts {
  readonly deployed: Pick<DeployedBank, 'name' | 'rejectedRequests'>;
  readonly sweep: (
    signal: AbortSignal,
    onError: (account: string, error: unknown) => void,
  ) => Promise<SweepReport>;
  readonly log: Log;
  readonly nowMs: () => number;
}

/** Kept back for what is under way when the time is up, and to say what was done, in milliseconds. */
const RESERVE_MS = 5_000;

/** Makes the handler of one sweep: it logs one line, and fails when the sweep could not look. */
export function createSweepHandler({ deployed, sweep, log, nowMs }: SweepHandlerParts) {
  const { name, rejectedRequests } = deployed;
  const onError = (account: string, error: unknown) =>
    log.error('account not swept', { bank: name, account }, error);
  return async (_event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> => {
    const signal = AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - RESERVE_MS));
    try {
      const line = { bank: name, ...nonZeroCounts(await sweep(signal, onError)), ...rejectedRequests.take() };
      log.info('sweep', { ...line, ...embeddedMetrics(line, SWEEP_METRICS, nowMs()) });
    } catch (error) {
      log.error('sweep', { bank: name, ...rejectedRequests.take() }, error);
      throw error;
    }
  };
}

/** What did not happen is not named. How far the sweep is behind always is, because silence means that there was none. */
function nonZeroCounts({ behindMs, ...others }: SweepReport): Partial<SweepReport> {
  return { ...Object.fromEntries(Object.entries(others).filter(([, value]) => value > 0)), behindMs };
}
