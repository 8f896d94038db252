/**
 * Everything that the client takes from its platform: network, clocks, random numbers. It is an option, so that a test can run a hundred
 * failovers in a second, and repeat them from a seed.
 */
export interface Environment {
  /** Sends a request. */
  readonly fetch: typeof globalThis.fetch;
  /**
   * True if `fetch` sends each request at most once. The one of Node does. Browsers and many libraries resend a request when a connection
   * breaks, and report only the last attempt: then only a request that was never passed to `fetch` is certainly not executed. Default: true
   * for the `fetch` of Node, unless its global dispatcher may retry, such as a `RetryAgent`; false for everything else.
   */
  readonly sendsOnce: boolean;
  /** Wall clock in milliseconds since 1970. Keys are minted from it. It may be wrong. */
  readonly wallClockMs: () => number;
  /** Monotonic clock in milliseconds. Deadlines use it. */
  readonly elapsedMs: () => number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** Unpredictable bytes for keys. */
  readonly randomBytes: (length: number) => Uint8Array;
  /** Calls back once after a delay. The returned function cancels it. A timer in the background does not keep the process alive. */
  readonly setTimer: (
    callback: () => void,
    delayMs: number,
    options?: { readonly background: boolean },
  ) => () => void;
}

/** Bytes taken from the system in one call: a thousand cost as much as sixteen. */
const DRAWN_BYTES = 1024;

let drawn = new Uint8Array(0);

/** Returns random bytes, each of them only once. */
function drawBytes(length: number): Uint8Array {
  if (drawn.length < length) {
    drawn = crypto.getRandomValues(new Uint8Array(Math.max(length, DRAWN_BYTES)));
  }
  const taken = drawn.slice(0, length);
  drawn = drawn.subarray(length);
  return taken;
}

/** The `fetch` of the runtime, unless a program wrapped it before this module was loaded. */
const OWN_FETCH = globalThis.fetch;

/** Bun and Deno also report a version of Node. */
function isNode(): boolean {
  const versions: Readonly<Record<string, string | undefined>> | undefined = globalThis.process?.versions;
  return versions?.['node'] !== undefined && versions['bun'] === undefined && versions['deno'] === undefined;
}

/** Dispatchers of undici that send each request at most once. The wrapper has that of a newer undici, which is checked by itself. */
const PLAIN = /^((Proxy|EnvHttpProxy|Mock)?Agent|Dispatcher1Wrapper)$/;

/** True if the global dispatchers of undici, one of which Node's `fetch` uses, send each request at most once. */
function dispatchersSendOnce(): boolean {
  const dispatchers = globalThis as { [name: symbol]: { readonly dispatch: unknown } | undefined };
  return ['1', '2'].every((version) => {
    const dispatcher = dispatchers[Symbol.for(`undici.globalDispatcher.${version}`)];
    // Node makes an `Agent` for its first request. `compose` adds interceptors, which may retry, and replaces `dispatch`.
    return (
      !dispatcher ||
      (PLAIN.test(dispatcher.constructor.name) &&
        dispatcher.dispatch === dispatcher.constructor.prototype.dispatch)
    );
  });
}

/** The environment of the platform. */
export const platform: Environment = {
  // Looked up at each call, in case a program instruments `fetch` after this module was loaded.
  fetch: (...request) => globalThis.fetch(...request),
  get sendsOnce() {
    return isNode() && globalThis.fetch === OWN_FETCH && dispatchersSendOnce();
  },
  wallClockMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  random: () => Math.random(),
  randomBytes: drawBytes,
  setTimer: (callback, delayMs, options) => {
    const timer = setTimeout(callback, delayMs);
    // A timer of Node is an object; a timer of a browser is a number.
    if (options?.background && typeof timer === 'object') {
      timer.unref();
    }
    return () => clearTimeout(timer);
  },
};
