import type { Phase } from './books.ts';
import type { TrafficReport } from './report.ts';
import type { Traffic } from './traffic.ts';

/** When the phases of a drill began and ended. */
export class Timeline {
  readonly #nowMs: () => number;
  readonly #began: Partial<Record<Phase, number>>;
  #phase: Phase = 'before';
  #endedMs: number | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#began = { before: nowMs() };
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
    this.#phase = phase;
    this.#began[phase] = this.#nowMs();
  }

  end(): void {
    this.#endedMs = this.#nowMs();
  }

  get durationsMs(): Readonly<Record<Phase, number>> {
    const endMs = this.#endedMs ?? this.#nowMs();
    const afterMs = this.#began.after ?? endMs;
    const faultMs = this.#began.fault ?? afterMs;
    return {
      before: faultMs - (this.#began.before ?? faultMs),
      fault: afterMs - faultMs,
      after: endMs - afterMs,
    };
  }

  /** When the clients went and came back, counted from the beginning and the end of the fault. */
  trafficReport({ failovers, away, firstLeftMs, allBackMs }: Traffic): TrafficReport {
    const { fault, after } = this.#began;
    // Somebody who pulls the plug may have put it back before the drill's own time was over.
    const since = (thenMs: number | undefined, nowMs: number | undefined) =>
      thenMs === undefined || nowMs === undefined ? undefined : Math.max(0, nowMs - thenMs);
    const backMs = away > 0 ? undefined : allBackMs;
    return {
      failovers,
      away,
      firstLeftAfterMs: since(fault, firstLeftMs),
      allBackAfterMs: since(after, backMs),
      awayForMs: since(firstLeftMs, backMs),
    };
  }
}
