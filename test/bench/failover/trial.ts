import { setTimeout as sleep } from 'node:timers/promises';
import { audit } from './accounts.ts';
import type { CallReport } from './caller-process.ts';
import { PATIENCE_MS } from './callers.ts';
import { nowMs } from './clock.ts';
import { FailoverError } from './errors.ts';
import type { Fault } from './faults.ts';
import { untilHealthy } from './health.ts';
import { type Accounting, CALLERS, type CallerName, type FailoverPlan, type FaultName } from './result.ts';
import { type CallerProgram, type Repetition, Session } from './session.ts';
import type { Turns } from './turns.ts';

export interface TrialParts {
  readonly fault: Fault;
  /** 0 for the first. */
  readonly trial: number;
  readonly plan: FailoverPlan;
  /** Begins the names of the accounts, so that no other run has the same. */
  readonly run: string;
  readonly programs: Readonly<Record<CallerName, CallerProgram>>;
  readonly turns: Turns;
  /** When it is healed: so far into the time between two probes of a client, from 0 up to 1. */
  readonly healAfter: number;
  readonly onProgress: (says: string) => void;
  readonly signal: AbortSignal;
}

/** What one caller did in one trial. The warm-up is not in it. */
export interface CallerRecord {
  readonly caller: CallerName;
  /** The calls right before the fault. */
  readonly healthy: readonly CallReport[];
  /** The first call under the fault, and those that follow. */
  readonly faulty: readonly CallReport[];
  /** What it called from then on, until the preferred Region answered it after the fault, or it was given up. */
  readonly after: readonly CallReport[];
}

/** One trial of one fault. */
export interface TrialRecord {
  readonly fault: FaultName;
  /** Name of the preferred Region. */
  readonly preferred: string;
  readonly faultAtMs: number;
  /** When both Regions were up again. */
  readonly upAtMs: number;
  readonly callers: readonly CallerRecord[];
  readonly accounting: Accounting;
}

const WARM_UP_CALLS = 25;
const HEALTHY_CALLS = 20;
const PACE_MS = 50;
/** The callers share a pace, so each calls at another moment of it. */
const BETWEEN_CALLERS_MS = PACE_MS / CALLERS.length;
/** While the others are measured, or somebody waits for his time-out: enough for the bank's client to send its probes. */
const IDLE_PACE_MS = 250;
/**
 * A caller who waits his time-outs out begins no further call after this part of his patience: that is one call after the
 * first. Hours would tell no more of him.
 */
const FOLLOW_FOR_PATIENCE = 1.5;
const BACK_WITHIN_MS = 15_000;
/** How often a client asks whether its preferred Region is whole (`probeIntervalMs`, by default). */
const PROBE_INTERVAL_MS = 5000;
const HEALTHY_WITHIN_MS = 15_000;

/**
 * Holds one trial: all four callers call side by side, a fault is made and healed, and the accounts are audited.
 *
 * It takes a turn for what is over in milliseconds when all is well, because the trials of the other faults go on
 * meanwhile; it gives the turn back where callers wait for time-outs.
 */
export async function holdTrial(parts: TrialParts): Promise<TrialRecord> {
  const { fault, trial, plan, run, programs, turns, onProgress, signal } = parts;
  const { patienceMs = PATIENCE_MS } = plan;
  const sessions = await Promise.all(
    CALLERS.map((caller) => {
      const account = `${run}-${fault.name}-${trial}-${caller}`;
      const { addresses } = fault;
      return Session.open({ caller, program: programs[caller], account, addresses, patienceMs, signal });
    }),
  );
  const endTurn = await turns.take(signal);
  await warmUp(fault, sessions);
  const healthy = await Promise.all(
    sessions.map((session, index) =>
      session.repeat({
        paceMs: PACE_MS,
        delayMs: index * BETWEEN_CALLERS_MS,
        isOver: untilAnswered(fault, HEALTHY_CALLS),
      }),
    ),
  );
  await fault.make(trial);
  onProgress(
    `failover: round ${trial + 1} of ${plan.trials}, ${fault.preferred} is ${fault.name.replaceAll('_', ' ')}`,
  );
  const { faultAtMs, upAtMs, faulty, after } = await endure(parts, sessions, endTurn);
  await Promise.all(sessions.map((session) => session.close()));
  return {
    fault: fault.name,
    preferred: fault.preferred,
    faultAtMs,
    upAtMs,
    callers: CALLERS.map((caller, index) => ({
      caller,
      healthy: healthy[index]?.slice(-HEALTHY_CALLS) ?? [],
      faulty: faulty[index] ?? [],
      after: after[index] ?? [],
    })),
    // The Region that is always well first: it is the accounts that are audited, not the way to them.
    accounting: await audit(sessions, fault.addresses.toReversed(), signal),
  };
}

/** Calls until connections are open, code is warm, and the preferred Region answers everyone. */
async function warmUp(fault: Fault, sessions: readonly Session[]): Promise<void> {
  const isOver = untilAnswered(fault, WARM_UP_CALLS);
  await Promise.all(sessions.map((session) => session.repeat({ paceMs: 0, isOver })));
}

/**
 * Ends a repetition after some calls, as soon as the preferred Region has answered the last. A client that hedges leaves a
 * Region that is well when one call takes too long, as may be on a busy machine, and the fault would find it elsewhere.
 */
function untilAnswered({ preferred }: Fault, least: number): Repetition['isOver'] {
  const deadlineMs = nowMs() + HEALTHY_WITHIN_MS;
  return (report, calls) => {
    if (nowMs() > deadlineMs) {
      throw new FailoverError('not_healthy', `${preferred} does not answer everyone.`);
    }
    return calls >= least && isAnsweredBy(report, preferred);
  };
}

/** From the moment the fault is there until everyone is back. */
async function endure(
  { fault, plan, turns, healAfter, signal }: TrialParts,
  sessions: readonly Session[],
  endTurn: () => void,
) {
  const isSlow = fault.name === 'slow';
  const calls = isSlow ? slowCallsPerTrial(plan) : 1 + plan.laterCalls;
  const followForMs = FOLLOW_FOR_PATIENCE * (plan.patienceMs ?? PATIENCE_MS);
  const faultAtMs = nowMs();
  const isFollowed = (_: CallReport, made: number) =>
    made >= calls || (!isSlow && made >= 2 && nowMs() > faultAtMs + followForMs);
  const faulty = sessions.map((session, index) =>
    session.repeat({ paceMs: PACE_MS, delayMs: index * BETWEEN_CALLERS_MS, isOver: isFollowed }),
  );
  // The bank's clients are done in moments, unless the Region is slow; that takes everyone a while and little work.
  void Promise.all(isSlow ? [] : faulty.slice(0, 2)).then(endTurn, endTurn);

  let upAtMs = Number.POSITIVE_INFINITY;
  const up = new AbortController();
  const healing = Promise.all(faulty).then(async () => {
    await sleep(healAfter * PROBE_INTERVAL_MS, undefined, { signal });
    const endHealing = await turns.take(signal);
    await fault.heal();
    await untilHealthy(fault.addresses[0], signal);
    upAtMs = nowMs();
    up.abort();
    endHealing();
  });
  const isBack = (report: CallReport) =>
    isAnsweredBy(report, fault.preferred) || nowMs() > upAtMs + BACK_WITHIN_MS;
  const after = sessions.map(async (session, index) => {
    await faulty[index];
    const idle = { paceMs: IDLE_PACE_MS, isOver: () => up.signal.aborted, wake: up.signal };
    const meanwhile = await session.repeat(idle);
    return [...meanwhile, ...(await session.repeat({ paceMs: PACE_MS, isOver: isBack }))];
  });
  const [calledFaulty, calledAfter] = await Promise.all([Promise.all(faulty), Promise.all(after), healing]);
  return { faultAtMs, upAtMs, faulty: calledFaulty, after: calledAfter };
}

export function slowCallsPerTrial({ slowCalls, trials }: FailoverPlan): number {
  return Math.ceil(slowCalls / trials);
}

/** Whether a call was answered by a Region. */
export function isAnsweredBy({ ending }: CallReport, region: string): boolean {
  return ending.kind === 'answered' && ending.region === region;
}
