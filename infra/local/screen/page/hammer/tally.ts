/** What came of the calls of a run, from their answers alone. */
export interface Tally {
  readonly calls: number;
  readonly executed: number;
  readonly refused: number;
  /** Calls that certainly were not executed: no Region took them, or they were cancelled afterwards. */
  readonly unavailable: number;
  /** Calls that were left without an answer. */
  readonly unknown: number;
  /** Those of them of which it was found out since. */
  readonly settled: number;
  /** How often a client moved on from the preferred Region to the other one. */
  readonly failovers: number;
}

/** What the books of one Region say, compared with what was answered. */
export type RegionBooks =
  | { readonly kind: 'agrees'; readonly region: string }
  | { readonly kind: 'differs'; readonly region: string; readonly differences: readonly Difference[] }
  /** It did not answer, so it could not be asked. */
  | { readonly kind: 'silent'; readonly region: string };

export interface Difference {
  readonly account: string;
  readonly expected: bigint;
  readonly found: bigint;
}

/** How a run ended. */
export interface Verdict {
  readonly accounts: number;
  /** What all accounts of the run hold together, from the answers. */
  readonly total: bigint;
  /** Calls of which nobody knows yet what became of them. */
  readonly open: number;
  readonly regions: readonly RegionBooks[];
}

/** `balanced` when no call is open and all Regions agree, `partly` when those agree that could be read. */
export function judge({ open, regions }: Verdict): 'balanced' | 'partly' | 'differs' | 'open' | 'unread' {
  // With a call open either balance would be right, so that only then a difference proves nothing.
  if (open > 0) return 'open';
  if (regions.some(({ kind }) => kind === 'differs')) return 'differs';
  if (regions.every(({ kind }) => kind === 'agrees')) return 'balanced';
  return regions.some(({ kind }) => kind === 'agrees') ? 'partly' : 'unread';
}
