import { randomUUID } from 'node:crypto';
import { createTables } from '../../../infra/local/tables.ts';
import type { TableNames } from '../../../infra/names.ts';
import { dropTables } from '../../chaos/tables.ts';
import type { Stage } from '../stage.ts';
import { accountsLevel } from './accounts.ts';
import { MeasuredBanks } from './bank.ts';
import { callersLevel } from './callers.ts';
import { fillAccounts, fundAccounts, padded } from './fill.ts';
import { hotAccountOf } from './hot-account.ts';
import { type Amount, callsOf, type Level, measureLevels } from './levels.ts';
import { accountsNeeded, pastCallsLevel } from './past-calls.ts';
import { checkPlan, type GrowthPlan } from './plan.ts';
import { rememberedLevel } from './remembered.ts';
import type { GrowthLevel, GrowthResult } from './result.ts';

/** Calls of each caller at a stretch. */
const CALLS_A_CALLER = 4;

/** What the parts of the measurement share. */
interface Site {
  readonly plan: GrowthPlan;
  readonly endpoint: string;
  readonly banks: MeasuredBanks;
  readonly openTables: () => Promise<TableNames>;
  readonly onProgress: (says: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Measures what a call costs as accounts, past calls, callers of one account and remembered replies grow, on tables of its
 * own, which are dropped in the end. Throws {@link GrowthError} when something is not as it should have grown.
 */
export async function measureGrowth(
  stage: Pick<Stage, 'endpoint'>,
  plan: GrowthPlan,
  onProgress: (says: string) => void,
  signal: AbortSignal,
): Promise<GrowthResult> {
  checkPlan(plan);
  const { endpoint } = stage;
  const opened: TableNames[] = [];
  using banks = new MeasuredBanks(endpoint);
  const openTables = async () => {
    const tables = await createTables({ endpoint, prefix: `growth-${randomUUID()}` });
    opened.push(tables);
    return tables;
  };
  const site: Site = { plan, endpoint, banks, openTables, onProgress, signal };
  try {
    // The million accounts come last, because DynamoDB Local keeps them beside everything else.
    const pastCalls = await measurePastCalls(site);
    const callers = await measureCallers(site);
    const rememberedReplies = await measureRemembered(site);
    const accounts = await measureAccounts(site);
    return { plan, accounts, pastCalls, callers, rememberedReplies, hotAccount: hotAccountOf(callers) };
  } finally {
    for (const tables of opened) await dropTables(endpoint, tables);
  }
}

async function measureAccounts(site: Site): Promise<GrowthLevel[]> {
  const { plan, endpoint, banks, openTables, onProgress, signal } = site;
  const mintedMs = Date.now();
  const levels: Level[] = [];
  for (const count of plan.accounts) {
    const tables = await openTables();
    const onFilled = (filled: number) => onProgress(`growth, ${filled} of ${count} accounts`);
    await fillAccounts(endpoint, tables.accounts, { count, mintedMs }, onFilled, signal);
    levels.push(accountsLevel(banks.on(tables), { count, mintedMs, seed: plan.seed + count }));
  }
  return measure(site, 'accounts', levels, amountOf(plan));
}

async function measurePastCalls(site: Site): Promise<GrowthLevel[]> {
  const { plan, endpoint, banks, openTables, onProgress, signal } = site;
  const tables = await openTables();
  const bank = banks.on(tables);
  const levels: Level[] = [];
  for (const pastCalls of plan.pastCalls) {
    const count = accountsNeeded(pastCalls, callsOf(amountOf(plan)));
    const names = Array.from({ length: count }, (_, index) => `called-${padded(pastCalls)}-${padded(index)}`);
    const onCalls = (calls: number) =>
      onProgress(`growth, past calls, ${calls} of ${pastCalls * count} to make ${pastCalls} on an account`);
    await fundAccounts(endpoint, tables.accounts, names, signal);
    levels.push(await pastCallsLevel(bank, { pastCalls, names }, onCalls, signal));
  }
  return measure(site, 'past calls', levels, amountOf(plan));
}

async function measureCallers(site: Site): Promise<GrowthLevel[]> {
  const { plan, banks, openTables } = site;
  const bank = banks.on(await openTables());
  const levels = plan.callers.map((callers) => callersLevel(bank, callers));
  // As many calls whatever the number of callers, and enough of them that the most are all at it at once.
  const sliceCalls = Math.max(plan.sliceCalls, CALLS_A_CALLER * Math.max(...plan.callers));
  return measure(site, 'callers of one account', levels, { rounds: plan.callersRounds, sliceCalls });
}

async function measureRemembered(site: Site): Promise<GrowthLevel[]> {
  const { plan, banks, openTables, signal } = site;
  const bank = banks.on(await openTables());
  const levels: Level[] = [];
  for (const replies of plan.rememberedReplies) levels.push(await rememberedLevel(bank, replies, signal));
  return measure(site, 'remembered replies', levels, amountOf(plan));
}

function amountOf({ samples, sliceCalls }: GrowthPlan): Amount {
  return { rounds: Math.ceil(samples / sliceCalls), sliceCalls };
}

function measure(
  { banks, onProgress, signal }: Site,
  what: string,
  levels: readonly Level[],
  amount: Amount,
): Promise<GrowthLevel[]> {
  const onRound = (round: number) => onProgress(`growth, ${what}, round ${round} of ${amount.rounds}`);
  return measureLevels(levels, amount, banks.meter, onRound, signal);
}
