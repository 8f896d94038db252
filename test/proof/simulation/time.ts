interface Due {
  readonly atMs: number;
  readonly act: () => void;
  cancelled: boolean;
}

/**
 * Time that jumps from event to event. Between two events, all promises that can continue do so. So one seed decides the
 * order of everything.
 */
export class VirtualTime {
  #nowMs = 0;
  /** In the order in which it will happen. Of the same moment, what was scheduled first comes first. */
  readonly #dues: Due[] = [];

  /** Milliseconds since the beginning of the run. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Schedules something. Returns a function that cancels it. */
  after(delayMs: number, act: () => void): () => void {
    const due: Due = { atMs: this.#nowMs + Math.max(0, delayMs), act, cancelled: false };
    let [from, to] = [0, this.#dues.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#dues[middle] as Due).atMs <= due.atMs) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    this.#dues.splice(from, 0, due);
    return () => {
      due.cancelled = true;
    };
  }

  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  /** Lets time pass until something is done, or until nothing is left that could happen. */
  async runUntil(isDone: () => boolean): Promise<void> {
    await quiet();
    for (let due = this.#dues.shift(); due !== undefined; due = this.#dues.shift()) {
      if (due.cancelled) {
        continue;
      }
      this.#nowMs = due.atMs;
      due.act();
      await quiet();
      if (isDone()) {
        return;
      }
    }
  }
}

/** Resolves when every promise that can go on has gone on: an immediate comes after all of them. */
function quiet(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
