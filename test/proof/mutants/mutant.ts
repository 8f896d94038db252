/** A line that keeps a promise, taken away. */
export interface Mutant {
  /** What is taken away, in words. */
  readonly removes: string;
  /** The promise that it keeps, as the design numbers them, or `never stuck`; `the proof` where it makes others be noticed. */
  readonly keeps: string;
  /** The file that it is in. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** What must go red: the simulation, or a file of tests. */
  readonly caughtBy: 'simulation' | `test/${string}`;
}

/** A mutant in the list of its file. By default the simulation catches it, and it removes what was found. */
type Listed = Pick<Mutant, 'removes' | 'keeps' | 'find'> & Partial<Pick<Mutant, 'replace' | 'caughtBy'>>;

/** Mutants of some files, by file. */
export type Room = Readonly<Record<string, readonly Listed[]>>;
