/** Where CloudWatch puts the bank's metrics. */
export const NAMESPACE = 'Twinbank';

/** Units that the bank's metrics are in, in CloudWatch's words. */
type Unit = 'Count' | 'Milliseconds';

/** Metrics with the same dimensions. Their names are those of the log line's members. */
export interface MetricSet {
  readonly dimensions: readonly (readonly string[])[];
  readonly metrics: Readonly<Record<string, Unit>>;
}

/**
 * What the function behind the API counts. `bank` is the prefix of the deployment; `unanswered` leaves the health checks
 * out, which say nothing of what callers see.
 */
export const CALL_METRICS: readonly MetricSet[] = [
  {
    dimensions: [
      ['bank', 'operation'],
      ['bank', 'outcome'],
    ],
    metrics: { calls: 'Count' },
  },
  { dimensions: [['bank', 'operation']], metrics: { durationMs: 'Milliseconds' } },
  {
    dimensions: [['bank']],
    metrics: {
      unanswered: 'Count',
      headEntries: 'Count',
      conflicts: 'Count',
      throttles: 'Count',
    },
  },
];

/** What the sweep counts. `behindMs` is in every line, so its samples are the sweeps. */
export const SWEEP_METRICS: readonly MetricSet[] = [
  {
    dimensions: [['bank']],
    metrics: {
      behindMs: 'Milliseconds',
      oldestTransferMs: 'Milliseconds',
      transfers: 'Count',
      expired: 'Count',
      failed: 'Count',
      conflicts: 'Count',
      throttles: 'Count',
    },
  },
];

/**
 * The part of a log line that makes CloudWatch read metrics out of the others (its embedded metric format). So a call
 * costs one line and no request, and no library is needed for it.
 *
 * A member that the line does not have is left out, as the format's specification asks. Lines leave out what did not
 * happen: every byte of a log is paid for, and a metric only once it has a value.
 */
export function embeddedMetrics(
  line: Readonly<Record<string, unknown>>,
  sets: readonly MetricSet[],
  nowMs: number,
): { readonly _aws: object } {
  const directives = sets.map(({ dimensions, metrics }) => ({
    Namespace: NAMESPACE,
    Dimensions: dimensions,
    Metrics: Object.entries(metrics)
      .filter(([name]) => typeof line[name] === 'number')
      .map(([Name, Unit]) => ({ Name, Unit })),
  }));
  return {
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: directives.filter(({ Metrics }) => Metrics.length > 0),
    },
  };
}
