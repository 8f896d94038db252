import type { CallOutcome } from '../../../client/load/call.ts';
import { countOf } from '../../../client/load/progress.ts';
import { type Latency, latencyOf } from '../../../client/load/report.ts';

/** One call that has ended. */
interface Counted {
  readonly atMs: number;
  /** Such as `deposit`, `balance` or `cancel`. */
  readonly kind: string;
  readonly outcome: CallOutcome;
  readonly region: string | undefined;
  readonly durationMs: number;
  readonly failoverMs: number | undefined;
}

/** Who resolved an unknown outcome: a caller of the process that had asked, one of another, or the run in the end. */
export type ResolvedBy = 'own' | 'other' | 'end';

/** A moment in the timeline, in milliseconds since the beginning of the load. */
export interface Mark {
  readonly atMs: number;
  readonly kind: 'failover' | 'unknown';
  /** Region that answered; undefined where none did. */
  readonly region: string | undefined;
}

/** What a drawing can hold. */
const MAX_MARKS = 4000;
const SECOND_MS = 1000;

/** Counts calls as they end. */
export class Tallies {
  calls = 0;
  readonly outcomes = { executed: 0, balances: 0, refused: 0, notExecuted: 0, unknown: 0 };
  readonly refusals: Record<string, number> = {};
  /** Answered calls in each second, by Region. */
  readonly perSecond: Record<string, number[]> = {};
  readonly marks: Mark[] = [];
  readonly resolvedBy: Record<ResolvedBy, number> = { own: 0, other: 0, end: 0 };
  readonly resolvedWith: Record<'retry' | 'cancel', number> = { retry: 0, cancel: 0 };
  readonly #failoversMs: number[] = [];
  readonly #durationsMs: number[] = [];

  count({ atMs, kind, outcome, region, durationMs, failoverMs }: Counted): void {
    this.calls += 1;
    this.outcomes[countOf(kind, outcome)] += 1;
    this.#durationsMs.push(durationMs);
    if (outcome.kind === 'refused') {
      this.refusals[outcome.code] = (this.refusals[outcome.code] ?? 0) + 1;
    }
    if (region !== undefined) {
      const seconds = this.perSecond[region] ?? [];
      this.perSecond[region] = seconds;
      const second = Math.floor(atMs / SECOND_MS);
      seconds[second] = (seconds[second] ?? 0) + 1;
    }
    if (failoverMs !== undefined) {
      this.#failoversMs.push(failoverMs);
      this.#mark({ atMs, kind: 'failover', region });
    }
    if (outcome.kind === 'unknown') {
      this.#mark({ atMs, kind: 'unknown', region: undefined });
    }
  }

  resolved(how: 'retry' | 'cancel', by: ResolvedBy): void {
    this.resolvedBy[by] += 1;
    this.resolvedWith[how] += 1;
  }

  get failovers(): number {
    return this.#failoversMs.length;
  }

  get failoverTimes(): Latency | undefined {
    return latencyOf(this.#failoversMs);
  }

  get callTimes(): Latency | undefined {
    return latencyOf(this.#durationsMs);
  }

  #mark(mark: Mark): void {
    if (this.marks.length < MAX_MARKS) {
      this.marks.push(mark);
    }
  }
}
