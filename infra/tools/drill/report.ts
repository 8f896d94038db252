import type { CallRecord } from '../../../client/load/call.ts';
import { type Check, isKept } from '../../../client/load/check.ts';
import { type Counts, progressOf } from '../../../client/load/progress.ts';
import { type Latency, latencyOf, type Resolution, refusalsOf } from '../../../client/load/report.ts';
import { PHASES, type Phase, type Timeline, type TrafficReport } from './timeline.ts';

/** The calls of one phase. */
export interface PhaseReport extends Counts {
  readonly phase: Phase;
  readonly durationMs: number;
  /** Refused calls by code. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Calls by the Region that answered. */
  readonly regions: Readonly<Record<string, number>>;
  /** How long the calls took; undefined when there were none. */
  readonly latency: Latency | undefined;
}

/** The result of a drill. */
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
  /** It was ended early. Before the fault began, that is a problem of the fault. */
  readonly interrupted: boolean;
  readonly phases: readonly PhaseReport[];
  readonly traffic: TrafficReport;
  readonly unknown: Resolution;
  readonly checks: readonly Check[];
  /** Money that the drill leaves behind, in accounts of its own. */
  readonly leftBehindMinor: bigint;
  readonly ok: boolean;
}

/** Sums up the calls of each phase. */
export function phaseReports(records: readonly CallRecord[], timeline: Timeline): readonly PhaseReport[] {
  const { durationsMs } = timeline;
  return PHASES.map((phase) => {
    const calls = records.filter((record) => timeline.phaseOf(record) === phase);
    const { counts, regions } = progressOf(calls);
    return {
      phase,
      durationMs: durationsMs[phase],
      ...counts,
      refusals: refusalsOf(calls),
      regions,
      latency: latencyOf(calls.flatMap(({ durationMs }) => durationMs ?? [])),
    };
  });
}

/** A drill passes if every promise was kept, every outcome is known, and the fault had its effect. */
export function isPassed({ fault, unknown, checks }: Pick<Report, 'fault' | 'unknown' | 'checks'>): boolean {
  return fault.problems.length === 0 && unknown.unresolved === 0 && checks.every(isKept);
}
