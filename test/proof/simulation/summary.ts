import type { Run } from './run.ts';
import type { Violation } from './tables.ts';

/** One run or several, added up. */
export interface Summary
  extends Pick<
    Run,
    'calls' | 'faults' | 'outcomes' | 'entries' | 'transfers' | 'batches' | 'sumMinor' | 'expectedMinor'
  > {
  readonly seeds: number;
  readonly failed: readonly { readonly seed: number; readonly violations: readonly Violation[] }[];
}

export const NOTHING: Summary = {
  seeds: 0,
  calls: 0,
  faults: {},
  outcomes: {},
  entries: {},
  transfers: 0,
  batches: 0,
  sumMinor: 0n,
  expectedMinor: 0n,
  failed: [],
};

export function summaryOf({ seed, violations, history: _, digest: __, ...counted }: Run): Summary {
  const failed = violations.length === 0 ? [] : [{ seed, violations }];
  return { ...counted, seeds: 1, failed };
}

export function add(one: Summary, other: Summary): Summary {
  return {
    seeds: one.seeds + other.seeds,
    calls: one.calls + other.calls,
    faults: addCounts(one.faults, other.faults),
    outcomes: addCounts(one.outcomes, other.outcomes),
    entries: addCounts(one.entries, other.entries),
    transfers: one.transfers + other.transfers,
    batches: one.batches + other.batches,
    sumMinor: one.sumMinor + other.sumMinor,
    expectedMinor: one.expectedMinor + other.expectedMinor,
    failed: [...one.failed, ...other.failed].sort((a, b) => a.seed - b.seed),
  };
}

function addCounts<Name extends string>(
  one: Readonly<Partial<Record<Name, number>>>,
  other: Readonly<Partial<Record<Name, number>>>,
): Record<Name, number> {
  const sum = { ...one } as Record<Name, number>;
  for (const [name, count] of Object.entries(other) as [Name, number][]) {
    sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}

/** Failed seeds that are printed one by one. */
const MAX_SHOWN = 10;

/** Puts a summary into words. */
export function inWords(summary: Summary, seconds: number): string {
  const { seeds, calls, faults, outcomes, entries, transfers, batches, sumMinor, expectedMinor, failed } =
    summary;
  const { settled = 0, returned = 0 } = entries;
  const counts = (all: Readonly<Partial<Record<string, number>>>) =>
    Object.entries(all)
      .sort(([, one = 0], [, other = 0]) => other - one)
      .map(([name, count]) => `  ${name.padEnd(24)} ${count}`)
      .join('\n');
  const shown = failed
    .slice(0, MAX_SHOWN)
    .flatMap(({ seed, violations }) => [
      `seed ${seed}: ${violations.length} violations; again with: npm run sim -- --seeds 1 --from ${seed}`,
      ...violations.slice(0, 3).map(({ invariant, message }) => `  ${invariant}: ${message}`),
    ]);
  return [
    `${seeds} seeds, ${calls} calls in ${seconds.toFixed(1)} s: ${Math.round(calls / seconds)} calls a second`,
    `${transfers} transfers were asked for: ${settled} settled, ${returned} returned`,
    `${batches} writes executed several calls at once`,
    `All accounts have ${sumMinor}; deposits less what left the bank are ${expectedMinor}`,
    `Outcomes\n${counts(outcomes)}`,
    `Entries\n${counts(entries)}`,
    `Faults that struck\n${counts(faults)}`,
    ...shown,
    failed.length === 0 ? 'Every promise was kept.' : `${failed.length} seeds broke a promise.`,
  ].join('\n');
}
