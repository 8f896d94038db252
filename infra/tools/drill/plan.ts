/** How long each part of a drill takes, in milliseconds. */
export interface Plan {
  /** Time before the fault. */
  readonly beforeMs: number;
  /** Longest duration of the fault. It may end earlier by itself. */
  readonly faultMs: number;
  /** Shortest and longest time to wait, after the fault, for the calls to return to their preferred Region. */
  readonly afterAtLeastMs: number;
  readonly afterAtMostMs: number;
  /** Longest time to resolve unknown outcomes, to retry, and to read balances and statements, each. A Region may still be catching up. */
  readonly verifyMs: number;
}

/** The effects of a fault may last for a while, however short the drill was. */
const VERIFY_AT_LEAST_MS = 60_000;

/** Divides the time: a tenth before the fault, seven tenths with it, and at most two tenths until the calls are back. */
export function planOf(minutes: number): Plan {
  const tenthMs = minutes * 6000;
  return {
    beforeMs: tenthMs,
    faultMs: 7 * tenthMs,
    afterAtLeastMs: tenthMs / 2,
    afterAtMostMs: 2 * tenthMs,
    verifyMs: Math.max(VERIFY_AT_LEAST_MS, 2 * tenthMs),
  };
}
