import type { Measured } from '../results.ts';
import type { Part } from './parts.ts';

/** The bank's function, and one that only imports the SDK and does the write. */
export type Program = 'bank' | 'sdk_only';

/** In the order in which they are told. */
export const PROGRAMS: readonly Program[] = ['bank', 'sdk_only'];

/** What a bundle weighs, without its source map. */
export interface BundleSize {
  readonly bytes: number;
  readonly gzippedBytes: number;
}

/** Where the time of starts went, in milliseconds. */
export interface StartTimes {
  /** From the moment at which the process is asked for until the answer of its first call is here. */
  readonly answeredMs: Measured;
  /** Until Node begins to run the program. */
  readonly bootMs: Measured;
  /** Reading and running the bundle. */
  readonly importMs: Measured;
  /** The call, with the connection that it opens to DynamoDB. */
  readonly firstCallMs: Measured;
  /** Processor time of the whole process. It hardly notices what else the machine is doing. */
  readonly processorMs: Measured;
}

/** The bank's figures divided by those of the function that only imports the SDK; of times, the medians. */
export type ColdStartRatios = Readonly<Record<keyof BundleSize | keyof StartTimes, number>>;

export interface ColdStartResult {
  /** Version of the Node that ran, for which the bundles were made. */
  readonly node: string;
  readonly bundles: Readonly<Record<Program, BundleSize>>;
  /** What the bank's bundle is made of, the largest first. */
  readonly parts: readonly Part[];
  readonly starts: Readonly<Record<Program, StartTimes>>;
  readonly ratios: ColdStartRatios;
}
