import { KEPT_ENTRIES } from '../../../functions/bank/limits.ts';
import { LATE_ENTRIES } from './entries.ts';
import { GrowthError } from './errors.ts';

/** How far things grow, and how much is measured. Levels go from few to many: ratios are taken to the first one. */
export interface GrowthPlan {
  /** Items in the table of accounts. */
  readonly accounts: readonly number[];
  /** Entries of one account, one a second, before it is called. */
  readonly entries: readonly number[];
  /** Callers of one account at once, each of which makes one call after the other. */
  readonly callers: readonly number[];
  /** Calls measured at each level, but for callers, which need more, and late keys, which make their own search longer. */
  readonly samples: number;
  /** Calls at a stretch, before it is another level's turn. */
  readonly sliceCalls: number;
  /** Rounds in which each number of callers has its turn. */
  readonly callersRounds: number;
  /** Seed of the account that is called first. */
  readonly seed: number;
}

/** Some seconds. */
export const QUICK_GROWTH: Omit<GrowthPlan, 'seed'> = {
  accounts: [100, 1_000, 10_000],
  entries: [2_000, 10_000],
  callers: [1, 4, 16, 64],
  samples: 400,
  sliceCalls: 40,
  callersRounds: 2,
};

/** Some minutes, most of which go into filling tables. */
export const FULL_GROWTH: Omit<GrowthPlan, 'seed'> = {
  accounts: [100, 1_000, 10_000, 100_000, 1_000_000],
  entries: [2_000, 10_000, 100_000],
  callers: [1, 4, 16, 64, 256],
  samples: 1_200,
  sliceCalls: 40,
  callersRounds: 5,
};

const MAX_ACCOUNTS = 10_000_000;

/** Each has a connection of its own, as each of so many functions has. */
export const MAX_CALLERS = 512;

/** Throws {@link GrowthError} when a plan cannot be measured. */
export function checkPlan(plan: GrowthPlan): void {
  const { accounts, entries, callers, samples, sliceCalls, callersRounds, seed } = plan;
  const ok =
    areLevels(accounts, 1, MAX_ACCOUNTS) &&
    // In any ten accounts one is due to have a page turned.
    accounts.every((count) => count % KEPT_ENTRIES === 0) &&
    // The entry that is retried is not the first, and has left the head.
    areLevels(entries, LATE_ENTRIES + 1, MAX_ACCOUNTS) &&
    areLevels(callers, 1, MAX_CALLERS) &&
    // What an entry weighs is the difference between two of them.
    callers.length > 1 &&
    [samples, sliceCalls, callersRounds].every((count) => Number.isSafeInteger(count) && count >= 1) &&
    Number.isSafeInteger(seed);
  if (!ok) throw new GrowthError('plan_unusable', `a plan that cannot be measured: ${JSON.stringify(plan)}`);
}

function areLevels(levels: readonly number[], least: number, most: number): boolean {
  return (
    levels.length > 0 &&
    levels.every((level, index) => {
      const before = levels[index - 1] ?? least - 1;
      return Number.isSafeInteger(level) && level > before && level <= most;
    })
  );
}
