import * as v from 'valibot';
import { timeLeftMsSchema } from '../../client/contract/schemas.ts';

/** Limits on how long a function works on a call. */
export interface DeadlineLimits {
  /** Longest time for a call, in milliseconds. It applies if the caller waits longer or does not say how long. */
  readonly maxTimeMs: number;
  /**
   * Most time that is kept back for the answer to travel, in milliseconds: an answer that arrives too late is worth nothing. If a tenth
   * of the time is less, that is kept back, so that a call with little time is still worked on.
   */
  readonly reserveMs: number;
}

export const DEFAULT_DEADLINE_LIMITS: DeadlineLimits = { maxTimeMs: 5000, reserveMs: 100 };

/**
 * How long the function may work on a call, in milliseconds; zero or less if no time is left. An invalid header is ignored, so that it
 * cannot cause a refusal.
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
