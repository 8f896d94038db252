import { BankClient } from '../../../client/client.ts';
import { messageOf } from '../../../client/command/describe.ts';
import type { Environment } from '../../../client/environment.ts';
import { RefusedError, UnavailableError } from '../../../client/errors.ts';
import { send } from '../../../client/load/call.ts';
import { inspect } from '../../../client/load/inspect.ts';
import { Ledger } from '../../../client/load/ledger.ts';
import { totalOf } from '../../../client/load/money.ts';
import { resolutionOf } from '../../../client/load/report.ts';
import { askThrough, resolveInDoubt } from '../../../client/load/resolve.ts';
import { runLoad } from '../../../client/load/run.ts';
import { chanceFrom } from '../../../client/load/workload.ts';
import type { BankClientOptions, EndpointOptions } from '../../../client/options.ts';
import { sleep } from '../../../client/timers.ts';
import { DrillError, type Fault } from './fault.ts';
import type { Plan } from './plan.ts';
import { isPassed, phaseReports, type Report } from './report.ts';
import { type Phase, Timeline } from './timeline.ts';

/** An endpoint with its Region. */
export type DrillEndpoint = EndpointOptions & { readonly region: string };

/** Input of a drill. */
export interface DrillOptions {
  readonly bank: string;
  /** The Region under fault first. The clients prefer it, so they have to fail over. */
  readonly endpoints: readonly [DrillEndpoint, DrillEndpoint];
  /** Credentials. Tests also set shorter timeouts. */
  readonly options: Omit<BankClientOptions, 'endpoints' | 'onEvent'>;
  readonly fault: Fault;
  /** Unique name of the drill. */
  readonly run: string;
  readonly seed: number;
  readonly clients: number;
  readonly callsPerSecond: number;
  readonly plan: Plan;
  readonly environment: Environment;
  /** Ends the drill early. The drill then stops the fault, and checks and reports the calls made so far. */
  readonly signal: AbortSignal;
  /** Time between two checks of the fault, in milliseconds. Default 5000. */
  readonly watchEveryMs?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** The progress of a drill. */
export interface Progress {
  readonly phase: Phase | 'verifying';
  readonly calls: number;
  readonly failovers: number;
  readonly away: number;
}

/** Time between two tries of a request without an answer. */
const PAUSE_MS = 1000;
const LOOK_EVERY_MS = 200;
/** Calls in flight at once, after the load has ended. */
const AT_ONCE = 8;
/** All calls stay in memory until they have been checked. */
export const MAX_CALLS = 250_000;

/**
 * Runs a drill: calls a bank while one of its Regions is under fault, and checks that the bank kept its promises.
 *
 * Throws `bank_not_whole` before it starts a fault, if the bank cannot be used in both Regions.
 */
export async function holdDrill(drill: DrillOptions): Promise<Report> {
  const { endpoints, environment, plan, signal } = drill;
  const ledger = new Ledger();
  await requireWhole(drill, ledger);
  const timeline = new Timeline(environment.elapsedMs);
  const options = { ...drill.options, environment };
  const report = (phase: Progress['phase']) => {
    const { failovers, away } = timeline;
    drill.onProgress?.({ phase, calls: ledger.records.length, failovers, away });
  };

  const load = startLoad(drill, ledger, timeline);
  let problems: readonly string[];
  try {
    problems = await passThrough(drill, timeline, report, load.broken);
  } finally {
    await load.stop();
  }
  timeline.end();

  report('verifying');
  const patience = { environment, forMs: plan.verifyMs, pauseMs: PAUSE_MS, atOnce: AT_ONCE };
  await using client = new BankClient({ ...options, endpoints });
  await resolveInDoubt(ledger, askThrough(client), patience);
  const named = endpoints.map((endpoint) => ({ ...endpoint, name: endpoint.region }));
  const chance = chanceFrom(drill.seed);
  const checks = await inspect(ledger, { endpoints: named, options, chance, patience });

  const { records } = ledger;
  const found = {
    run: drill.run,
    bank: drill.bank,
    fault: { name: drill.fault.name, region: endpoints[0].region, problems },
    clients: drill.clients,
    seed: drill.seed,
    interrupted: signal.aborted,
    phases: phaseReports(records, timeline),
    traffic: timeline.traffic,
    unknown: resolutionOf(records),
    checks,
    leftBehindMinor: totalOf(records),
  };
  return { ...found, ok: isPassed(found) };
}

/**
 * Starts the load. Each client has its own account and also uses one that all share. `broken` is aborted if a client cannot continue, which
 * is a defect of the drill. `stop` waits for the calls in flight, and then throws in that case.
 */
function startLoad(drill: DrillOptions, ledger: Ledger, timeline: Timeline) {
  const { endpoints, environment, run, seed, clients, callsPerSecond } = drill;
  const ending = new AbortController();
  const broken = new AbortController();
  const ended = runLoad({
    ledger,
    seed,
    clients,
    intervalMs: 1000 / callsPerSecond,
    maxCalls: MAX_CALLS,
    accountsOf: (client) => {
      const own = `drill-${run}-${client}`;
      return [own, own, own, `drill-${run}-shared`];
    },
    connect: (number, onEvent) =>
      new BankClient({
        ...drill.options,
        environment,
        endpoints,
        onEvent: (event) => {
          onEvent(event);
          if (event.type === 'endpoint_changed') {
            if (event.to.region === endpoints[0].region) {
              timeline.comeBack(number);
            } else {
              timeline.leave(number);
            }
          }
        },
      }),
    environment,
    signal: ending.signal,
  }).catch((error: unknown) => broken.abort(error));
  return {
    broken: broken.signal,
    stop: async () => {
      ending.abort();
      await ended;
      broken.signal.throwIfAborted();
    },
  };
}

/**
 * Requires that both Regions work, because a fault could otherwise take the bank down. Makes a deposit in each Region, which also checks
 * the credentials and the clock, and reads its statement, which the drill needs in the end.
 */
async function requireWhole(
  { endpoints, options, environment, run }: DrillOptions,
  ledger: Ledger,
): Promise<void> {
  for (const endpoint of endpoints) {
    await using client = new BankClient({ ...options, environment, endpoints: [endpoint] });
    const startedMs = environment.elapsedMs();
    const deposit = { kind: 'deposit', account: `drill-${run}-whole`, amountMinor: 1n } as const;
    const record = ledger.begin(deposit, startedMs);
    const answer = await send(client, deposit);
    ledger.end(record, answer, { durationMs: environment.elapsedMs() - startedMs, failedOver: false });
    if (answer.outcome.kind !== 'executed') {
      const { outcome } = answer;
      throw notWhole(endpoint, outcome.kind === 'refused' ? outcome.detail : 'it does not answer');
    }
    try {
      await client.entries(deposit.account, { after: 0, refusals: true }).next();
    } catch (error) {
      if (!(error instanceof RefusedError || error instanceof UnavailableError)) {
        throw error;
      }
      throw notWhole(endpoint, `its statement could not be read: ${error.message}`);
    }
  }
}

function notWhole({ region }: DrillEndpoint, reason: string): DrillError {
  const message = `The drill did not start, because ${region} is not healthy: ${reason}`;
  return new DrillError('bank_not_whole', message);
}

/** Runs the phases, and returns the problems with the fault. `broken` ends them early. */
async function passThrough(
  drill: DrillOptions,
  timeline: Timeline,
  report: (phase: Phase) => void,
  broken: AbortSignal,
): Promise<string[]> {
  const { plan, environment } = drill;
  const signal = AbortSignal.any([drill.signal, broken]);
  const wait: Wait = async (phase, atMostMs, isOver) => {
    const untilMs = environment.elapsedMs() + atMostMs;
    for (;;) {
      report(phase);
      const leftMs = untilMs - environment.elapsedMs();
      if (signal.aborted || leftMs <= 0 || (await isOver())) {
        return;
      }
      await sleep(Math.min(LOOK_EVERY_MS, leftMs), environment, signal);
    }
  };
  await wait('before', plan.beforeMs, () => false);
  const problems = signal.aborted
    ? ['It was not started, because the drill was interrupted first.']
    : await injectFault(drill, timeline, wait, signal);
  timeline.enter('after');
  const startedMs = environment.elapsedMs();
  const leastMs = problems.length > 0 ? 0 : plan.afterAtLeastMs;
  const isOver = () => timeline.away === 0 && environment.elapsedMs() - startedMs >= leastMs;
  await wait('after', plan.afterAtMostMs, isOver);
  return problems;
}

/** Waits in a phase until `isOver` or until the time is up. */
type Wait = (phase: Phase, atMostMs: number, isOver: () => boolean | Promise<boolean>) => Promise<void>;

/** Starts the fault, waits, and stops it in any case. Returns the problems with it. */
async function injectFault(
  drill: DrillOptions,
  timeline: Timeline,
  wait: Wait,
  signal: AbortSignal,
): Promise<string[]> {
  const { fault, plan } = drill;
  const problems: string[] = [];
  timeline.enter('fault');
  try {
    await fault.start(signal);
    await wait('fault', plan.faultMs, watcher(drill, problems));
  } catch (error) {
    if (!(error instanceof DrillError)) {
      throw error;
    }
    problems.push(error.message);
  } finally {
    await fault.stop().catch((error: unknown) => {
      problems.push(messageOf(error));
    });
  }
  return problems;
}

/** Makes a function that checks from time to time whether the fault is over. */
function watcher({ fault, environment, watchEveryMs = 5000 }: DrillOptions, problems: string[]) {
  let nextMs = environment.elapsedMs() + watchEveryMs;
  return async (): Promise<boolean> => {
    if (environment.elapsedMs() < nextMs) {
      return false;
    }
    nextMs = environment.elapsedMs() + watchEveryMs;
    const state = await fault.state();
    if (state.kind === 'failed') {
      problems.push(state.reason);
    }
    return state.kind !== 'running';
  };
}
