import type { Environment } from './environment.ts';
import { onAbort } from './follow.ts';

/** Resolves after a delay, or at once when the signal is aborted: who waits looks at the signal afterwards. */
export function sleep(
  delayMs: number,
  { setTimer }: Pick<Environment, 'setTimer'>,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const wake = () => {
      cancel();
      release();
      resolve();
    };
    const cancel = setTimer(wake, delayMs);
    const release = onAbort(signal, wake);
  });
}

/** Waits for work that knows no signal, and throws the signal's reason as soon as it is aborted: the work is left to itself. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) {
      stop();
    } else {
      signal.addEventListener('abort', stop, { once: true });
    }
  });
  try {
    const done = await Promise.race([work, aborted]);
    signal.throwIfAborted();
    return done;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What ended an attempt before it had an answer. */
export type AttemptEnd =
  /** Its time was up. */
  | 'timed_out'
  /** Another attempt of the same call was answered first. */
  | 'abandoned'
  /** The caller gave the call up. */
  | 'aborted';

/** Limits one attempt: `signal` aborts when something ends it, and `endedBy` says what that was. */
export interface AttemptLimit {
  readonly signal: AbortSignal;
  readonly endedBy: () => AttemptEnd;
  readonly end: (by: AttemptEnd) => void;
  /** Lets go of the timer and of the caller's signal. */
  readonly release: () => void;
}

/** Makes the limit of an attempt that ends after a time or with the caller's signal. */
export function limitAttempt(
  timeoutMs: number,
  { setTimer }: Pick<Environment, 'setTimer'>,
  caller: AbortSignal,
): AttemptLimit {
  const controller = new AbortController();
  let endedBy: AttemptEnd = 'timed_out';
  const end = (by: AttemptEnd) => {
    if (!controller.signal.aborted) {
      endedBy = by;
      controller.abort(caller.reason);
    }
  };
  const cancel = setTimer(() => end('timed_out'), timeoutMs);
  const release = onAbort(caller, () => end('aborted'));
  return {
    signal: controller.signal,
    endedBy: () => endedBy,
    end,
    release: () => {
      cancel();
      release();
    },
  };
}
