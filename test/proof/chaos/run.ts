import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory } from '../history/check.ts';
import type { HistoryEvent } from '../history/event.ts';
import { TableReader } from '../table-reader.ts';
import { ChaosBank } from './bank.ts';
import { type ClientHost, openClients } from './client-host.ts';
import { conduct, type Occurrence } from './conductor.ts';
import { ChaosError } from './errors.ts';
import { inspectBank } from './inspection.ts';
import { ChaosLedger } from './ledger.ts';
import { runLoad } from './load.ts';
import type { ChaosOptions } from './options.ts';
import { type ChaosPlan, planOf, titleOf } from './plan.ts';
import { openScript } from './script.ts';
import { type Summary, summarize } from './summary.ts';
import { ItemWatch, KeyWatch, RuleWatch } from './watches.ts';

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
  /** Ends the faults. */
  readonly healing = new AbortController();
  /** Ends the run, with the error that makes it impossible to go on. */
  readonly broken = new AbortController();

  /** Stops everything, first what needs the rest. A bank that is still starting is waited for. */
  async stop(): Promise<void> {
    this.healing.abort();
    await Promise.all(this.clients.map((client) => client.stop()));
    const bank = await this.bank?.catch(() => undefined);
    await bank?.stop();
  }
}

/** Holds a run. However it ends, nothing that it started is left running. */
export async function holdChaos(parts: RunOptions): Promise<RunResult> {
  const started = new Started();
  const { broken } = started;
  const giveUp = () => broken.abort(new ChaosError('given_up', 'The run was given up.'));
  const over = new Promise<never>((_resolve, reject) => {
    broken.signal.addEventListener('abort', () => reject(broken.signal.reason), { once: true });
  });
  parts.givingUp.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([hold(parts, started), over]);
  } finally {
    parts.givingUp.removeEventListener('abort', giveUp);
    await started.stop();
  }
}

async function hold(parts: RunOptions, started: Started): Promise<RunResult> {
  const { options, seed, command, ending, onProgress } = parts;
  onProgress({ phase: 'starting', elapsedMs: 0, calls: 0, unknown: 0, faults: [] });
  const rules = new RuleWatch();
  const keys = new KeyWatch();
  const { bank, clients } = await start(parts, started, rules, keys);
  const startedMs = performance.now();
  const nowMs = () => performance.now() - startedMs;
  const ledger = new ChaosLedger(nowMs);
  const watch = new ItemWatch();
  const occurrences: Occurrence[] = [];
  using reader = new TableReader(bank.supervisor.endpoint);
  const report = (phase: Progress['phase']) => {
    const faults = occurrences
      .filter(({ endedMs }) => endedMs === undefined)
      .map(({ planned }) => titleOf(planned.kind));
    onProgress({
      phase,
      elapsedMs: nowMs(),
      calls: ledger.ended.length,
      unknown: ledger.unknown.length,
      faults,
    });
  };

  const plan = planOf({ seed, durationMs: options.minutes * 60_000, clients: options.clients });
  const loadEnding = new AbortController();
  const load = runLoad({
    ...options,
    hosts: clients,
    ledger,
    keys,
    openScript: (caller, client) => openScript(seed, { caller, client, mix: options.calls }),
    signal: loadEnding.signal,
  });
  const faults = conduct({
    plan,
    regions: bank.regions,
    clients,
    nowMs,
    signal: started.healing.signal,
    onBegin: (occurrence) => occurrences.push(occurrence),
  });
  for (const work of [load, faults]) {
    work.catch((error: unknown) => started.broken.abort(error));
  }
  const stopWatching = watchWhile(
    plan,
    () => report('load'),
    async () => watch.look(await reader.items(bank.tables.accounts)),
  );
  await sleep(plan.durationMs, undefined, { signal: ending }).catch(() => undefined);
  const lastedMs = nowMs();
  stopWatching();
  loadEnding.abort();
  started.healing.abort();
  await faults;
  await load;

  await Promise.all(clients.map((client) => client.stop()));
  report('resolving');
  const { checks, pages } = await inspectBank({ seed, bank, ledger, reader, watch, keys, rules });
  report('checking');
  const checkStartedMs = performance.now();
  // Thousands of calls on one account at once have too many orders to search: there the statements show the order.
  const verdict = checkHistory(options.calls === 'all' ? ledger.history : []);
  const checkMs = performance.now() - checkStartedMs;
  const summary = summarize({
    command,
    seed,
    options,
    lastedMs,
    interrupted: ending.aborted,
    regionNames: bank.regions.map(({ name }) => name),
    occurrences,
    records: ledger.calls.records,
    ended: ledger.ended,
    resolved: ledger.resolved,
    pages,
    largestItemBytes: watch.largestBytes,
    history: { events: ledger.history.length, checkMs, verdict },
    checks,
  });
  return { summary, history: ledger.history };
}

/** Starts the bank and the clients. */
async function start({ options, seed }: RunOptions, started: Started, rules: RuleWatch, keys: KeyWatch) {
  const { signal } = started.broken;
  const onBroken = (error: Error) => started.broken.abort(error);
  started.bank = ChaosBank.start({ seed, sabotage: options.sabotage, rules, keys, signal });
  const bank = await started.bank;
  bank.supervisor.onLost(onBroken);
  const clients = openClients(options, bank, onBroken);
  started.clients = clients;
  await Promise.all(clients.map((client) => client.start()));
  signal.throwIfAborted();
  return { bank, clients };
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
