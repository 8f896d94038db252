import type { RegionStatus } from '../region.ts';

/** What a page can order for a Region. */
export const VERBS = ['kill', 'freeze', 'thaw', 'start'] as const;
export type Verb = (typeof VERBS)[number];

/** A Region, and where it answers. */
export type RegionEndpoint = Pick<RegionStatus, 'region' | 'url'>;

/** The present state of a Region. */
export type RegionNow = Omit<RegionStatus, 'event'>;

/** One call as the function of a Region logged it. */
export interface CallSeen {
  readonly region: string;
  /** `sweep` where there was no call: the Region has ended transfers or holds of accounts that its log does not name. */
  readonly operation: string;
  readonly account: string;
  readonly key: string;
  /** `executed`, `replayed`, `answered` or a problem code. */
  readonly outcome: string;
  readonly durationMs: number;
}

/** What a page receives: the state of both Regions, and the calls that they logged since the last news. */
export interface News {
  readonly regions: readonly RegionNow[];
  readonly calls: readonly CallSeen[];
}
