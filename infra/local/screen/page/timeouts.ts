/** How long the page waits. */
export interface Timeouts {
  /** For a call. After it, the outcome is unknown, and the user of the page can send the call again with its key. */
  readonly callTimeoutMs: number;
  /** For one attempt. Default: the client's own. */
  readonly attemptTimeoutMs?: number;
}

/**
 * Reads the query of the page's address. On a slow machine, `?timeoutMs=10000` gives each call and each attempt ten seconds, so that an
 * answer is waited for and not taken for a lost one.
 */
export function timeoutsOf(query: string): Timeouts {
  const given = new URLSearchParams(query).get('timeoutMs') ?? '';
  // 100 ms to 99,999 ms; any other value is ignored.
  return /^[1-9]\d{2,4}$/.test(given)
    ? { callTimeoutMs: Number(given), attemptTimeoutMs: Number(given) }
    : { callTimeoutMs: 5_000 };
}
