import { latencies, measured } from '../statistics.ts';
import { sumOf } from './accounts.ts';
import type { CallReport } from './caller-process.ts';
import { HEDGE_AFTER_MS } from './callers.ts';
import { delaysFrom, slowSeed } from './delays.ts';
import {
  CALLERS,
  type CallerName,
  ENDINGS,
  type Endings,
  FAULTS,
  type FailoverPlan,
  type FailoverResult,
  type FaultName,
  type OutageFigures,
  type SlowFigures,
} from './result.ts';
import { type CallerRecord, isAnsweredBy, slowCallsPerTrial, type TrialRecord } from './trial.ts';

/** One caller in one trial, with the moments of the trial. */
type Part = CallerRecord & Pick<TrialRecord, 'preferred' | 'faultAtMs' | 'upAtMs'>;

/** Makes figures of what was recorded. */
export function figuresOf(plan: FailoverPlan, trials: readonly TrialRecord[]): FailoverResult {
  const partsOf = (fault: FaultName, caller: CallerName): readonly Part[] =>
    trials
      .filter((trial) => trial.fault === fault)
      .flatMap(({ callers, preferred, faultAtMs, upAtMs }) =>
        callers
          .filter((record) => record.caller === caller)
          .map((record) => ({ ...record, preferred, faultAtMs, upAtMs })),
      );
  return {
    plan,
    hedgeAfterMs: HEDGE_AFTER_MS,
    outages: FAULTS.filter((fault) => fault !== 'slow').flatMap((fault) =>
      CALLERS.map((caller) => ({ fault, ...outageFigures(caller, partsOf(fault, caller)) })),
    ),
    slowDelays: latencies(drawnDelaysMs(plan)),
    slow: CALLERS.map((caller) => slowFigures(caller, partsOf('slow', caller))),
    accounting: sumOf(trials.map(({ accounting }) => accounting)),
  };
}

function outageFigures(caller: CallerName, parts: readonly Part[]): Omit<OutageFigures, 'fault'> {
  const firsts = parts.flatMap(({ faulty }) => faulty.slice(0, 1));
  const following = parts.map(({ faulty }) => faulty.slice(1));
  const extras = (pick: (part: Part) => readonly CallReport[]) =>
    measured(parts.map((part) => medianMs(pick(part)) - medianMs(part.healthy)));
  return {
    ...callerFigures(caller, parts),
    firstBeganAfterMs: measured(
      parts.flatMap(({ faultAtMs, faulty }) =>
        faulty.slice(0, 1).map(({ beganAtMs }) => beganAtMs - faultAtMs),
      ),
    ),
    firstMs: measured(durationsMs(firsts)),
    firstExtraMs: extras(({ faulty }) => faulty.slice(0, 1)),
    firstEnded: endingsOf(firsts),
    followingMs: measured(durationsMs(following.flat())),
    followingExtraMs: extras(({ faulty }) => faulty.slice(1)),
    followingEnded: endingsOf(following.flat()),
  };
}

function slowFigures(caller: CallerName, parts: readonly Part[]): SlowFigures {
  const calls = parts.flatMap(({ faulty }) => faulty);
  return {
    ...callerFigures(caller, parts),
    latencies: latencies(durationsMs(calls)),
    ended: endingsOf(calls),
  };
}

/** The delays that the calls of each caller met, but for attempts beyond one a call. */
function drawnDelaysMs(plan: FailoverPlan): readonly number[] {
  return Array.from({ length: plan.trials }, (_, trial) => {
    const delay = delaysFrom(slowSeed(plan.seed, trial));
    return Array.from({ length: slowCallsPerTrial(plan) }, delay);
  }).flat();
}

function callerFigures(caller: CallerName, parts: readonly Part[]) {
  const left = parts.filter(hasLeft);
  const backMs = left.flatMap(timeToBackMs);
  return {
    caller,
    healthyMs: measured(parts.map(({ healthy }) => medianMs(healthy))),
    left: left.length,
    backMs: backMs.length === 0 ? null : measured(backMs),
  };
}

function hasLeft({ preferred, faulty, after, upAtMs }: Part): boolean {
  return [...faulty, ...after].some(
    (report) =>
      report.beganAtMs < upAtMs && report.ending.kind === 'answered' && !isAnsweredBy(report, preferred),
  );
}

/** One time, or none when it did not come back. */
function timeToBackMs({ preferred, after, upAtMs }: Part): readonly number[] {
  const back = after
    .map((report) => ({ report, endedAtMs: report.beganAtMs + report.durationMs }))
    .find(({ report, endedAtMs }) => endedAtMs >= upAtMs && isAnsweredBy(report, preferred));
  return back === undefined ? [] : [back.endedAtMs - upAtMs];
}

function medianMs(reports: readonly CallReport[]): number {
  return measured(durationsMs(reports)).median;
}

function durationsMs(reports: readonly CallReport[]): readonly number[] {
  return reports.map(({ durationMs }) => durationMs);
}

function endingsOf(reports: readonly CallReport[]): Endings {
  const count = (kind: string) => reports.filter(({ ending }) => ending.kind === kind).length;
  return Object.fromEntries(ENDINGS.map((kind) => [kind, count(kind)])) as Endings;
}
