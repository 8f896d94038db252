import type { ContenderName } from './contenders/contender.ts';
import type { Costs, Server } from './costs/result.ts';
import { type FailoverSummary, summarizeFailover } from './failover/summarize.ts';
import { type GrowthSummary, summarizeGrowth } from './growth/summarize.ts';
import type { Results } from './results.ts';
import type { ThroughputResult } from './throughput.ts';
import type { Operation, WorkResult } from './work.ts';

/** The figures that there are goals for: medians, and ratios where something else was measured beside the bank. */
export interface Summary {
  /** HTTP requests to DynamoDB of a deposit or withdrawal in a long run, and the write units that it takes, pages included. */
  readonly requestsPerCall: number;
  readonly writeUnitsPerCall: number;
  /** What the cache takes more, where callers may come back. */
  readonly cacheRequestsPerCall: number;
  readonly cacheWriteUnitsPerCall: number;
  /** Calls a second of the bank divided by those of another, over many accounts, by the number of callers. */
  readonly throughputVsBare: ByCallers;
  readonly throughputVsPowertools: ByCallers;
  readonly throughputVsTransaction: ByCallers;
  /** CPU time of the bank's function for a deposit, divided by that of one that only imports the SDK and writes. */
  readonly handlerCpuVsBare: number;
  /** Calls a second of the client divided by those of a bare `fetch`: to a server that answers at once, and to a Region. */
  readonly clientVsFetch: number;
  readonly clientVsFetchToRegion: number;
  /** From the start of a process to its first answer, divided by that of the function that only imports the SDK. */
  readonly coldStartVsSdkOnly: number;
  readonly bundleBytes: number;
  readonly bundleVsSdkOnly: number;
  readonly failover: FailoverSummary;
  readonly growth: GrowthSummary;
}

export type ByCallers = Readonly<Record<string, number>>;

/** Picks out of the results what there are goals for. */
export function summarize(results: Omit<Results, 'summary' | 'machine' | 'options'>): Summary {
  const { work, throughput, costs, coldStart, failover, growth } = results;
  const { region, instant } = costs.client;
  const once = ofBank(work, 'long run');
  const kept = ofBank(work, 'keys kept');
  return {
    requestsPerCall: round(once.requests),
    writeUnitsPerCall: round(once.writeUnits),
    cacheRequestsPerCall: round(kept.requests - once.requests),
    cacheWriteUnitsPerCall: round(kept.writeUnits - once.writeUnits),
    throughputVsBare: ratios(throughput, 'bare'),
    throughputVsPowertools: ratios(throughput, 'powertools'),
    throughputVsTransaction: ratios(throughput, 'transaction'),
    handlerCpuVsBare: round(costs.handler.cpuVsBare.median),
    clientVsFetch: slowest(instant),
    clientVsFetchToRegion: slowest(region),
    coldStartVsSdkOnly: round(coldStart.ratios.answeredMs),
    bundleBytes: coldStart.bundles.bank.bytes,
    bundleVsSdkOnly: round(coldStart.ratios.bytes),
    failover: summarizeFailover(failover),
    growth: summarizeGrowth(growth),
  };
}

function ofBank(results: readonly WorkResult[], operation: Operation): WorkResult['work'] {
  const found = results.find((each) => each.contender === 'bank' && each.operation === operation);
  if (found === undefined) throw new RangeError(`the bank was not asked for a ${operation}`);
  return found.work;
}

function ratios(throughput: readonly ThroughputResult[], contender: ContenderName): ByCallers {
  return Object.fromEntries(
    throughput
      .filter(({ spread }) => spread === 'many_accounts')
      .map(({ callers, contenders }) => [String(callers), round(contenders[contender].bankVs.median)]),
  );
}

/** The client's ratio at the number of callers where it is lowest. */
function slowest(byCallers: Costs['client'][Server]): number {
  return round(Math.min(...Object.values(byCallers).map(({ throughputVsBare }) => throughputVsBare.median)));
}

function round(ratio: number): number {
  return Math.round(ratio * 1000) / 1000;
}
