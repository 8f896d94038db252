import { BankClient } from '../../client/client.ts';
import type { Environment } from '../../client/environment.ts';
import { follow } from '../../client/follow.ts';
import { KeyMinter } from '../../client/key.ts';
import type { BankClientOptions } from '../../client/options.ts';
import { sleep } from '../../client/timers.ts';
import { ask } from './ask.ts';
import { Books, type Phase } from './books.ts';
import { chanceFrom } from './chance.ts';
import { DrillError } from './errors.ts';
import type { Fault } from './fault.ts';
import { type Load, startLoad } from './load.ts';
import type { Patience } from './patience.ts';
import type { Plan } from './plan.ts';
import { isPassed, phaseReports, type Report } from './report.ts';
import { settlementOf, settleUnknown } from './settle.ts';
import { statementsOf } from './statement.ts';
import { Timeline } from './timeline.ts';
import { Traffic } from './traffic.ts';
import { type DrillEndpoint, verify } from './verify.ts';

/** Everything that a drill takes from the outside. */
export interface DrillParts {
  readonly bank: string;
  /** The Region under fault first: the clients prefer it, so that they have to leave it. */
  readonly endpoints: readonly [DrillEndpoint, DrillEndpoint];
  /** Credentials, and in tests shorter times. */
  readonly options: Omit<BankClientOptions, 'endpoints' | 'onEvent'>;
  readonly fault: Fault;
  /** Name that no other drill has. */
  readonly run: string;
  readonly seed: number;
  readonly clients: number;
  readonly callsPerSecond: number;
  readonly plan: Plan;
  readonly environment: Environment;
  /** Ends the drill early: the fault is stopped, and what was done by then is settled, verified and reported. */
  readonly signal: AbortSignal;
  /** Time between two looks at the fault, in milliseconds. Default 5000. */
  readonly watchEveryMs?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** How far a drill is. */
export interface Progress {
  readonly phase: Phase | 'verifying';
  readonly calls: number;
  readonly failovers: number;
  readonly away: number;
}

/** Time between two tries at something that was not answered. */
const PAUSE_MS = 1000;
const LOOK_EVERY_MS = 200;

/**
 * Holds a drill: calls a bank while a Region of it is at fault, and finds out whether it kept its promises.
 *
 * Throws a `bank_not_whole` before any fault is begun, when the bank cannot be used in both Regions.
 */
export async function holdDrill(parts: DrillParts): Promise<Report> {
  const { endpoints, environment, plan, signal } = parts;
  const books = new Books();
  await requireWhole(parts, books);
  const traffic = new Traffic(environment.elapsedMs);
  const timeline = new Timeline(environment.elapsedMs);
  const options = { ...parts.options, environment };
  const tell = (phase: Progress['phase']) =>
    parts.onProgress?.({
      phase,
      calls: books.entries.length,
      failovers: traffic.failovers,
      away: traffic.away,
    });

  const load = startLoad({
    ...parts,
    options: { ...options, endpoints },
    region: endpoints[0].region,
    books,
    traffic,
    phase: () => timeline.phase,
  });
  let problems: readonly string[];
  try {
    problems = await passThrough(parts, { load, traffic, timeline, tell });
  } finally {
    await load.stop();
  }
  timeline.end();

  tell('verifying');
  const patience = (): Patience => ({
    environment,
    untilMs: environment.elapsedMs() + plan.verifyMs,
    pauseMs: PAUSE_MS,
  });
  await using settler = new BankClient({ ...options, endpoints });
  await settleUnknown(books, settler, patience());
  const chance = chanceFrom(parts.seed);
  const invariants = await verify({ books, endpoints, options, chance, patience });

  const report = {
    run: parts.run,
    bank: parts.bank,
    fault: { name: parts.fault.name, region: endpoints[0].region, problems },
    clients: parts.clients,
    seed: parts.seed,
    interrupted: signal.aborted,
    phases: phaseReports(books.entries, timeline.durationsMs),
    traffic: timeline.trafficReport(traffic),
    unknown: settlementOf(books),
    invariants,
    leftBehindMinor: statementsOf(books.entries).reduce((sum, each) => sum + (each.balanceMinor ?? 0n), 0n),
  };
  return { ...report, ok: isPassed(report) };
}

/**
 * A fault in a bank that is not whole could take it down. Makes a deposit in each Region by itself, which tries the
 * credentials and the clock too.
 */
async function requireWhole(
  { endpoints, options, environment, run }: DrillParts,
  books: Books,
): Promise<void> {
  const minter = new KeyMinter(environment);
  for (const endpoint of endpoints) {
    await using client = new BankClient({ ...options, environment, endpoints: [endpoint] });
    const request = {
      kind: 'deposit',
      account: `drill-${run}-whole`,
      key: minter.mint(),
      amountMinor: 1n,
    } as const;
    const number = books.open(request, 'before');
    const startedMs = environment.elapsedMs();
    const answer = await ask(client, request);
    const durationMs = environment.elapsedMs() - startedMs;
    books.close(number, { ...answer, failedOver: false, durationMs }, 'before');
    if (answer.outcome.kind !== 'executed') {
      const reason = answer.outcome.kind === 'refused' ? answer.outcome.detail : 'it does not answer';
      throw new DrillError(
        'bank_not_whole',
        `${endpoint.region} is not fit for a drill, and no fault was begun: ${reason}`,
      );
    }
  }
}

/** What goes on while the phases pass. */
interface Passage {
  readonly load: Load;
  readonly traffic: Traffic;
  readonly timeline: Timeline;
  readonly tell: (phase: Phase) => void;
}

/** Passes through the phases, and gives what went wrong with the fault. */
async function passThrough(parts: DrillParts, { load, traffic, timeline, tell }: Passage): Promise<string[]> {
  const { plan, environment } = parts;
  const { signal, release } = follow([parts.signal, load.broken]);
  const wait: Wait = async (phase, atMostMs, isOver) => {
    const untilMs = environment.elapsedMs() + atMostMs;
    for (;;) {
      tell(phase);
      const leftMs = untilMs - environment.elapsedMs();
      if (signal.aborted || leftMs <= 0 || (await isOver())) return;
      await sleep(Math.min(LOOK_EVERY_MS, leftMs), environment, signal);
    }
  };
  try {
    await wait('before', plan.beforeMs, () => false);
    const problems = signal.aborted ? [] : await bringAbout(parts, timeline, wait, signal);
    timeline.enter('after');
    const startedMs = environment.elapsedMs();
    const leastMs = problems.length > 0 ? 0 : plan.afterAtLeastMs;
    await wait('after', plan.afterAtMostMs, () => {
      return traffic.away === 0 && environment.elapsedMs() - startedMs >= leastMs;
    });
    return problems;
  } finally {
    release();
  }
}

/** Lets a phase pass, until something is over or its time is up. */
type Wait = (phase: Phase, atMostMs: number, isOver: () => boolean | Promise<boolean>) => Promise<void>;

/** Has the fault begin, waits, and has it end whatever happens. Gives what went wrong with it. */
async function bringAbout(
  parts: DrillParts,
  timeline: Timeline,
  wait: Wait,
  signal: AbortSignal,
): Promise<string[]> {
  const { fault, plan } = parts;
  const problems: string[] = [];
  timeline.enter('fault');
  try {
    await fault.start(signal);
    await wait('fault', plan.faultMs, watcher(parts, problems));
  } catch (error) {
    if (!(error instanceof DrillError)) throw error;
    problems.push(error.message);
  } finally {
    await fault.stop().catch((error: unknown) => {
      problems.push(error instanceof Error ? error.message : String(error));
    });
  }
  return problems;
}

/** Looks at the fault every so often, and says whether it is over. */
function watcher({ fault, environment, watchEveryMs = 5000 }: DrillParts, problems: string[]) {
  let nextMs = environment.elapsedMs() + watchEveryMs;
  return async (): Promise<boolean> => {
    if (environment.elapsedMs() < nextMs) return false;
    nextMs = environment.elapsedMs() + watchEveryMs;
    const state = await fault.state();
    if (state.kind === 'failed') problems.push(state.reason);
    return state.kind !== 'running';
  };
}
