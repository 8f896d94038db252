import type { AttemptAnswer, AttemptRefusal } from './attempt.ts';
import { OutcomeUnknownError, RefusedError, UnavailableError } from './errors.ts';
import type { AttemptFailure } from './failure.ts';
import { writable } from './read-field.ts';

/** How a call ended. `executed` is `'no'` when no attempt of it was or can still be executed. */
export type CallResult<T> = {
  /** Attempts that gave no answer. */
  readonly failures: readonly AttemptFailure[];
} & (
  | AttemptAnswer<T>
  | (AttemptRefusal & { readonly executed: 'no' | 'unknown' })
  | {
      readonly kind: 'gave_up';
      readonly executed: 'no' | 'unknown';
      /** A refusal that was not believed, because another endpoint did not answer. */
      readonly doubt: AttemptRefusal | undefined;
    }
);

/** A refusal that says what time it is at the bank. */
type TimedRefusal<T> = Extract<CallResult<T>, { kind: 'refused' }> & { readonly bankTimeMs: number };

/** The bank took the key for one from the future or the distant past. */
export function isKeyTimeRefusal<T>(
  result: CallResult<T>,
): result is Extract<CallResult<T>, { kind: 'refused' }> {
  return result.kind === 'refused' && (result.code === 'key_in_future' || result.code === 'key_expired');
}

/** The bank refused the key for its time, executed nothing under it, and gave its own time. */
export function isClockProblem<T>(result: CallResult<T>): result is TimedRefusal<T> {
  return isKeyTimeRefusal(result) && result.executed === 'no' && result.bankTimeMs !== undefined;
}

/** With a clock farther than this from the bank's, a signature or a key may have been refused for its time: 5 minutes are allowed. */
const MAX_CLOCK_ERROR_MS = 60_000;

/** The bank's time is not ours: a refusal may come from that alone. */
export function clocksDiffer(bankTimeMs: number | undefined, nowMs: number): bankTimeMs is number {
  return bankTimeMs !== undefined && Math.abs(bankTimeMs - nowMs) > MAX_CLOCK_ERROR_MS;
}

/**
 * The gateway turned the request away before anything had happened, and its clock is not ours: the signature may only
 * have been of another time. Worth one more attempt, signed at the time of the answer.
 */
export function isStaleSignature<T>(result: CallResult<T>, nowMs: number): boolean {
  return (
    result.kind === 'refused' &&
    result.executed === 'no' &&
    result.code === 'not_authorized' &&
    clocksDiffer(result.bankTimeMs, nowMs)
  );
}

/**
 * Returns the value of a call, or throws the error that says what is certain of it. Without a key it changes nothing, so its outcome
 * is never in doubt.
 */
export function unwrap<T extends object | undefined>(
  result: CallResult<T>,
  key: string | undefined,
  signal: AbortSignal,
): T & { region: string } {
  switch (result.kind) {
    case 'answered':
      return writable({ ...result.value, region: result.region ?? result.endpoint.name } as T & {
        region: string;
      });
    case 'refused': {
      const error = refusedError(result, key);
      throw key === undefined || result.executed === 'no'
        ? error
        : new OutcomeUnknownError(key, result.failures, { cause: error });
    }
    case 'gave_up': {
      const cause = causeOf(result, key, signal);
      throw key === undefined || result.executed === 'no'
        ? new UnavailableError(key, result.failures, cause)
        : new OutcomeUnknownError(key, result.failures, cause);
    }
  }
}

function refusedError(refused: AttemptRefusal, key: string | undefined): RefusedError {
  return new RefusedError(refused.code, refused.detail, { ...refused, key });
}

/** Why a call was given up: its signal's reason, else the refusal that one Region gave while another did not answer. */
function causeOf(
  { doubt }: { readonly doubt: AttemptRefusal | undefined },
  key: string | undefined,
  signal: AbortSignal,
): ErrorOptions {
  if (signal.aborted) {
    return { cause: signal.reason };
  }
  return doubt === undefined ? {} : { cause: refusedError(doubt, key) };
}
