interface Following {
  readonly followers: Set<AbortController>;
  readonly pass: () => void;
}

const followings = new WeakMap<AbortSignal, Following>();

/**
 * A signal that is aborted with any of its parents until it is released.
 *
 * Parents outlive calls: a program has one for its end, a client one for its closing. However many calls follow a
 * parent, it has one listener, because runtimes take more than ten for a leak and say so; and when none follows it any
 * more, nothing of them is left behind, as it would be with `AbortSignal.any`.
 */
export function follow(parents: readonly AbortSignal[]): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const releases = parents.map((parent) => join(parent, controller));
  return {
    signal: controller.signal,
    release: () => {
      for (const release of releases) {
        release();
      }
    },
  };
}

function join(parent: AbortSignal, follower: AbortController): () => void {
  if (parent.aborted) {
    follower.abort(parent.reason);
    return () => {};
  }
  const { followers, pass } = followings.get(parent) ?? begin(parent);
  followers.add(follower);
  return () => {
    if (followers.delete(follower) && followers.size === 0) {
      parent.removeEventListener('abort', pass);
      followings.delete(parent);
    }
  };
}

function begin(parent: AbortSignal): Following {
  const followers = new Set<AbortController>();
  const pass = () => {
    for (const follower of followers) {
      follower.abort(parent.reason);
    }
  };
  parent.addEventListener('abort', pass, { once: true });
  const following = { followers, pass };
  followings.set(parent, following);
  return following;
}
