import type { AttemptAnswer, AttemptRefusal } from './attempt.ts';
import { OutcomeUnknownError, RefusedError, UnavailableError } from './errors.ts';
import type { AttemptFailure } from './failure.ts';
import { writable } from './read-field.ts';

/** How a call ended. `executed` is `'no'` if none of its attempts was or can still be executed. */
export type CallResult<T> = {
  /** Attempts that gave no answer. */
  readonly failures: readonly AttemptFailure[];
} & (
  | AttemptAnswer<T>
  | (AttemptRefusal & { readonly executed: 'no' | 'unknown' })
  | {
      readonly kind: 'gave_up';
      readonly executed: 'no' | 'unknown';
      /** A refusal that another endpoint did not confirm, because it gave no answer. */
      readonly unconfirmed: AttemptRefusal | undefined;
    }
);

/** A refusal with the time of the bank. */
type TimedRefusal<T> = Extract<CallResult<T>, { kind: 'refused' }> & { readonly bankTimeMs: number };

/** True if the bank refused the key for its time: it is in the future, or too old. */
export function isKeyTimeRefusal<T>(
  result: CallResult<T>,
): result is Extract<CallResult<T>, { kind: 'refused' }> {
  return result.kind === 'refused' && (result.code === 'key_in_future' || result.code === 'key_expired');
}

/** True if the bank refused the key for its time, executed nothing under it, and gave its own time. */
export function mayMintAnew<T>(result: CallResult<T>): result is TimedRefusal<T> {
  return isKeyTimeRefusal(result) && result.executed === 'no' && result.bankTimeMs !== undefined;
}

/** If the clock is off by more than this, a signature or a key may have been refused for its time. The limit is 5 minutes. */
const MAX_CLOCK_ERROR_MS = 60_000;

/** True if the clocks differ so much that this alone may cause a refusal. */
export function clocksDiffer(bankTimeMs: number | undefined, nowMs: number): bankTimeMs is number {
  return bankTimeMs !== undefined && Math.abs(bankTimeMs - nowMs) > MAX_CLOCK_ERROR_MS;
}

/**
 * True if the gateway refused the request before anything had happened, and the clocks differ: the signature may have had the wrong time.
 * One more attempt, signed with the time of the answer, may succeed.
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
 * Returns the value of a call, or throws the error that says what is known about it. A call without a key changes nothing, so its outcome
 * is never unknown.
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

/** Why a call was given up: the reason of its signal, or the refusal of one Region that another one did not confirm. */
function causeOf(
  { unconfirmed }: { readonly unconfirmed: AttemptRefusal | undefined },
  key: string | undefined,
  signal: AbortSignal,
): ErrorOptions {
  if (signal.aborted) {
    return { cause: signal.reason };
  }
  return unconfirmed === undefined ? {} : { cause: refusedError(unconfirmed, key) };
}
