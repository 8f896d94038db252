import { isProblemCode, PROBLEMS, type RetryWith } from './contract/problems.ts';
import type { AttemptFailure, RefusalCode } from './failure.ts';

/**
 * Any error of a call. Each says what happened to the money. `code` is a literal: switch on it, or on `retryWith`, which says whether to
 * retry the call, and with which key. `JSON.stringify` writes its members, its message, and which attempts failed. If nothing was sent, a
 * call may also throw the reason of its `signal`, or an `AbortError` because the client was closed.
 *
 * @example
 * ```ts
 * const { code } = error as BankError;
 * if (code === 'outcome_unknown') await retryLater(order);
 * ```
 */
export type BankError = RefusedError | UnavailableError | OutcomeUnknownError | InvalidArgumentError;

/** An error that `JSON.stringify` writes with its message. Causes are left out, because they may contain anything, even themselves. */
abstract class WritableError extends Error {
  toJSON(): object {
    const { failures } = this as { failures?: readonly AttemptFailure[] };
    return {
      ...this,
      message: this.message,
      ...(failures && {
        failures: failures.map(({ endpoint, reason, executed }) => ({ endpoint, reason, executed })),
      }),
    };
  }
}

/**
 * The bank refused the call, or the gateway in front of the bank did. This call moved nothing, and none of its attempts can still move
 * anything. `code` says why it was refused (see {@link RefusalCode}), and `retryWith` whether a retry may succeed. The message says both
 * as a sentence.
 *
 * @example
 * ```ts
 * try {
 *   await bank.withdraw('joe', 1234n);
 * } catch (error) {
 *   if (error instanceof RefusedError && error.code === 'not_enough_money') askForLess();
 *   else throw error;
 * }
 * ```
 */
export class RefusedError extends WritableError {
  /** Name of the class. */
  override readonly name = 'RefusedError';
  /** Why the call was refused. */
  readonly code: RefusalCode;
  /**
   * `new key` if the call may succeed later, when the reason is gone: a retry with its own key stays refused. `same key` if a retry with its
   * own key may succeed: after `not_authorized` when the caller has the permission, after `key_in_future` when the clock is right. `never` if
   * the same call is always refused, or if another call has used its key (`key_reused`).
   */
  readonly retryWith: RetryWith;
  /** HTTP status of the answer. */
  readonly status: number;
  /** AWS Region that answered, if the answer names it. */
  readonly region: string | undefined;
  /** Key of the call; undefined for reads. */
  readonly key: string | undefined;
  /** True if this refusal was already recorded under the key. See `replayed` of {@link Moved}. */
  readonly replayed: boolean;

  /**
   * The client makes these errors. Your tests may make them, too. `detail` becomes the message.
   *
   * @example
   * ```ts
   * throw new RefusedError('not_enough_money', 'There is less.', { status: 409, region: undefined, key });
   * ```
   */
  constructor(
    code: RefusalCode,
    detail: string,
    answer: { status: number; region: string | undefined; key: string | undefined; replayed?: boolean },
  ) {
    super(detail);
    this.code = code;
    this.retryWith = isProblemCode(code) ? PROBLEMS[code].retryWith : 'same key';
    this.status = answer.status;
    this.region = answer.region;
    this.key = answer.key;
    this.replayed = answer.replayed ?? false;
  }
}

/**
 * The call got no answer, and was certainly not executed: nothing was sent, or the bank said that nothing happened. Retry when
 * you like. If you gave the key, retry with the same key: this error is about this call only, and an earlier call with the key may have
 * been executed.
 *
 * If {@link BankClient.outcome} or {@link BankClient.acknowledge} throws it, it says nothing about the call that the key belongs to.
 *
 * @example
 * ```ts
 * if (error instanceof UnavailableError) {
 *   await queue.putBack(order); // It is certain that nothing has moved.
 * }
 * ```
 */
export class UnavailableError extends WritableError {
  /** Name of the class. */
  override readonly name = 'UnavailableError';
  /** Always `unavailable`. */
  readonly code = 'unavailable';
  /** Always `same key`. */
  readonly retryWith = 'same key';
  /** Key of the call; undefined for reads. */
  readonly key: string | undefined;
  /** Why each attempt failed. */
  readonly failures: readonly AttemptFailure[];

  /**
   * The client makes these errors. Your tests may make them, too.
   *
   * @example
   * ```ts
   * throw new UnavailableError(key, []);
   * ```
   */
  constructor(key: string | undefined, failures: readonly AttemptFailure[], options?: ErrorOptions) {
    const what = key === undefined ? 'It moves no money.' : 'It was not executed.';
    super(`The call got no answer. ${what} ${summary(failures)}`, options);
    this.key = key;
    this.failures = failures;
  }
}

/**
 * The call may have been executed, or may still be: a request was sent, and no answer says what it did. Keep `key`, and retry the same call with it. The
 * call takes effect at most once, and the answer to the retry says what happened. Or cancel the key: then the call can no longer be
 * executed, or you learn that it was. In a browser this error is also thrown if no Region can be reached, because a web page does not learn
 * whether a failed request was sent.
 *
 * @example
 * ```ts
 * if (error instanceof OutcomeUnknownError) {
 *   await bank.deposit('joe', 10n, { key: error.key });
 * }
 * ```
 */
export class OutcomeUnknownError extends WritableError {
  /** Name of the class. */
  override readonly name = 'OutcomeUnknownError';
  /** Always `outcome_unknown`. */
  readonly code = 'outcome_unknown';
  /** Always `same key`. */
  readonly retryWith = 'same key';
  /** Key to retry the call with. */
  readonly key: string;
  /** Why each attempt failed. */
  readonly failures: readonly AttemptFailure[];

  /**
   * The client makes these errors. Your tests may make them, too.
   *
   * @example
   * ```ts
   * throw new OutcomeUnknownError(key, []);
   * ```
   */
  constructor(key: string, failures: readonly AttemptFailure[], options?: ErrorOptions) {
    super(
      `The call may have been executed. Retry it with the key ${key}: it takes effect at most once. ${summary(failures)}`,
      options,
    );
    this.key = key;
    this.failures = failures;
  }
}

/**
 * An account, an amount, a key, an option or another argument is not valid. It is thrown before anything is sent, so nothing was moved. The
 * message says which argument and why. The same call will fail again.
 *
 * @example
 * ```ts
 * if (error instanceof InvalidArgumentError) return badRequest(error.message);
 * ```
 */
export class InvalidArgumentError extends WritableError {
  /** Name of the class. */
  override readonly name = 'InvalidArgumentError';
  /** Always `invalid_argument`. */
  readonly code = 'invalid_argument';
  /** Always `never`. */
  readonly retryWith = 'never';
}

/** Lists the endpoints and why they failed. What prevents a signature is the caller's to mend, so its error is named. */
function summary(failures: readonly AttemptFailure[]): string {
  const counts = new Map<string, number>();
  for (const { endpoint, reason, cause } of failures) {
    const why = reason === 'cannot_sign' && cause instanceof Error ? ` (${cause.message})` : '';
    const what = `${endpoint.name}: ${reason.replaceAll('_', ' ')}${why}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => (count === 1 ? what : `${what} (${count} times)`)).join('; ');
}
