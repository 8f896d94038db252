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
  /** The command line that repeats the run. */
  readonly command: string;
  /** Ends the load early. The calls made by then are checked. */
  readonly ending: AbortSignal;
  /** Ends everything at once. */
  readonly givingUp: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** The progress of a run. */
export interface Progress {
  readonly phase: 'starting' | 'load' | 'resolving' | 'checking';
  readonly elapsedMs: number;
  readonly calls: number;
  readonly unknown: number;
  /** Names of the present faults. */
  readonly faults: readonly string[];
}

interface RunResult {
  readonly summary: Summary;
  readonly history: readonly HistoryEvent[];
}

const PROGRESS_EVERY_MS = 500;
/** How often a run reads the items of all accounts, and the least time in between. */
const LOOKS = 40;
const LEAST_PAUSE_MS = 3000;

/** Everything that a run has started, to be stopped however the run ends. */
class Started {
  /** Set before it has started, so that a start that fails or hangs is stopped as well. */
  bank: Promise<ChaosBank> | undefined;
  clients: readonly ClientHost[] = [];
  /** Ends the faults. */
  readonly healing = new AbortController();
  /** Aborts the run, with the error that prevents it from going on. */
  readonly broken = new AbortController();

  /** Stops everything, first what needs the rest. A bank that is still starting is waited for. */
  async stop(): Promise<void> {
    this.healing.abort();
    await Promise.all(this.clients.map((client) => client.stop()));
    const bank = await this.bank?.catch(() => undefined);
    await bank?.stop();
  }
}

/** Runs the bank, the load and the faults, and checks the promises. However it ends, nothing that it started is left running. */
export async function runChaos(parts: RunOptions): Promise<RunResult> {
  const started = new Started();
  const { broken } = started;
  const giveUp = () => broken.abort(new ChaosError('given_up', 'The run was given up.'));
  const over = new Promise<never>((_resolve, reject) => {
    broken.signal.addEventListener('abort', () => reject(broken.signal.reason), { once: true });
  });
  parts.givingUp.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([play(parts, started), over]);
  } finally {
    parts.givingUp.removeEventListener('abort', giveUp);
    await started.stop();
  }
}

async function play(parts: RunOptions, started: Started): Promise<RunResult> {
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

/** Reports and looks in intervals until it is stopped. One look at a time. */
function watchWhile(plan: ChaosPlan, report: () => void, look: () => Promise<void>): () => void {
  let isLooking = false;
  const lookOnce = () => {
    if (isLooking) {
      return;
    }
    isLooking = true;
    // The next look makes up for one that fails. The last one, in `inspectBank`, must not fail.
    look()
      .catch(() => undefined)
      .finally(() => {
        isLooking = false;
      });
  };
  const timers = [
    setInterval(report, PROGRESS_EVERY_MS),
    setInterval(lookOnce, Math.max(LEAST_PAUSE_MS, plan.durationMs / LOOKS)),
  ];
  return () => {
    for (const timer of timers) {
      clearInterval(timer);
    }
  };
}
