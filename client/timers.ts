import type { Environment } from './environment.ts';
import { onAbort } from './follow.ts';

/** Resolves after a delay, or as soon as the signal is aborted. It does not throw: the caller checks the signal afterwards. */
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

/** What ended an attempt before it had an answer. */
export type AttemptEnd =
  /** Its time was up. */
  | 'timed_out'
  /** Another attempt of the same call was answered first. */
  | 'abandoned'
  /** The call was aborted, or the client closed. */
  | 'aborted';

/** The limit of one attempt: `signal` is aborted when the attempt ends early, and `endedBy` says why. */
export interface AttemptLimit {
  readonly signal: AbortSignal;
  readonly endedBy: () => AttemptEnd;
  readonly end: (by: AttemptEnd) => void;
  /** Waits for work that may not obey the signal. When the attempt ends early, it throws at once, and the work continues unobserved. */
  readonly unlessEnded: <T>(work: Promise<T>) => Promise<T>;
  /** Releases the timer and the signal of the caller. */
  readonly release: () => void;
}

/** Limits an attempt to a time and to the signal of its caller. */
export function limitAttempt(
  timeoutMs: number,
  { setTimer }: Pick<Environment, 'setTimer'>,
  caller: AbortSignal,
): AttemptLimit {
  const controller = new AbortController();
  let endedBy: AttemptEnd = 'timed_out';
  let reject = (_reason: unknown) => {};
  const ended = new Promise<never>((_, toReject) => {
    reject = toReject;
  });
  // Nothing may wait for the work when the attempt ends.
  ended.catch(() => {});
  const end = (by: AttemptEnd) => {
    if (!controller.signal.aborted) {
      endedBy = by;
      controller.abort(caller.reason);
      reject(controller.signal.reason);
    }
  };
  const cancel = setTimer(() => end('timed_out'), timeoutMs);
  const release = onAbort(caller, () => end('aborted'));
  return {
    signal: controller.signal,
    endedBy: () => endedBy,
    end,
    unlessEnded: (work) => Promise.race([work, ended]),
    release: () => {
      cancel();
      release();
    },
  };
}
