import type { Results } from '../results.ts';
import { type Goal, goals } from './goals.ts';

/** What stands above all figures: what was run, where, and how far the figures hold. */
export function leadOf({ machine, options }: Results): readonly string[] {
  const { processor, cores, memoryGb, system, node, dynamodb, loadAverage } = machine;
  const { kind, seed, tookSeconds } = options;
  return [
    `${processor}, ${cores} cores, ${memoryGb} GB; ${system}; Node ${node}; ${dynamodb}; load average ${loadAverage} before the run.`,
    `A ${kind} run of ${tookSeconds} s with seed ${seed}. Absolute figures hold for this machine alone; ratios compare what was measured in turns in this one run.${kind === 'quick' ? ' A quick run shows large differences only.' : ''}`,
  ];
}

export const TITLE = 'Twinbank, measured';

export interface Standing {
  readonly goals: readonly Goal[];
  readonly says: string;
}

/** The goals, and how many of them were reached. */
export function standingOf({ summary }: Results): Standing {
  const all = goals(summary);
  const reached = all.filter((goal) => goal.reached).length;
  return { goals: all, says: `${reached} of ${all.length} goals reached.` };
}
