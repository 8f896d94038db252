import type { Measured } from '../results.ts';
import type { HotAccount } from './hot-account.ts';
import type { GrowthPlan } from './plan.ts';

/** What grows. */
export const DIMENSIONS = ['accounts', 'entries', 'retries', 'lateKeys', 'statements', 'callers'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** What a call costs when something has grown this far. Requests and units are means over all calls. */
export interface GrowthLevel {
  readonly level: number;
  readonly calls: number;
  /** HTTP requests to DynamoDB a call, retries included. */
  readonly requests: number;
  /** As DynamoDB Local counts them. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Bytes of the largest head that was seen, by DynamoDB's published rule, and its entries. */
  readonly itemBytes: number;
  readonly entries: number;
  /** Processor time of the process that holds core, store and SDK, a call; one sample a round. */
  readonly processorMs: Measured;
  /** Medians of the calls of a round, one sample a round. */
  readonly latencyMs: Measured;
  readonly callsPerSecond: Measured;
  /** Divided by the first level's of the same round. */
  readonly processorVsFirst: Measured;
  readonly latencyVsFirst: Measured;
}

/** Plain JSON data. The levels of a dimension are in the order of the plan. */
export interface GrowthResult extends Readonly<Record<Dimension, readonly GrowthLevel[]>> {
  readonly plan: GrowthPlan;
  readonly hotAccount: HotAccount;
}
