import type { Environment } from './environment.ts';

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
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = setTimer(wake, delayMs);
    signal.addEventListener('abort', wake, { once: true });
  });
}

/** A controller that aborts after a time limit or with a parent signal, and lets go of both when released. */
export function limitedController(
  timeoutMs: number,
  { setTimer }: Pick<Environment, 'setTimer'>,
  parent: AbortSignal,
): { signal: AbortSignal; abort: () => void; release: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort(parent.reason);
  const cancel = setTimer(abort, timeoutMs);
  parent.addEventListener('abort', abort, { once: true });
  if (parent.aborted) {
    abort();
  }
  return {
    signal: controller.signal,
    abort,
    release: () => {
      cancel();
      parent.removeEventListener('abort', abort);
    },
  };
}
