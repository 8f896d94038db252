import { measureColdStart } from './cold-start/measure.ts';
import { measureCosts } from './costs/measure.ts';
import { measureDeaths } from './deaths/measure.ts';
import { measureFailover } from './failover/measure.ts';
import { measureGrowth } from './growth/measure.ts';
import { describeMachine } from './machine.ts';
import type { Plan } from './plan.ts';
import type { Results } from './results.ts';
import { accountNames, openContenders, Stage } from './stage.ts';
import { summarize } from './summary.ts';
import { measureThroughput } from './throughput.ts';
import { measureWork } from './work.ts';

/** Measures everything, one thing after the other, so that nothing is measured while something else works. */
export async function measureAll(
  plan: Plan,
  onProgress: (says: string) => void,
  signal: AbortSignal,
): Promise<Omit<Results, 'options'>> {
  onProgress('starting DynamoDB Local');
  await using stage = await Stage.open(signal);
  const { endpoint } = stage;
  const machine = describeMachine(stage.description);
  const work = await measureWorkOn(stage, plan.countedAccounts, onProgress);
  const deaths = await measureDeaths(endpoint, await stage.createTables(), onProgress, signal);
  const throughput = await measureThroughputOn(stage, plan, onProgress, signal);
  const costs = await measureCosts(plan.costs, onProgress, signal);
  const { bank } = await stage.createTables();
  const coldStart = await measureColdStart(plan.coldStart, endpoint, bank, onProgress, signal);
  const growth = await measureGrowth(stage, plan.growth, onProgress, signal);
  const failover = await measureFailover(plan.failover, onProgress, signal);
  const results = { work, deaths, throughput, costs, coldStart, failover, growth };
  return { summary: summarize(results), machine, ...results };
}

async function measureWorkOn(stage: Stage, count: number, onProgress: (says: string) => void) {
  onProgress('work');
  const accounts = accountNames(count);
  using contenders = await openContenders(stage, accounts);
  return await measureWork(contenders, { accounts });
}

async function measureThroughputOn(
  stage: Stage,
  plan: Plan,
  onProgress: (says: string) => void,
  signal: AbortSignal,
) {
  const accounts = accountNames(plan.accounts);
  using contenders = await openContenders(stage, accounts);
  return await measureThroughput(contenders, { ...plan.throughput, accounts }, onProgress, signal);
}
