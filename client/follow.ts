interface Following {
  readonly callbacks: Set<() => void>;
  readonly pass: () => void;
}

const followings = new WeakMap<AbortSignal, Following>();

/**
 * Calls back when a signal is aborted, at once when it is aborted already, until the returned function takes that back.
 *
 * Signals outlive calls: a program has one for its end, a client one for its closing. However many calls follow a signal,
 * it has one listener, because runtimes take more than ten for a leak and say so; and when none follows it any more,
 * nothing of them is left behind, as it would be with `AbortSignal.any`.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback();
    return () => {};
  }
  const { callbacks, pass } = followings.get(signal) ?? begin(signal);
  callbacks.add(callback);
  return () => {
    if (callbacks.delete(callback) && callbacks.size === 0) {
      signal.removeEventListener('abort', pass);
      followings.delete(signal);
    }
  };
}

/** A signal that is aborted with any of its parents until it is released. */
export function follow(parents: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  const releases = parents.map((parent) => onAbort(parent, () => controller.abort(parent.reason)));
  return {
    signal: controller.signal,
    release: () => {
      for (const release of releases) {
        release();
      }
    },
  };
}

function begin(signal: AbortSignal): Following {
  const callbacks = new Set<() => void>();
  const pass = () => {
    for (const callback of callbacks) {
      callback();
    }
  };
  signal.addEventListener('abort', pass, { once: true });
  const following = { callbacks, pass };
  followings.set(signal, following);
  return following;
}
