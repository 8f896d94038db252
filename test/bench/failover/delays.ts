import { chanceFrom } from '../../../infra/drill/chance.ts';

/** What a slow Region adds to a request: the median and the 99th percentile, in milliseconds. */
export const SLOW = { medianMs: 20, p99Ms: 2000 } as const;

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

/**
 * Delays in milliseconds, log-normal: most requests are nearly as fast as ever and a few take very long, as when a server
 * has queues. The same for the same seed.
 */
export function delaysFrom(seed: number): () => number {
  const chance = chanceFrom(seed);
  const sigma = Math.log(SLOW.p99Ms / SLOW.medianMs) / Z99;
  return () => SLOW.medianMs * Math.exp(sigma * normalFrom(chance));
}

/** Each trial has delays of its own. */
export function slowSeed(seed: number, trial: number): number {
  return seed + trial;
}

/** A number of the standard normal distribution (Box and Muller, 1958). */
function normalFrom(chance: () => number): number {
  // From above 0 up to 1: the logarithm of 0 would delay a request for ever.
  const radius = Math.sqrt(-2 * Math.log(1 - chance()));
  return radius * Math.cos(2 * Math.PI * chance());
}
