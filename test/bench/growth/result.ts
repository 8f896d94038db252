import type { Measured } from '../results.ts';
import type { HotAccount } from './hot-account.ts';
import type { GrowthPlan } from './plan.ts';

/** What grows. */
export const DIMENSIONS = ['accounts', 'pastCalls', 'callers', 'rememberedReplies'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** What a call costs when something has grown this far. Requests, units and bytes are means over all calls. */
export interface GrowthLevel {
  readonly level: number;
  readonly calls: number;
  /** HTTP requests to DynamoDB a call, retries included. */
  readonly requests: number;
  /** As DynamoDB Local counts them. */
  readonly writeUnits: number;
  /** Bytes of the largest item that was called on, by DynamoDB's published rule, and the replies that it remembers. */
  readonly itemBytes: number;
  readonly remembered: number;
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
