import { setTimeout as sleep } from 'node:timers/promises';
import { platform } from '../../../client/environment.ts';
import { BankClient } from '../../../client/index.ts';
import type { Answer } from '../../../client/load/call.ts';
import type { Check } from '../../../client/load/check.ts';
import { inspect } from '../../../client/load/inspect.ts';
import { askThrough, type InDoubt, resolveInDoubt, type Way } from '../../../client/load/resolve.ts';
import { chanceFrom } from '../../../client/load/workload.ts';
import type { TableReader } from '../table-reader.ts';
import type { ChaosBank } from './bank.ts';
import { type ChaosLedger, THE_RUN } from './ledger.ts';
import type { ItemWatch, KeyWatch, RuleWatch } from './watches.ts';

interface InspectionOptions {
  readonly seed: number;
  readonly bank: ChaosBank;
  readonly ledger: ChaosLedger;
  readonly reader: TableReader;
  readonly watch: ItemWatch;
  readonly keys: KeyWatch;
  readonly rules: RuleWatch;
}

/** Longest time to resolve, to retry and to read, each. It ends a run that hangs; a slow machine needs less. */
const PATIENCE_MS = 120_000;
/** The sweep completes what no caller retries. A deployed bank sweeps once a minute. */
const ENDED_WITHIN_MS = 120_000;
const PAUSE_MS = 200;
const AT_ONCE = 8;

/** What was found, and how many pages were turned. */
interface Inspection {
  readonly checks: readonly Check[];
  readonly pages: number;
}

/**
 * Called after the last fault. Resolves every unknown outcome, waits for every request that is delivered late, and
 * checks the accounts through both Regions, and the tables.
 */
export async function inspectBank(options: InspectionOptions): Promise<Inspection> {
  const { seed, bank, ledger, reader, watch, keys, rules } = options;
  const endpoints = bank.regions.map(({ name, url }) => ({ name, region: name, url }));
  const patience = { environment: platform, forMs: PATIENCE_MS, pauseMs: PAUSE_MS, atOnce: AT_ONCE };

  await using client = new BankClient({ endpoints });
  const resolve = async () => {
    await resolveInDoubt(ledger.calls, enterAndAsk(ledger, client), patience);
    // What arrives after a call was resolved must not change anything; whether it has is seen below.
    await Promise.all(bank.regions.map((region) => region.settled()));
  };
  const [transfers] = await Promise.all([checkTransfers(options), resolve()]);
  const promises = await inspect(ledger.calls, {
    endpoints,
    options: {},
    chance: chanceFrom(seed),
    patience,
  });
  const { accounts: heads, pages, idempotency } = bank.tables;
  const tables = {
    accounts: await reader.items(heads),
    pages: await reader.items(pages),
    cached: await reader.items(idempotency),
  };
  const checks = [
    ...promises,
    ...transfers,
    ...watch.checks(tables.accounts),
    keys.check(ledger.calls.records, tables),
    rules.check(),
  ];
  return { checks, pages: tables.pages.length };
}

/** Waits, after the last fault, until no account has a transfer or refund under way, but not longer than promised. */
async function checkTransfers({ bank, ledger, reader }: InspectionOptions): Promise<readonly Check[]> {
  const untilMs = platform.elapsedMs() + ENDED_WITHIN_MS;
  const underWay = async () =>
    (await reader.items(bank.tables.accounts)).flatMap(({ account, ...item }) =>
      Object.entries(item).flatMap(([name, mark]) =>
        name.startsWith('mark:') && /^[tf]/.test(String(mark)) ? [`${account}: ${mark}`] : [],
      ),
    );
  let left = await underWay();
  while (left.length > 0 && platform.elapsedMs() < untilMs) {
    await sleep(PAUSE_MS);
    left = await underWay();
  }
  const checked = ledger.calls.records.filter(({ call }) => 'to' in call || call.kind === 'refund').length;
  const promise = 'every transfer and refund had ended two minutes after the last fault';
  return checked === 0 ? [] : [{ name: 'transfers', promise, checked, broken: left, open: [] }];
}

/** Enters in the history what is asked and answered. Each call has a name of its own, since a name asks for one thing at a time. */
function enterAndAsk(ledger: ChaosLedger, client: BankClient) {
  const ask = askThrough(client);
  return async (record: InDoubt, way: Way): Promise<Answer> => {
    const known = ledger.knownOf(record);
    const { move } = known;
    const asker = { process: `resolver-${record.key}`, client: THE_RUN };
    const ticket = ledger.begin(asker, way === 'cancel' ? { kind: 'cancel', move } : move, known);
    const answer = await ask(record, way);
    ledger.end(ticket, { answer, durationMs: 0, failoverMs: undefined });
    return answer;
  };
}
