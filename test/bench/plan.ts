import type { ColdStartPlan } from './cold-start/measure.ts';
import type { CostsPlan } from './costs/measure.ts';
import type { FailoverPlan } from './failover/result.ts';
import { FULL_GROWTH, type GrowthPlan, QUICK_GROWTH } from './growth/plan.ts';
import type { ThroughputPlan } from './throughput.ts';

/** How much is measured of everything. */
export interface Plan {
  /** Accounts that calls are spread over, and those on which each operation is counted once. */
  readonly accounts: number;
  readonly countedAccounts: number;
  readonly throughput: Omit<ThroughputPlan, 'accounts'>;
  readonly costs: CostsPlan;
  readonly coldStart: ColdStartPlan;
  readonly failover: FailoverPlan;
  readonly growth: GrowthPlan;
}

/** A look, in two or three minutes: enough to see whether something has become worse by much. */
export function quickPlan(seed: number): Plan {
  return {
    accounts: 200,
    countedAccounts: 10,
    throughput: { callers: [1, 16, 64], rounds: 4, sliceMs: 100 },
    costs: { rounds: 8, calls: 60 },
    coldStart: { starts: 5 },
    // Who waits for ten seconds waits for three here, and is told of with that.
    failover: { trials: 1, laterCalls: 2, slowCalls: 40, patienceMs: 3_000, seed },
    growth: { ...QUICK_GROWTH, seed },
  };
}

/** What the published figures come from. */
export function fullPlan(seed: number): Plan {
  return {
    accounts: 1_000,
    countedAccounts: 50,
    throughput: { callers: [1, 16, 64], rounds: 15, sliceMs: 300 },
    costs: { rounds: 30, calls: 200 },
    coldStart: { starts: 30 },
    failover: { trials: 3, laterCalls: 20, slowCalls: 300, seed },
    growth: { ...FULL_GROWTH, seed },
  };
}
