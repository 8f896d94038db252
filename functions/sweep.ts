import type { Context } from 'aws-lambda';
import { type SweepReport, sweep } from './core/sweep.ts';
import { environment } from './environment.ts';
import { createLog } from './log.ts';
import { embeddedMetrics, SWEEP_METRICS } from './metrics.ts';
import { createClient } from './store/client.ts';
import { createSweepStore } from './store/sweep.ts';

/**
 * The scheduled function that goes through all accounts. It says what it did in one log line and as metrics, and goes
 * on at the next schedule where its time ran out.
 *
 * Environment: `AWS_REGION` (set by Lambda), `BANK`, `ACCOUNTS_TABLE`, `IDEMPOTENCY_TABLE`.
 */
const { info } = createLog('sweep', Date.now);
const bank = environment('BANK');

/** Parts of the table that are gone through side by side. Each works on one account at a time, so writes stay few. */
const SEGMENTS = 4;

/** Kept back for the account that is being worked on when time runs out, in milliseconds. */
const RESERVE_MS = 10_000;

const store = createSweepStore(
  createClient({ region: environment('AWS_REGION') }),
  { accounts: environment('ACCOUNTS_TABLE'), idempotency: environment('IDEMPOTENCY_TABLE') },
  Date.now,
);

/** Runs one sweep, within the time that Lambda gives it. */
export async function handler(
  _event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<SweepReport> {
  const startedMs = performance.now();
  const report = await sweep({
    store,
    segments: SEGMENTS,
    nowMs: Date.now,
    hasTime: () => context.getRemainingTimeInMillis() > RESERVE_MS,
    signal: AbortSignal.timeout(Math.max(1, Math.floor(context.getRemainingTimeInMillis()) - 1000)),
  });
  const durationMs = Math.round(performance.now() - startedMs);
  const line = { bank, job: 'sweep', ...report, durationMs };
  info('sweep', { ...line, ...embeddedMetrics(line, SWEEP_METRICS, Date.now()) });
  return report;
}
