import { isProblemCode, PROBLEMS, type RetryWith } from './contract/problems.ts';
import type { AttemptFailure, RefusalCode } from './failure.ts';

/**
 * Any error of a call; each says what happened to the money. `code` is a literal; switch on it, or on `retryWith`, which says how the call can be
 * made again. `JSON.stringify` writes its code, message and key, and what failed where. A call may also end with the reason of its
 * `signal`, or an `AbortError` when the client is closed, if that came before anything was sent.
 *
 * @example
 * ```ts
 * const { code } = error as BankError;
 * if (code === 'outcome_unknown') await retryLater(order);
 * ```
 */
export type BankError = RefusedError | UnavailableError | OutcomeUnknownError | InvalidArgumentError;

/** An error that `JSON.stringify` writes with its message, and without causes: these can be anything, also something that holds itself. */
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
 * The bank said no, or the gateway before it did. Nothing was moved by this call, and no attempt of it can still move
 * anything. `retryWith` says whether the call may succeed later, and `code` why it did not: see {@link RefusalCode}. The message says it
 * for people.
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
  /** Name of the class, as a log shows it. */
  override readonly name = 'RefusedError';
  /** Why the bank said no. */
  readonly code: RefusalCode;
  /**
   * `new key` when the call may succeed once the reason is gone: its own key stays refused. `same key` where the key is not closed:
   * `not_authorized`, once the caller is allowed, and `key_in_future`, once the clock is right. `never` when the same call is always refused.
   */
  readonly retryWith: RetryWith;
  /** HTTP status of the answer. */
  readonly status: number;
  /** AWS Region that answered, as far as it said so. */
  readonly region: string | undefined;
  /** Key of the call; undefined for reads. */
  readonly key: string | undefined;
  /** True when this refusal was already recorded under the key: see {@link Moved}, whose `replayed` means the same. */
  readonly replayed: boolean;

  /**
   * Made by the client; tests of a caller may make their own. `detail` becomes the message.
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
 * No endpoint answered, and the call certainly was not executed: nothing was sent, or the bank said that nothing
 * happened. Try again when you like. If you gave the key yourself, keep to it: this error speaks of this call only, and an
 * earlier one with the same key may have been executed.
 *
 * Of {@link BankClient.outcome} and {@link BankClient.acknowledge} it says only that they went unanswered, and nothing
 * about the call that the key belongs to.
 *
 * @example
 * ```ts
 * if (error instanceof UnavailableError) {
 *   await queue.putBack(order); // It is certain that nothing has moved.
 * }
 * ```
 */
export class UnavailableError extends WritableError {
  /** Name of the class, as a log shows it. */
  override readonly name = 'UnavailableError';
  /** Always `unavailable`. */
  readonly code = 'unavailable';
  /** Always `same key`. */
  readonly retryWith = 'same key';
  /** Key of the call; undefined for reads. */
  readonly key: string | undefined;
  /** What went wrong, attempt by attempt. */
  readonly failures: readonly AttemptFailure[];

  /**
   * Made by the client; tests of a caller may make their own.
   *
   * @example
   * ```ts
   * throw new UnavailableError(key, []);
   * ```
   */
  constructor(key: string | undefined, failures: readonly AttemptFailure[], options?: ErrorOptions) {
    const what = key === undefined ? 'what was asked moves no money' : 'this call was not executed';
    super(`The bank cannot be reached, and ${what}. ${summary(failures)}`, options);
    this.key = key;
    this.failures = failures;
  }
}

/**
 * The call may or may not have been executed, or may yet be: a request was sent and its answer did not come. Keep `key`
 * and retry the same call with it; it takes effect at most once, and the answer to the retry says what happened. Or cancel the
 * key, and it can no longer happen. In a browser this comes also when no Region could be reached: a page does not learn whether a request
 * that failed had been sent.
 *
 * @example
 * ```ts
 * if (error instanceof OutcomeUnknownError) {
 *   await bank.deposit('joe', 10n, { key: error.key });
 * }
 * ```
 */
export class OutcomeUnknownError extends WritableError {
  /** Name of the class, as a log shows it. */
  override readonly name = 'OutcomeUnknownError';
  /** Always `outcome_unknown`. */
  readonly code = 'outcome_unknown';
  /** Always `same key`. */
  readonly retryWith = 'same key';
  /** Key to retry the call with. */
  readonly key: string;
  /** What went wrong, attempt by attempt. */
  readonly failures: readonly AttemptFailure[];

  /**
   * Made by the client; tests of a caller may make their own.
   *
   * @example
   * ```ts
   * throw new OutcomeUnknownError(key, []);
   * ```
   */
  constructor(key: string, failures: readonly AttemptFailure[], options?: ErrorOptions) {
    super(
      `No answer came, so the call may have been executed. Retry it with the key ${key}: it takes effect at most once. ${summary(failures)}`,
      options,
    );
    this.key = key;
    this.failures = failures;
  }
}

/**
 * The client was given something it cannot use: an account, an amount, a key or an option. Thrown before anything is sent, so
 * nothing has moved. The message says which and why; the same call again fails again.
 *
 * @example
 * ```ts
 * if (error instanceof InvalidArgumentError) return badRequest(error.message);
 * ```
 */
export class InvalidArgumentError extends WritableError {
  /** Name of the class, as a log shows it. */
  override readonly name = 'InvalidArgumentError';
  /** Always `invalid_argument`. */
  readonly code = 'invalid_argument';
  /** Always `never`. */
  readonly retryWith = 'never';
}

/** Says what went wrong where, each thing once. */
function summary(failures: readonly AttemptFailure[]): string {
  const counts = new Map<string, number>();
  for (const { endpoint, reason } of failures) {
    const what = `${endpoint.name}: ${reason.replaceAll('_', ' ')}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => (count === 1 ? what : `${what} (${count} times)`)).join('; ');
}
