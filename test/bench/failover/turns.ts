import { unlessAborted } from '../../../client/timers.ts';

/** Lets one at a time do what must not be disturbed. Others wait in the order in which they came. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Waits for its turn, and gives what ends it. Rejects when the signal is aborted, by which all that wait should give up. */
  async take(signal: AbortSignal): Promise<() => void> {
    const before = this.#last;
    let end = () => {};
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    await unlessAborted(before, signal);
    return end;
  }
}
