import { Duration } from 'aws-cdk-lib';
import {
  type IMetric,
  MathExpression,
  type MathExpressionOptions,
  Metric,
  type MetricOptions,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { NAMESPACE } from '../functions/metrics.ts';

export const MINUTE = Duration.minutes(1);

/** A metric: by default the sum of each minute, in the Region of its stack. */
export function metric(
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  options: MetricOptions = {},
): Metric {
  return new Metric({
    namespace,
    metricName,
    dimensionsMap,
    period: MINUTE,
    statistic: Stats.SUM,
    ...options,
  });
}

/** One of the bank's own metrics. */
export function bankMetric(bank: string, metricName: string, options?: MetricOptions): Metric {
  return metric(NAMESPACE, metricName, { bank }, options);
}

/** The sum of metrics. A metric without data counts as 0. */
export function sumOf(usingMetrics: Record<string, IMetric>, options: MathExpressionOptions): MathExpression {
  const expression = Object.keys(usingMetrics)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics, period: MINUTE, ...options });
}
