import type { Latencies, Measured } from './results.ts';

/** What stands for a number that was measured many times. Throws RangeError when it never was. */
export function measured(samples: readonly number[]): Measured {
  const sorted = sort(samples);
  return {
    median: quantile(sorted, 0.5),
    p10: quantile(sorted, 0.1),
    p90: quantile(sorted, 0.9),
    samples: sorted.length,
  };
}

/** Sums up the latencies of calls, in milliseconds. Throws RangeError when there were none. */
export function latencies(samplesMs: readonly number[]): Latencies {
  const sorted = sort(samplesMs);
  return {
    p50Ms: quantile(sorted, 0.5),
    p90Ms: quantile(sorted, 0.9),
    p99Ms: quantile(sorted, 0.99),
    maxMs: quantile(sorted, 1),
    calls: sorted.length,
  };
}

function sort(samples: readonly number[]): readonly number[] {
  if (samples.length === 0 || !samples.every(Number.isFinite)) {
    throw new RangeError(`statistics need numbers, one at least, and not [${samples.join(', ')}]`);
  }
  return samples.toSorted((one, other) => one - other);
}

/** The quantile by R-7 of Hyndman and Fan (1996): linear between the two samples next to it, as R, NumPy and Excel take it. */
function quantile(sorted: readonly number[], part: number): number {
  const place = (sorted.length - 1) * part;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
