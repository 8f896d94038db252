import type { Spread } from './statistics.ts';

/** Something that the benchmark finds out. */
export interface Question<Plan> {
  readonly title: string;
  /** What is measured, and how to read the figures. */
  readonly note: string;
  /** How much is measured: a look, or what figures to be published come from. */
  readonly plans: { readonly quick: Plan; readonly full: Plan };
  measure(plan: Plan, site: Site): Promise<readonly Table[]>;
}

/** What every question is measured with. */
export interface Site {
  /** Where a DynamoDB answers that nothing else uses. */
  readonly endpoint: string;
  /** A folder for bundles, which is removed afterwards. */
  readonly folder: string;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Rows of figures. The same objects are printed and written as JSON. */
export interface Table {
  readonly title: string;
  readonly rows: readonly Row[];
}

export type Row = Readonly<Record<string, string | number | Spread>>;

/** The answer to one question. */
export interface Answer {
  readonly title: string;
  readonly note: string;
  /** Processes that wanted to run, averaged over the minute before the measurement: above 0.5, another program was busy. */
  readonly loadBefore: number;
  readonly tookSeconds: number;
  readonly tables: readonly Table[];
}
