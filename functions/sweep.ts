import type { Context } from 'aws-lambda';
import type { SweepReport } from './bank/sweep.ts';
import { deployedBank } from './deployed-bank.ts';
import { createLog } from './log.ts';
import { embeddedMetrics, SWEEP_METRICS } from './metrics.ts';

/**
 * The scheduled function that does what is due: it drives transfers to their end that nobody retries, and ends holds that
 * have expired. It fails when it cannot look; an account that fails is counted, and the next sweep meets it again. Its
 * environment is that of `deployed-bank.ts`.
 */
const { info, error: fail } = createLog('sweep', Date.now);
const { name, bank, turnedAway } = deployedBank();

/** Kept back for what is under way when the time is up, and to say what was done, in milliseconds. */
const RESERVE_MS = 5_000;

export async function handler(
  _event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<void> {
  const signal = AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - RESERVE_MS));
  try {
    const line = { bank: name, ...whatHappened(await bank.sweep(signal)), ...turnedAway.take() };
    info('sweep', { ...line, ...embeddedMetrics(line, SWEEP_METRICS, Date.now()) });
  } catch (error) {
    fail('sweep', { bank: name, ...turnedAway.take() }, error);
    throw error;
  }
}

/** What did not happen is not named. How far the sweep is behind always is, because silence means that there was none. */
function whatHappened({ behindMs, ...others }: SweepReport): Partial<SweepReport> {
  return { ...Object.fromEntries(Object.entries(others).filter(([, value]) => value > 0)), behindMs };
}
