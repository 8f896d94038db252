import { setTimeout as sleep } from 'node:timers/promises';
import { resolutionOf } from '../../../client/load/report.ts';
import { checkHistory } from '../history/check.ts';
import type { HistoryEvent } from '../history/event.ts';
import { ChaosBank } from './bank.ts';
import { type ClientHost, openClients } from './client-host.ts';
import { Conductor } from './conductor.ts';
import { ChaosError } from './errors.ts';
import { checkRules, inspectBank } from './inspection.ts';
import { ItemWatch } from './items.ts';
import { KeyWatch } from './keys.ts';
import { titleOf } from './kinds.ts';
import { ChaosLedger } from './ledger.ts';
import { runLoad } from './load.ts';
import type { ChaosOptions } from './options.ts';
import { type ChaosPlan, planOf } from './plan.ts';
import { openScript } from './script.ts';
import { movedOf, type Summary, summarize } from './summary.ts';
import type { RuleBook } from './table-rules.ts';
import { TableReader } from './tables.ts';

interface RunOptions {
  readonly options: ChaosOptions;
  readonly seed: number;
  /** How to do the same again. */
  readonly command: string;
  /** Ends the load early: what was done by then is checked. */
  readonly ending: AbortSignal;
  /** Ends everything at once. */
  readonly givingUp: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** How far a run is. */
export interface Progress {
  readonly phase: 'starting' | 'load' | 'resolving' | 'checking';
  readonly elapsedMs: number;
  readonly calls: number;
  readonly unknown: number;
  /** Names of the faults that last at this moment. */
  readonly faults: readonly string[];
}

interface RunResult {
  readonly summary: Summary;
  readonly history: readonly HistoryEvent[];
}

const PROGRESS_EVERY_MS = 500;
/** Looks at the items of all accounts, but not more often than this. */
const LOOKS = 40;
const LOOK_AT_MOST_EVERY_MS = 3000;

/** What a run has started, so that all of it is stopped however the run ends. */
class Started {
  /** Kept before it is known whether it starts. */
  bank: Promise<ChaosBank> | undefined;
  clients: readonly ClientHost[] = [];
  conductor: Conductor | undefined;

  /** Stops everything, first what needs the rest. A bank that is still starting is waited for. */
  async stop(): Promise<void> {
    this.conductor?.stop();
    await Promise.all(this.clients.map((client) => client.stop()));
    const bank = await this.bank?.catch(() => undefined);
    await bank?.stop();
  }
}

/** Holds a run. However it ends, nothing that it started is left running. */
export async function holdChaos(parts: RunOptions): Promise<RunResult> {
  const started = new Started();
  const broken = new AbortController();
  const giveUp = () => broken.abort(new ChaosError('given_up', 'The run was given up.'));
  const over = new Promise<never>((_resolve, reject) => {
    broken.signal.addEventListener('abort', () => reject(broken.signal.reason), { once: true });
  });
  parts.givingUp.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([hold(parts, started, broken), over]);
  } finally {
    parts.givingUp.removeEventListener('abort', giveUp);
    await started.stop();
  }
}

async function hold(parts: RunOptions, started: Started, broken: AbortController): Promise<RunResult> {
  parts.onProgress({ phase: 'starting', elapsedMs: 0, calls: 0, unknown: 0, faults: [] });
  const stage = await setStage(parts, started, broken);
  using _ = stage.reader;
  const { bank, clients, ledger, conductor, reader, watch, rules, keys, nowMs } = stage;
  const report = (phase: Progress['phase']) =>
    parts.onProgress({
      phase,
      elapsedMs: nowMs(),
      calls: ledger.tallies.calls,
      unknown: ledger.unknown.length,
      faults: conductor.current.map(({ planned }) => titleOf(planned.kind)),
    });

  const lastedMs = await play(parts, stage, () => report('load'));
  await Promise.all(clients.map((client) => client.stop()));
  report('resolving');
  const { checks, pages } = await inspectBank({ seed: parts.seed, bank, ledger, reader, watch, keys });
  report('checking');
  const checkStartedMs = performance.now();
  // Thousands of calls on one account at once have too many orders to search: there the statements show the order.
  const verdict = checkHistory(parts.options.mix === 'all' ? ledger.history : []);
  const checkMs = performance.now() - checkStartedMs;
  const summary = summarize({
    command: parts.command,
    seed: parts.seed,
    options: parts.options,
    lastedMs,
    interrupted: parts.ending.aborted,
    regionNames: bank.regions.map(({ name }) => name),
    occurrences: conductor.occurrences,
    tallies: ledger.tallies,
    resolution: resolutionOf(ledger.calls.records),
    moved: movedOf(ledger.calls.records),
    pages,
    largestItemBytes: watch.largestBytes,
    history: { events: ledger.history.length, checkMs, verdict },
    checks: [...checks, checkRules(rules.requests, rules.breaches)],
  });
  return { summary, history: ledger.history };
}

/** Everything that takes part in a run. */
interface Stage {
  readonly bank: ChaosBank;
  readonly rules: RuleBook;
  readonly keys: KeyWatch;
  readonly clients: readonly ClientHost[];
  readonly reader: TableReader;
  readonly watch: ItemWatch;
  readonly plan: ChaosPlan;
  readonly ledger: ChaosLedger;
  readonly conductor: Conductor;
  /** Counts from the moment when all was ready. */
  readonly nowMs: () => number;
}

/** Starts the bank and the clients. */
async function setStage(
  { options, seed }: RunOptions,
  started: Started,
  broken: AbortController,
): Promise<Stage> {
  const rules: RuleBook = { requests: 0, breaches: [] };
  const keys = new KeyWatch();
  const onBroken = (error: Error) => broken.abort(error);
  started.bank = ChaosBank.start({ seed, sabotage: options.sabotage, rules, keys, signal: broken.signal });
  const bank = await started.bank;
  bank.supervisor.onLost(onBroken);
  const clients = openClients(options, bank, onBroken);
  started.clients = clients;
  await Promise.all(clients.map((client) => client.start()));
  broken.signal.throwIfAborted();

  const plan = planOf({ seed, durationMs: options.minutes * 60_000, clients: options.clients });
  const startedMs = performance.now();
  const nowMs = () => performance.now() - startedMs;
  const conductor = new Conductor({ plan, bank, clients, nowMs, onBroken });
  started.conductor = conductor;
  const reader = new TableReader(bank.supervisor.endpoint);
  const watch = new ItemWatch();
  const ledger = new ChaosLedger(nowMs);
  return { bank, rules, keys, clients, reader, watch, plan, ledger, conductor, nowMs };
}

/** Lets the callers call and everything go wrong, until the time is up or the user interrupts it. Returns how long that was. */
async function play(
  { options, seed, ending }: RunOptions,
  stage: Stage,
  report: () => void,
): Promise<number> {
  const { bank, clients, ledger, keys, conductor, reader, watch, plan, nowMs } = stage;
  const loadEnding = new AbortController();
  const load = runLoad({
    ...options,
    clients,
    ledger,
    keys,
    openScript: (caller) => openScript(seed, caller, options.mix),
    onRefused: (region) => conductor.noticeRefused(region),
    signal: loadEnding.signal,
  });
  conductor.start();
  const stopWatching = watchWhile(plan, report, async () => {
    watch.look(await reader.items(bank.tables.accounts));
  });
  await sleep(plan.durationMs, undefined, { signal: ending }).catch(() => undefined);
  const lastedMs = nowMs();
  stopWatching();
  loadEnding.abort();
  await conductor.heal();
  await load;
  return lastedMs;
}

/** Looks in intervals until it is stopped. A look that takes longer than the time between two is not overtaken. */
function watchWhile(plan: ChaosPlan, report: () => void, look: () => Promise<void>): () => void {
  let isLooking = false;
  const lookOnce = () => {
    if (isLooking) {
      return;
    }
    isLooking = true;
    // A look that fails is made up for by the next one, and by the last one of all, which must not fail.
    look()
      .catch(() => undefined)
      .finally(() => {
        isLooking = false;
      });
  };
  const timers = [
    setInterval(report, PROGRESS_EVERY_MS),
    setInterval(lookOnce, Math.max(LOOK_AT_MOST_EVERY_MS, plan.durationMs / LOOKS)),
  ];
  return () => {
    for (const timer of timers) {
      clearInterval(timer);
    }
  };
}
