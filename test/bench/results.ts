import type { ColdStartResult } from './cold-start/result.ts';
import type { Costs } from './costs/result.ts';
import type { DeathsResult } from './deaths/result.ts';
import type { FailoverResult } from './failover/result.ts';
import type { GrowthResult } from './growth/result.ts';
import type { Machine } from './machine.ts';
import type { Summary } from './summary.ts';
import type { ThroughputResult } from './throughput.ts';
import type { WorkResult } from './work.ts';

/** A number measured many times: what stands for it, and how far it strayed. */
export interface Measured {
  readonly median: number;
  /** The first and the last of ten parts of the sorted samples end here. */
  readonly p10: number;
  readonly p90: number;
  readonly samples: number;
}

/** Latencies of many calls, in milliseconds. */
export interface Latencies {
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly calls: number;
}

/** Everything that one run has measured. Plain JSON data, the summary first. */
export interface Results {
  readonly summary: Summary;
  readonly machine: Machine;
  readonly options: { readonly kind: 'quick' | 'full'; readonly seed: number; readonly tookSeconds: number };
  readonly work: readonly WorkResult[];
  readonly deaths: DeathsResult;
  readonly throughput: readonly ThroughputResult[];
  readonly costs: Costs;
  readonly coldStart: ColdStartResult;
  readonly failover: FailoverResult;
  readonly growth: GrowthResult;
}
