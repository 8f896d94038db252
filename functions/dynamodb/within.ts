/**
 * Does work with a signal that is aborted with its parent, and after a time. It waits for the work also then: the work has to heed it.
 *
 * `AbortSignal.any([parent, AbortSignal.timeout(timeMs)])` would not do: Node holds the signals of a combined one weakly, so a
 * garbage collection takes the time limit away, and what hangs is waited for until the parent ends (nodejs/node#57736, and
 * #65995 for Node 24.16).
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
