import * as v from 'valibot';
import { timeLeftMsSchema } from '../../client/contract/schemas.ts';

/** Longest time for a call, in milliseconds. It applies if the caller waits longer or does not say how long. */
const MAX_TIME_MS = 5000;

/**
 * Most time that is kept back for the answer to travel, in milliseconds: an answer that arrives too late is worth nothing. If a tenth of the
 * time is less, that is kept back, so that a call with little time is still worked on.
 */
const RESERVE_MS = 100;

/**
 * How long the function may work on a call, in milliseconds; zero or less if no time is left. An invalid header is ignored, so that it
 * cannot cause a refusal.
 */
export function timeToWorkMs(timeLeftHeader: string | undefined, functionTimeLeftMs: number): number {
  const callerTimeLeftMs = v.is(timeLeftMsSchema, timeLeftHeader) ? Number(timeLeftHeader) : MAX_TIME_MS;
  const timeLeftMs = Math.min(callerTimeLeftMs, functionTimeLeftMs, MAX_TIME_MS);
  // A whole number, because timers take no other.
  return Math.floor(timeLeftMs - Math.min(RESERVE_MS, timeLeftMs / 10));
}
