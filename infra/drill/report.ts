import { type Entry, PHASES, type Phase } from './books.ts';
import { type Invariant, isKept } from './judge.ts';
import type { Settlement } from './settle.ts';

/** What came of one part of the drill. */
export interface PhaseReport {
  readonly phase: Phase;
  readonly durationMs: number;
  readonly calls: number;
  /** Calls by what came of them when they ended. */
  readonly outcomes: Readonly<Record<Entry['outcome']['kind'], number>>;
  readonly refusals: Readonly<Record<string, number>>;
  /** Calls by the Region that answered. */
  readonly regions: Readonly<Record<string, number>>;
  readonly failedOver: number;
  /** How long the calls took; undefined when there were none. */
  readonly latency: Latency | undefined;
}

export interface Latency {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

/** What a drill found out. */
export interface Report {
  readonly run: string;
  readonly bank: string;
  readonly fault: {
    readonly name: string;
    readonly region: string;
    /** What went wrong with the fault itself, each in words. */
    readonly problems: readonly string[];
  };
  readonly clients: number;
  readonly seed: number;
  /** Whoever held the drill ended it early. */
  readonly interrupted: boolean;
  readonly phases: readonly PhaseReport[];
  readonly traffic: TrafficReport;
  readonly unknown: Settlement;
  readonly invariants: readonly Invariant[];
  /** Money that the drill leaves behind, in accounts of its own. */
  readonly leftBehindMinor: bigint;
  readonly ok: boolean;
}

export interface TrafficReport {
  /** How often a client went over to the other Region. */
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

/** Sums up what a part of the drill was like. */
export function phaseReports(
  entries: readonly Entry[],
  durationsMs: Readonly<Record<Phase, number>>,
): readonly PhaseReport[] {
  return PHASES.map((phase) => {
    const calls = entries.filter((entry) => entry.phase === phase);
    const outcomes = { executed: 0, told: 0, refused: 0, not_executed: 0, unknown: 0 };
    for (const { outcome } of calls) outcomes[outcome.kind] += 1;
    return {
      phase,
      durationMs: durationsMs[phase],
      calls: calls.length,
      outcomes,
      refusals: tally(calls.flatMap(({ outcome }) => (outcome.kind === 'refused' ? [outcome.code] : []))),
      regions: tally(calls.flatMap(({ region, settled }) => (region && !settled ? [region] : []))),
      failedOver: calls.filter(({ failedOver }) => failedOver).length,
      latency: latencyOf(calls.map(({ durationMs }) => durationMs)),
    };
  });
}

/** A drill is passed when every promise was kept, every outcome is known, and the fault did what it was meant to. */
export function isPassed({ fault, unknown, invariants }: Pick<Report, 'fault' | 'unknown' | 'invariants'>) {
  return fault.problems.length === 0 && unknown.unsettled === 0 && invariants.every(isKept);
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Percentiles by the nearest rank. */
export function latencyOf(durationsMs: readonly number[]): Latency | undefined {
  const sorted = [...durationsMs].sort((one, other) => one - other);
  const worstMs = sorted.at(-1);
  if (worstMs === undefined) return undefined;
  const percentile = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? worstMs;
  return { medianMs: percentile(0.5), p99Ms: percentile(0.99), worstMs };
}
