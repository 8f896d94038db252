import type { CallRecord } from '../../../client/load/call.ts';

/** Parts of a drill, in their order. */
export const PHASES = ['before', 'fault', 'after'] as const;
export type Phase = (typeof PHASES)[number];

/** When the clients left the preferred Region and came back. */
export interface TrafficReport {
  /** How often a client failed over to the other Region. */
  readonly failovers: number;
  /** From the beginning of the fault until the first client went; undefined when none did. */
  readonly firstLeftAfterMs: number | undefined;
  /** From the end of the fault until every client was back; undefined when one was not, or none had gone. */
  readonly allBackAfterMs: number | undefined;
  /** From the moment when the first client went until the last one was back. */
  readonly awayForMs: number | undefined;
  /** Clients whose calls went elsewhere when the load ended. */
  readonly away: number;
}

/** When the phases of a drill began and ended, and where the calls of its clients went. */
export class Timeline {
  readonly #nowMs: () => number;
  readonly #began: Partial<Record<Phase, number>>;
  readonly #away = new Set<number>();
  #failovers = 0;
  #firstLeftMs: number | undefined;
  #allBackMs: number | undefined;
  #endedMs: number | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#began = { before: nowMs() };
  }

  enter(phase: Phase): void {
    this.#began[phase] = this.#nowMs();
  }

  end(): void {
    this.#endedMs = this.#nowMs();
  }

  /** Phase in which a call began, or that of the fault, if the fault began before the call ended. */
  phaseOf({ startedMs, durationMs = 0 }: Pick<CallRecord, 'startedMs' | 'durationMs'>): Phase {
    return this.#phaseAt(startedMs + durationMs) === 'fault' ? 'fault' : this.#phaseAt(startedMs);
  }

  #phaseAt(timeMs: number): Phase {
    const { fault = Number.POSITIVE_INFINITY, after = Number.POSITIVE_INFINITY } = this.#began;
    if (timeMs >= after) {
      return 'after';
    }
    return timeMs >= fault ? 'fault' : 'before';
  }

  /** A client's calls go to another Region from now on. */
  leave(client: number): void {
    this.#failovers += 1;
    this.#firstLeftMs ??= this.#nowMs();
    this.#away.add(client);
  }

  /** A client's calls go to the preferred Region again. */
  comeBack(client: number): void {
    this.#away.delete(client);
    if (this.#away.size === 0) {
      this.#allBackMs = this.#nowMs();
    }
  }

  get failovers(): number {
    return this.#failovers;
  }

  /** Number of clients whose calls go elsewhere. */
  get away(): number {
    return this.#away.size;
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

  get traffic(): TrafficReport {
    const { fault, after } = this.#began;
    // With the fault `none`, the operator may end the failure before the time of its phase is over.
    const since = (thenMs: number | undefined, nowMs: number | undefined) =>
      thenMs === undefined || nowMs === undefined ? undefined : Math.max(0, nowMs - thenMs);
    const backMs = this.away > 0 ? undefined : this.#allBackMs;
    return {
      failovers: this.#failovers,
      away: this.away,
      firstLeftAfterMs: since(fault, this.#firstLeftMs),
      allBackAfterMs: since(after, backMs),
      awayForMs: since(this.#firstLeftMs, backMs),
    };
  }
}
