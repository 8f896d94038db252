import type { Latencies, Measured } from '../results.ts';

/** What befalls the preferred Region, and is over when it is healed. */
export const FAULTS = ['killed', 'frozen', 'black_holed', 'answering_503', 'slow'] as const;
export type FaultName = (typeof FAULTS)[number];

/** A fault under which the preferred Region answers nothing of use. */
export type Outage = Exclude<FaultName, 'slow'>;

/**
 * Who calls: the bank's client with its default options; the same with hedging; a client that knows one address and
 * retries; and one that does what the tutorial's does, always the first address first.
 */
export const CALLERS = ['bank', 'bank_hedged', 'one_address', 'tutorial'] as const;
export type CallerName = (typeof CALLERS)[number];

/**
 * How a call ended for its caller: with its answer; certainly not executed; of unknown outcome and known to be; or, for
 * callers that cannot tell these two apart, with nothing when the time was up.
 */
export const ENDINGS = ['answered', 'unavailable', 'unknown', 'timed_out'] as const;
export type EndingKind = (typeof ENDINGS)[number];

/** How many calls ended how. */
export type Endings = Readonly<Record<EndingKind, number>>;

/** How much is measured. */
export interface FailoverPlan {
  readonly trials: number;
  /** Calls that follow the first one after an outage began; a caller that waits long makes fewer. */
  readonly laterCalls: number;
  /** Calls of each caller while the preferred Region is slow, over all trials. */
  readonly slowCalls: number;
  readonly seed: number;
  /** How long the client that knows one address and the tutorial's client wait for an answer. Default 10000. */
  readonly patienceMs?: number;
}

/** What both kinds of figures say. */
interface CallerFigures {
  readonly caller: CallerName;
  /** Medians of the calls right before the fault, one a trial. */
  readonly healthyMs: Measured;
  /** Trials in which another Region than the preferred one answered while the fault lasted. */
  readonly left: number;
  /**
   * From the moment both Regions were up until the preferred one answered the caller, in the trials in which it had left.
   * Null when there were none, or when it did not come back in any.
   */
  readonly backMs: Measured | null;
}

/** One caller under one outage. `Extra` is what a call took beyond the median of the healthy calls of its own trial. */
export interface OutageFigures extends CallerFigures {
  readonly fault: Outage;
  /** How long after the fault was there the first call began. */
  readonly firstBeganAfterMs: Measured;
  readonly firstMs: Measured;
  readonly firstExtraMs: Measured;
  readonly firstEnded: Endings;
  /** All calls that followed, of all trials. */
  readonly followingMs: Measured;
  /** Of the median of the calls that followed, one a trial. */
  readonly followingExtraMs: Measured;
  readonly followingEnded: Endings;
}

/** One caller while the preferred Region was slow. */
export interface SlowFigures extends CallerFigures {
  readonly latencies: Latencies;
  readonly ended: Endings;
}

/** Every deposit that was asked for, warm-up included. In each account was what these say, or there is no result. */
export interface Accounting {
  readonly calls: number;
  readonly answered: number;
  readonly unavailable: number;
  /** Deposits whose outcome their callers did not know, and that were made sure of afterwards with the same key. */
  readonly settled: number;
}

/** Plain JSON data. */
export interface FailoverResult {
  readonly plan: FailoverPlan;
  /** `hedgeAfterMs` of the client that hedges. */
  readonly hedgeAfterMs: number;
  readonly outages: readonly OutageFigures[];
  /** What was added to the requests of each caller while the preferred Region was slow, drawn from the seed. */
  readonly slowDelays: Latencies;
  readonly slow: readonly SlowFigures[];
  readonly accounting: Accounting;
}
