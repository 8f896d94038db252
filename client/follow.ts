interface Following {
  readonly callbacks: Set<() => void>;
  readonly pass: () => void;
}

const followings = new WeakMap<AbortSignal, Following>();

/**
 * Calls back when a signal is aborted, or at once if it is aborted already. The returned function cancels that.
 *
 * A signal may live longer than many calls, such as the one that ends a program or closes a client. However many calls follow a signal, it
 * has one listener, because a runtime warns of a leak at more than ten. When no call follows it any more, nothing is left behind, as it
 * would be with `AbortSignal.any`.
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

/** Makes a signal that is aborted when one of its parents is, until it is released. */
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
