import type { Environment } from '../../client/environment.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Time that passes only when a test advances it: no time-out comes early on a busy machine, and an hour takes a moment. */
export class ManualTime {
  /** Error of the wall clock, in milliseconds; positive when it is ahead. */
  wallClockErrorMs = 0;
  readonly environment: Pick<Environment, 'wallClockMs' | 'elapsedMs' | 'setTimer'> = {
    wallClockMs: () => this.#startMs + this.#elapsedMs + this.wallClockErrorMs,
    elapsedMs: () => this.#elapsedMs,
    setTimer: (callback, delayMs) => {
      const timer: Timer = { dueMs: this.#elapsedMs + delayMs, callback };
      this.#timers.add(timer);
      return () => {
        this.#timers.delete(timer);
      };
    },
  };
  readonly #startMs = Date.now();
  readonly #timers = new Set<Timer>();
  #elapsedMs = 0;

  /** The right time, in milliseconds since 1970. */
  nowMs(): number {
    return this.#startMs + this.#elapsedMs;
  }

  /** Timers that are set and not yet due. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time pass; timers that fall due are called in their order. */
  advance(durationMs: number): void {
    const untilMs = this.#elapsedMs + durationMs;
    for (let timer = this.#nextDue(untilMs); timer !== undefined; timer = this.#nextDue(untilMs)) {
      this.#timers.delete(timer);
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs);
      timer.callback();
    }
    this.#elapsedMs = untilMs;
  }

  #nextDue(untilMs: number): Timer | undefined {
    return [...this.#timers]
      .filter(({ dueMs }) => dueMs <= untilMs)
      .sort((one, other) => one.dueMs - other.dueMs)[0];
  }
}
