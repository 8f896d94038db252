import type { GrowthLevel, GrowthResult } from './result.ts';

/** The figures that there are goals for. */
export interface GrowthSummary {
  /** What a call costs at the last level, divided by what it costs at the first. */
  readonly accountsVsSmallest: number;
  readonly entriesVsFewest: number;
  /** Requests at the last level. */
  readonly retryRequests: number;
  readonly statementRequests: number;
  /** Bytes of the largest head with 64 callers, or with the most below that. */
  readonly headBytes: number;
}

const HOT_CALLERS = 64;

/** Sums the growth up. Of requests, write units, processor time and latency it takes the one that strayed furthest from 1. */
export function summarizeGrowth(
  result: Pick<GrowthResult, 'accounts' | 'entries' | 'retries' | 'statements' | 'callers'>,
): GrowthSummary {
  const { accounts, entries, retries, statements, callers } = result;
  return {
    accountsVsSmallest: furthest(accounts),
    entriesVsFewest: furthest(entries),
    retryRequests: lastOf(retries).requests,
    statementRequests: lastOf(statements).requests,
    headBytes: lastOf(callers.filter(({ level }) => level <= HOT_CALLERS)).itemBytes,
  };
}

function lastOf(levels: readonly GrowthLevel[]): GrowthLevel {
  const last = levels.at(-1);
  if (last === undefined) throw new RangeError('there are no levels to sum up');
  return last;
}

function furthest(levels: readonly GrowthLevel[]): number {
  const last = lastOf(levels);
  const [first = last] = levels;
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
