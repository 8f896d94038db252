/** How long to wait when every endpoint has failed: a random time from zero up to a bound. */
export interface BackoffOptions {
  /** Upper bound of the first wait, in milliseconds; it doubles with each round. Default 50. */
  readonly baseMs: number;
  /** Upper bound of any wait, in milliseconds. Default 1000. */
  readonly capMs: number;
}

/**
 * Full jitter: a random wait from zero up to a bound that doubles with each round. So clients that lost the same Region at the same moment
 * do not retry at the same moment.
 * See https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
 *
 * @param round 0 for the first wait
 * @param random a number from 0 up to 1
 * @example backoffDelayMs(2, { baseMs: 50, capMs: 1000 }, 0.5) // 100
 */
export function backoffDelayMs(round: number, { baseMs, capMs }: BackoffOptions, random: number): number {
  return random * Math.min(capMs, baseMs * 2 ** round);
}
