/**
 * Does work with a signal that is aborted with its parent or after a time. It still waits for the work to end, so the work must react to
 * the signal.
 *
 * `AbortSignal.any([parent, AbortSignal.timeout(timeMs)])` does not work: Node holds the signals of a combined one weakly, so a garbage
 * collection can remove the time limit (nodejs/node#57736, and #65995 for Node 24.16).
 */
export async function within<Result>(
  timeMs: number,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limited = new AbortController();
  const end = () => limited.abort(parent.reason);
  const timer = setTimeout(() => {
    limited.abort(new DOMException(`This was not done after ${timeMs} ms.`, 'TimeoutError'));
  }, timeMs);
  parent.addEventListener('abort', end);
  if (parent.aborted) {
    end();
  }
  try {
    return await work(limited.signal);
  } finally {
    clearTimeout(timer);
    parent.removeEventListener('abort', end);
  }
}
