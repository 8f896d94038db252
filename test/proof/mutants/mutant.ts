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

/** Mutants of some files, by file. */
export type Room = Readonly<Record<string, readonly Omit<Mutant, 'file'>[]>>;
