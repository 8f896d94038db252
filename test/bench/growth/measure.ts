import { randomUUID } from 'node:crypto';
import { createTables } from '../../../infra/local/tables.ts';
import type { TableNames } from '../../../infra/names.ts';
import { dropTables } from '../../chaos/tables.ts';
import type { Stage } from '../stage.ts';
import { accountBooks, accountsLevel } from './accounts.ts';
import { MeasuredBanks } from './bank.ts';
import { callersLevel } from './callers.ts';
import { booksOf, lateKeysLevel, ordinaryLevel, retriesLevel, statementsLevel } from './entries.ts';
import { fillBooks } from './fill.ts';
import { hotAccountOf } from './hot-account.ts';
import { type Amount, callsOf, type Level, measureLevels } from './levels.ts';
import { checkPlan, type GrowthPlan } from './plan.ts';
import type { GrowthLevel, GrowthResult } from './result.ts';

/** Calls of each caller at a stretch. */
const CALLS_A_CALLER = 4;

/** What is measured of late keys, each of which is one entry more that the next one has to be looked for in. */
export const LATE_KEYS: Amount = { rounds: 5, sliceCalls: 10 };

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
 * Measures what a call costs as accounts, the entries of an account and its callers grow, on tables of its
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
    // The many accounts come last, because DynamoDB Local keeps them beside everything else.
    const entries = await measureEntries(site);
    const callers = await measureCallers(site);
    const accounts = await measureAccounts(site);
    return { plan, accounts, ...entries, callers, hotAccount: hotAccountOf(callers) };
  } finally {
    for (const tables of opened) await dropTables(endpoint, tables);
  }
}

async function measureAccounts(site: Site): Promise<GrowthLevel[]> {
  const { plan, endpoint, banks, openTables, onProgress, signal } = site;
  const newestMs = Date.now();
  const levels: Level[] = [];
  for (const count of plan.accounts) {
    const tables = await openTables();
    const onFilled = (filled: number) => onProgress(`growth, ${filled} of ${count} accounts`);
    const accounts = { count, seed: plan.seed + count };
    const books = accountBooks(accounts, callsOf(amountOf(plan)), newestMs);
    await fillBooks(endpoint, tables, books, onFilled, signal);
    levels.push(accountsLevel(banks.on(tables), accounts));
  }
  return measure(site, 'accounts', levels, amountOf(plan));
}

async function measureEntries(
  site: Site,
): Promise<Pick<GrowthResult, 'entries' | 'retries' | 'lateKeys' | 'statements'>> {
  const { plan, endpoint, banks, openTables, onProgress, signal } = site;
  const tables = await openTables();
  const bank = banks.on(tables);
  const books = plan.entries.map((entries) => booksOf(entries, Date.now()));
  const onFilled = (filled: number) => onProgress(`growth, ${filled} items of long books`);
  const all = books.flatMap(({ called, late }) => [called, late]);
  await fillBooks(endpoint, tables, all, onFilled, signal);
  const called = books.map((each) => each.called);
  const late = books.map((each) => each.late);
  const amount = amountOf(plan);
  const levels = (levelOf: typeof ordinaryLevel, its: typeof late) => its.map((book) => levelOf(bank, book));
  // Those that add no entries come first.
  const retries = await measure(site, 'retries', levels(retriesLevel, called), amount);
  const statements = await measure(site, 'statements', levels(statementsLevel, called), amount);
  const entries = await measure(site, 'entries', levels(ordinaryLevel, called), amount);
  const lateKeys = await measure(site, 'late keys', levels(lateKeysLevel, late), LATE_KEYS);
  return { entries, retries, lateKeys, statements };
}

async function measureCallers(site: Site): Promise<GrowthLevel[]> {
  const { plan, banks, openTables } = site;
  const bank = banks.on(await openTables());
  const levels = plan.callers.map((callers) => callersLevel(bank, callers));
  // As many calls whatever the number of callers, and enough of them that the most are all at it at once.
  const sliceCalls = Math.max(plan.sliceCalls, CALLS_A_CALLER * Math.max(...plan.callers));
  return measure(site, 'callers of one account', levels, { rounds: plan.callersRounds, sliceCalls });
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
  const { meter, heads } = banks;
  const onRound = (round: number) => onProgress(`growth, ${what}, round ${round} of ${amount.rounds}`);
  return measureLevels(levels, amount, { meter, heads, turned: () => banks.turned() }, onRound, signal);
}
