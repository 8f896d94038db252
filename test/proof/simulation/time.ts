/** Something that is to happen. */
interface Due {
  readonly atMs: number;
  /** Breaks ties, so that what was scheduled first happens first. */
  readonly number: number;
  readonly act: () => void;
  cancelled: boolean;
}

/**
 * Time that passes by going from one event to the next. Between two events everything that promises have set off is done,
 * so that one seed decides in which order everything happens.
 */
export class VirtualTime {
  #nowMs = 0;
  #number = 0;
  readonly #heap: Due[] = [];

  /** Milliseconds since the beginning of the run. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Has something happen after a delay; the function that is returned calls it off. */
  after(delayMs: number, act: () => void): () => void {
    this.#number += 1;
    const due: Due = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      number: this.#number,
      act,
      cancelled: false,
    };
    this.#push(due);
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
    for (let due = this.#pop(); due !== undefined; due = this.#pop()) {
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

  #push(due: Due): void {
    const heap = this.#heap;
    heap.push(due);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent] as Due, due)) {
        break;
      }
      heap[at] = heap[parent] as Due;
      heap[parent] = due;
      at = parent;
    }
  }

  #pop(): Due | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) {
      return first;
    }
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= heap.length) {
        break;
      }
      const right = left + 1;
      const child = right < heap.length && isBefore(heap[right] as Due, heap[left] as Due) ? right : left;
      if (isBefore(last, heap[child] as Due)) {
        break;
      }
      heap[at] = heap[child] as Due;
      heap[child] = last;
      at = child;
    }
    return first;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number);
}

/** Resolves when every promise that can go on has gone on: an immediate comes after all of them. */
function quiet(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
