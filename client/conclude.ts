import type { CallLimits, CallResult } from './call.ts';
import { OutcomeUnknownError, RefusedError, UnavailableError } from './errors.ts';

/** The bank took the key for one from the future or the distant past. */
export function isOfTime<T>(result: CallResult<T>): boolean {
  return (
    result.kind === 'refused' &&
    (result.refusal.code === 'key_in_future' || result.refusal.code === 'key_expired')
  );
}

/** The bank refused the key for its time, executed nothing under it, and told its own time. */
export function isClockProblem<T>(
  result: CallResult<T>,
): result is Extract<CallResult<T>, { kind: 'refused' }> & { bankTimeMs: number } {
  return (
    isOfTime(result) &&
    result.kind === 'refused' &&
    result.executed === 'no' &&
    result.bankTimeMs !== undefined
  );
}

/** Farther than this from the bank's time, a signature or a key may have been turned away for its time: 5 minutes are allowed. */
const MAX_CLOCK_ERROR_MS = 60_000;

/** The bank's time is not ours: a refusal may come from that alone. */
export function isOfAnotherTime(bankTimeMs: number | undefined, nowMs: number): bankTimeMs is number {
  return bankTimeMs !== undefined && Math.abs(bankTimeMs - nowMs) > MAX_CLOCK_ERROR_MS;
}

/**
 * The gateway turned the request away before anything had happened, and its clock is not ours: the signature may only
 * have been of another time. Worth one more attempt, signed at the time of the answer.
 */
export function isStaleSignature<T>(
  result: CallResult<T>,
  nowMs: number,
): result is Extract<CallResult<T>, { kind: 'refused' }> & { bankTimeMs: number } {
  return (
    result.kind === 'refused' &&
    result.executed === 'no' &&
    result.refusal.code === 'not_authorized' &&
    isOfAnotherTime(result.bankTimeMs, nowMs)
  );
}

/** Turns the end of a call that may change something into its value, or into the error that says what became of it. */
export function conclude<T extends object>(
  result: CallResult<T>,
  key: string,
  { signal }: CallLimits,
): T & { region: string } {
  switch (result.kind) {
    case 'answered':
      return { ...result.value, region: result.region };
    case 'refused':
      throw result.executed === 'no'
        ? refusedError(result, key)
        : new OutcomeUnknownError(key, result.failures, { cause: refusedError(result, key) });
    case 'gave_up': {
      const failure = result.executed === 'unknown' ? OutcomeUnknownError : UnavailableError;
      throw new failure(key, result.failures, reasonOf(result, key, signal));
    }
  }
}

export function refusedError(
  { refusal, region }: Pick<Extract<CallResult<unknown>, { kind: 'refused' }>, 'refusal' | 'region'>,
  key: string | undefined,
): RefusedError {
  return new RefusedError(refusal.code, refusal.detail, { ...refusal, region, key });
}

/** Why a call was given up: its signal's reason, else the refusal that one Region gave while another did not answer. */
export function reasonOf(
  { doubt }: Extract<CallResult<unknown>, { kind: 'gave_up' }>,
  key: string | undefined,
  signal: AbortSignal,
): ErrorOptions {
  if (signal.aborted) {
    return { cause: signal.reason };
  }
  return doubt === undefined ? {} : { cause: refusedError(doubt, key) };
}
