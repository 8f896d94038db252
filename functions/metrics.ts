/** CloudWatch namespace of the bank's metrics. */
export const NAMESPACE = 'Twinbank';

/** CloudWatch's names of the units. */
type Unit = 'Count' | 'Milliseconds';

/** Metrics with the same dimensions. Each has the name of a member of the log line. */
export interface MetricSet {
  readonly dimensions: readonly (readonly string[])[];
  readonly metrics: Readonly<Record<string, Unit>>;
}

/**
 * The metrics of the function behind the API. `bank` is the prefix of the deployment. `unanswered` leaves out health checks, because no
 * caller waits for them.
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

/** The metrics of the sweep. `behindMs` is in every line, so its sample count is the number of sweeps. */
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
 * The member of a log line that makes CloudWatch read metrics from the others (embedded metric format). So metrics cost no request and need
 * no library.
 *
 * Metrics that the line does not have are left out, as the format requires. Lines leave out counts of 0, because every byte of a log costs
 * money, and a metric costs money only once it has a value.
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
