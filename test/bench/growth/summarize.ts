import type { GrowthLevel, GrowthResult } from './result.ts';

/** The figures that there are goals for: what a call costs at the last level, divided by what it costs at the first. */
export interface GrowthSummary {
  readonly accountsVsSmallest: number;
  readonly pastCallsVsFewest: number;
}

/** Sums the growth up. Of requests, write units, processor time and latency it takes the one that strayed furthest from 1. */
export function summarizeGrowth({
  accounts,
  pastCalls,
}: Pick<GrowthResult, 'accounts' | 'pastCalls'>): GrowthSummary {
  return { accountsVsSmallest: furthest(accounts), pastCallsVsFewest: furthest(pastCalls) };
}

function furthest(levels: readonly GrowthLevel[]): number {
  const [first, last] = [levels[0], levels.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('there are no levels to sum up');
  const ratios = [
    last.requests / first.requests,
    last.writeUnits / first.writeUnits,
    last.processorVsFirst.median,
    last.latencyVsFirst.median,
  ];
  return ratios.reduce((worst, ratio) => (strays(ratio) > strays(worst) ? ratio : worst));
}

/** Half as much is as far from 1 as twice as much. */
function strays(ratio: number): number {
  return Math.abs(Math.log(ratio));
}
