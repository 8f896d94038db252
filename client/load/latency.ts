import { createHistogram } from 'node:perf_hooks';

/** How long calls took. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

/** A histogram takes whole numbers from 1. */
const PER_MS = 1000;

/** Undefined when there were none. Apart from the rest of the load, because a browser has no histogram. */
export function latencyOf(durationsMs: readonly number[]): Latency | undefined {
  if (durationsMs.length === 0) {
    return undefined;
  }
  const histogram = createHistogram();
  for (const durationMs of durationsMs) {
    histogram.record(Math.max(1, Math.round(durationMs * PER_MS)));
  }
  const quantileMs = (percentile: number) => histogram.percentile(percentile) / PER_MS;
  return { p50Ms: quantileMs(50), p99Ms: quantileMs(99), worstMs: quantileMs(100) };
}
