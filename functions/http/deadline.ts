import * as v from 'valibot';
import { timeLeftMsSchema } from '../../client/contract/schemas.ts';

/** Limits on how long a call may take inside a function. */
export interface DeadlineLimits {
  /** Longest time for a call whose caller does not say how long it waits, and for one that says more, in milliseconds. */
  readonly maxTimeMs: number;
  /**
   * Most that is kept back for the answer to travel, in milliseconds: an answer that arrives after the caller left is
   * worth nothing. It is a tenth of a shorter time, so that an impatient caller is still served.
   */
  readonly reserveMs: number;
}

export const DEFAULT_DEADLINE_LIMITS: DeadlineLimits = { maxTimeMs: 5000, reserveMs: 100 };

/**
 * How long the function may work on a call, in milliseconds; zero or less when there is no time left at all. A header
 * that is not a whole number is ignored: it must not be a way to make the bank refuse money.
 */
export function timeToWorkMs(
  timeLeftHeader: string | undefined,
  functionTimeLeftMs: number,
  limits: DeadlineLimits = DEFAULT_DEADLINE_LIMITS,
): number {
  const callerTimeLeftMs = v.is(timeLeftMsSchema, timeLeftHeader) ? Number(timeLeftHeader) : limits.maxTimeMs;
  const timeLeftMs = Math.min(callerTimeLeftMs, functionTimeLeftMs, limits.maxTimeMs);
  // A whole number, because timers take no other.
  return Math.floor(timeLeftMs - Math.min(limits.reserveMs, timeLeftMs / 10));
}
