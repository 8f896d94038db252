/**
 * Everything the client takes from the outside: network, clocks, chance. It is handed in, so that a test can play a
 * hundred failovers in a second and repeat them from a seed.
 */
export interface Environment {
  /** Sends a request. */
  readonly fetch: typeof globalThis.fetch;
  /**
   * True when `fetch` sends each request once at the most. Node's own does; a browser, and many a library, sends a request
   * again by itself when a connection that was kept open breaks, and reports only the last time. Then only a request that
   * was never passed to `fetch` is certainly not executed. Default: true for Node's own `fetch`, false for everything else.
   */
  readonly sendsOnce: boolean;
  /** Wall clock in milliseconds since 1970; keys are minted from it. It may be wrong. */
  readonly wallClockMs: () => number;
  /** Clock that never jumps, in milliseconds; deadlines are kept by it. */
  readonly elapsedMs: () => number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** Unpredictable bytes for keys. */
  readonly randomBytes: (length: number) => Uint8Array;
  /** Calls back once after a delay; the returned function calls it off. One in the background keeps no process alive. */
  readonly setTimer: (
    callback: () => void,
    delayMs: number,
    options?: { readonly background: boolean },
  ) => () => void;
}

/** Bytes drawn at once: asking the system for them costs as much for a thousand as for sixteen. */
const DRAWN_BYTES = 1024;

let drawn = new Uint8Array(0);

/** Takes bytes, each of which is handed out once. */
function drawBytes(length: number): Uint8Array {
  if (drawn.length < length) {
    drawn = crypto.getRandomValues(new Uint8Array(Math.max(length, DRAWN_BYTES)));
  }
  const taken = drawn.slice(0, length);
  drawn = drawn.subarray(length);
  return taken;
}

/** The fetch of the runtime, unless something had wrapped it before. */
const OWN_FETCH = globalThis.fetch;

/** Bun and Deno give Node's version as well. */
function isNode(): boolean {
  const versions: Readonly<Record<string, string | undefined>> | undefined = globalThis.process?.versions;
  return versions?.['node'] !== undefined && versions['bun'] === undefined && versions['deno'] === undefined;
}

/** The real world. */
export const platform: Environment = {
  // Looked up at each call, so that a fetch that was instrumented after this module was loaded is the one used.
  fetch: (...request) => globalThis.fetch(...request),
  get sendsOnce() {
    return isNode() && globalThis.fetch === OWN_FETCH;
  },
  wallClockMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  random: () => Math.random(),
  randomBytes: drawBytes,
  setTimer: (callback, delayMs, options) => {
    const timer = setTimeout(callback, delayMs);
    // Node's timers can let go of the process; a browser's are plain numbers.
    if (options?.background && typeof timer === 'object') {
      timer.unref();
    }
    return () => clearTimeout(timer);
  },
};
