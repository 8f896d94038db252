import { setMaxListeners } from 'node:events';
import { chanceFrom } from '../../../infra/drill/chance.ts';
import { FailoverError } from './errors.ts';
import { figuresOf } from './figures.ts';
import type { FailoverPlan, FailoverResult } from './result.ts';
import { Stage } from './stage.ts';
import { holdTrial, type TrialRecord } from './trial.ts';
import { Turns } from './turns.ts';

export type { FailoverPlan, FailoverResult } from './result.ts';
export { summarizeFailover } from './summarize.ts';

const MAX_LISTENERS = 100;

/**
 * Measures what callers see when their preferred Region fails, on banks of its own. Whatever comes of it, nothing that it
 * started is left running.
 *
 * A round is one trial of each fault, side by side, so that whatever changes with time changes all faults alike. What
 * takes milliseconds is done by one trial at a time.
 */
export async function measureFailover(
  plan: FailoverPlan,
  onProgress: (says: string) => void,
  signal: AbortSignal,
): Promise<FailoverResult> {
  check(plan);
  const broken = new AbortController();
  const onBroken = (error: unknown) => broken.abort(error);
  const ending = AbortSignal.any([signal, broken.signal]);
  // Every caller of every trial waits by it at once. More than these would be a leak.
  setMaxListeners(MAX_LISTENERS, ending);
  onProgress('failover: starting Regions, relays and callers');
  const stage = await Stage.start({ seed: plan.seed, onBroken, signal: ending });
  try {
    return figuresOf(plan, await holdRounds(plan, stage, onProgress, { ending, onBroken }));
  } finally {
    await stage.stop();
  }
}

async function holdRounds(
  plan: FailoverPlan,
  { faults, programs, run }: Stage,
  onProgress: (says: string) => void,
  { ending, onBroken }: { readonly ending: AbortSignal; readonly onBroken: (error: unknown) => void },
): Promise<readonly TrialRecord[]> {
  const turns = new Turns();
  const chance = chanceFrom(plan.seed);
  const records: TrialRecord[] = [];
  for (let trial = 0; trial < plan.trials; trial += 1) {
    // Another fault comes first each time, because the later ones have more going on beside them.
    const order = [...faults.slice(trial % faults.length), ...faults.slice(0, trial % faults.length)];
    const trials = order.map((fault) => {
      // Spread over the time between two probes, so that how soon the next one comes is left to chance, and evenly.
      const healAfter = (trial + chance()) / plan.trials;
      return holdTrial({ fault, trial, plan, run, programs, turns, healAfter, onProgress, signal: ending });
    });
    try {
      records.push(...(await Promise.all(trials)));
    } catch (error) {
      // The others are ended as well, and waited for: nobody may start a Region while all are being stopped.
      onBroken(error);
      await Promise.allSettled(trials);
      throw error;
    }
  }
  return records;
}

function check({ trials, laterCalls, slowCalls, seed, patienceMs }: FailoverPlan): void {
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 1;
  const counts = [trials, laterCalls, slowCalls, ...(patienceMs === undefined ? [] : [patienceMs])];
  if (!counts.every(isCount) || !Number.isSafeInteger(seed)) {
    throw new FailoverError(
      'plan_unusable',
      'A plan has one trial and one call of each kind at least, and a seed.',
    );
  }
}
