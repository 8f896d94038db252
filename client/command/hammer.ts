import { BankClient } from '../client.ts';
import { RefusedError } from '../errors.ts';
import { follow, onAbort } from '../follow.ts';
import { isKept } from '../load/check.ts';
import { inspectAnswering, type Verdict } from '../load/inspect.ts';
import { latencyOf } from '../load/latency.ts';
import { Ledger } from '../load/ledger.ts';
import { checkJson, checkText, refusalsOf, resolutionOf } from '../load/report.ts';
import { askThrough, resolveInDoubt } from '../load/resolve.ts';
import { runLoad } from '../load/run.ts';
import { chanceFrom } from '../load/workload.ts';
import { resolveOptions } from '../options.ts';
import { sleep } from '../timers.ts';
import type { HammerCommand } from './arguments.ts';
import { type Connection, connect } from './credentials.ts';
import { EXIT } from './fail.ts';
import type { CommandProcess } from './process.ts';
import { type Paint, toJson } from './terminal.ts';

/** All calls are in memory until they have been checked. */
const MAX_CALLS = 1_000_000;
/** Where there is one account, there is nobody to transfer to. */
const SHARES = { transfers: 0.25 };
/** Why a load is ended when its time is up. */
const TIME_UP = 'time up';
const PROGRESS_INTERVAL_MS = 1000;
/** How long to go on resolving unknown outcomes, and how long to go on reading the accounts. */
const RESOLVE_FOR_MS = 30_000;
const READ_FOR_MS = 120_000;
const PAUSE_MS = 500;
/** Calls under way at once, when the clients are done. */
const AT_ONCE = 16;
const EXIT_CODES = {
  balanced: EXIT.done,
  wrong: EXIT.failed,
  unverified: EXIT.outcomeUnknown,
} as const;

/** What is drawn before a run. */
interface Plan {
  readonly seed: number;
  /** Accounts that nobody else has ever called. */
  readonly accounts: readonly string[];
}

/** Calls the bank as fast as it answers, resolves unknown outcomes, checks the accounts, and gives the exit code. */
export async function hammer(command: HammerCommand, io: CommandProcess): Promise<number> {
  const options = { ...(await connect(command, io)), callTimeoutMs: command.timeoutMs };
  const plan = drawPlan(command, io.world.randomBytes);
  await requireBank(plan, options, io.signal);
  reportStart(plan, command, io);
  const ledger = new Ledger();
  const course = await load(ledger, plan, options, command, io);
  if (course.ended === 'calls' && !command.json) {
    io.err(`Ended early: ${MAX_CALLS} calls are the most for one run.`);
  }
  const report = await verify(ledger, plan, options, io);
  io.out(
    command.json
      ? toJson(reportJson(ledger, report, course))
      : reportText(ledger, report, course.seconds, io.paint.out),
  );
  return EXIT_CODES[report.verdict];
}

/** How long the load took, and what ended it. */
interface Course {
  readonly seconds: number;
  readonly ended: 'time' | 'calls' | 'interrupted';
}

/** The accounts are new in each run, and so not part of the seed. */
function drawPlan({ accounts, seed }: HammerCommand, randomBytes: (length: number) => Uint8Array): Plan {
  const run = randomBytes(6).reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '');
  return {
    seed: seed ?? randomBytes(4).reduce((number, byte) => number * 256 + byte, 0),
    accounts: Array.from({ length: accounts }, (_, index) => `hammer-${run}-${index + 1}`),
  };
}

/** One call before all others, so that a bank that is not there, or lets nobody in, is reported at once. */
async function requireBank(
  { accounts: [account = ''] }: Plan,
  options: Connection,
  signal: AbortSignal,
): Promise<void> {
  await using client = new BankClient(options);
  try {
    await client.balance(account, { signal });
  } catch (error) {
    if (!(error instanceof RefusedError && error.code === 'no_such_account')) {
      throw error;
    }
  }
}

/** Has the clients call until the time is up or somebody ends it, and shows their progress. */
async function load(
  ledger: Ledger,
  { seed, accounts }: Plan,
  options: Connection,
  { clients, seconds, json }: HammerCommand,
  { world, signal, out, err, progress }: CommandProcess,
): Promise<Course> {
  const startedMs = world.elapsedMs();
  const passedSeconds = () => (world.elapsedMs() - startedMs) / 1000;
  const timeUp = new AbortController();
  const cancelTimer = world.setTimer(() => timeUp.abort(TIME_UP), seconds * 1000);
  const ending = follow([signal, timeUp.signal]);
  const release = onAbort(signal, () => {
    if (!json) {
      err(
        'Ending: unknown outcomes are resolved, and the accounts are read. Ctrl-C again ends it without a verdict.',
      );
    }
  });
  const done = new AbortController();
  const calling = runLoad({
    ledger,
    seed,
    clients,
    maxCalls: MAX_CALLS,
    accountsOf: () => accounts,
    shares: SHARES,
    // A client of its own for each: each finds out by itself that a Region has failed, as those of different programs do.
    connect: (_, onEvent) => new BankClient({ ...options, onEvent }),
    environment: world,
    signal: ending.signal,
  }).finally(() => done.abort());
  const showing = (async () => {
    for (;;) {
      await sleep(PROGRESS_INTERVAL_MS, world, done.signal);
      if (done.signal.aborted) {
        return;
      }
      if (json) {
        out(toJson({ event: 'progress', ...progressJson(ledger, passedSeconds()) }));
      } else {
        progress(progressText(ledger, passedSeconds(), seconds));
      }
    }
  })();
  try {
    const [endedBy] = await Promise.all([calling, showing]);
    const isTimeUp = ending.signal.reason === TIME_UP;
    const ended = endedBy === 'calls' ? endedBy : isTimeUp ? 'time' : 'interrupted';
    return { seconds: passedSeconds(), ended };
  } finally {
    cancelTimer();
    release();
    ending.release();
  }
}

/** Resolves unknown outcomes, and checks the accounts in every Region that answers. */
async function verify(
  ledger: Ledger,
  { seed, accounts }: Plan,
  options: Connection,
  { world }: CommandProcess,
): Promise<Verdict> {
  const patience = (forMs: number) => ({
    environment: world,
    untilMs: world.elapsedMs() + forMs,
    pauseMs: PAUSE_MS,
    atOnce: AT_ONCE,
  });
  await using client = new BankClient(options);
  // Somebody is waiting, and a retry that is not answered would take the time of another call.
  await resolveInDoubt(ledger, askThrough(client), patience(RESOLVE_FOR_MS), 0);
  const endpoints = resolveOptions(options).endpoints.map(({ name, url, region }) =>
    region === undefined ? { name, url } : { name, url, region },
  );
  const chance = chanceFrom(seed);
  return await inspectAnswering(ledger, {
    endpoints,
    options,
    accounts,
    chance,
    patience: () => patience(READ_FOR_MS),
  });
}

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const rounded = (value: number) => Math.round(value * 10) / 10;

function reportStart({ seed, accounts }: Plan, command: HammerCommand, { out, err }: CommandProcess): void {
  const { clients, seconds } = command;
  if (command.json) {
    out(toJson({ event: 'started', clients, seconds, seed, accounts }));
    return;
  }
  const [first = '', ...others] = accounts;
  const names = others.length === 0 ? first : `${first} to ${others.at(-1)}`;
  err(`${clients} clients for ${seconds} s on ${names}, seed ${seed}. Ctrl-C ends it early.`);
}

function progressText({ progress }: Ledger, seconds: number, ofSeconds: number): string {
  const { calls, notExecuted, unknown } = progress.counts;
  return [
    `${Math.floor(seconds)} s of ${ofSeconds}`,
    `${number.format(calls)} calls`,
    ...Object.entries(progress.regions).map(([region, answered]) => `${region} ${number.format(answered)}`),
    `${number.format(notExecuted)} not executed`,
    `${number.format(unknown)} unknown`,
  ].join('  ');
}

function progressJson({ progress }: Ledger, seconds: number) {
  const { counts, regions } = progress;
  return {
    seconds: rounded(seconds),
    callsPerSecond: rounded(counts.calls / seconds),
    ...counts,
    regions,
  };
}

function reportJson(ledger: Ledger, { checks, ...report }: Verdict, { seconds, ended }: Course): object {
  const { records } = ledger;
  const { unknown: _, ...resolved } = resolutionOf(records);
  const { p50Ms, p99Ms } = latencyOf(durationsOf(ledger)) ?? { p50Ms: 0, p99Ms: 0 };
  return {
    event: 'verdict',
    ended,
    ...progressJson(ledger, seconds),
    refusals: refusalsOf(records),
    resolved,
    p50Ms: rounded(p50Ms),
    p99Ms: rounded(p99Ms),
    ...report,
    checks: checks.map(checkJson),
  };
}

function reportText(ledger: Ledger, report: Verdict, seconds: number, paint: Paint): string {
  const { records, progress } = ledger;
  const { calls, executed, balances, refused, notExecuted, unknown } = progress.counts;
  const { unknown: _, ...resolved } = resolutionOf(records);
  const { p50Ms, p99Ms } = latencyOf(durationsOf(ledger)) ?? { p50Ms: 0, p99Ms: 0 };
  return [
    `${number.format(calls)} calls in ${number.format(seconds)} s, ${number.format(calls / seconds)} a second; p50 ${number.format(p50Ms)} ms, p99 ${number.format(p99Ms)} ms`,
    `${number.format(executed)} moved money, ${number.format(balances)} balances; answered by: ${list(progress.regions)}`,
    `${number.format(refused)} refused${refused === 0 ? '' : `: ${list(refusalsOf(records))}`}`,
    `${number.format(notExecuted)} certainly not executed: no Region could be reached`,
    `${number.format(unknown)} unknown${unknown === 0 ? '' : `, resolved: ${list(resolved)}`}`,
    ...verdictLines(report, paint),
  ].join('\n');
}

function durationsOf({ records }: Ledger): readonly number[] {
  return records.flatMap(({ durationMs }) => durationMs ?? []);
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name.replaceAll('_', ' ')} ${number.format(count)}`)
    .join(', ');
}

function verdictLines(report: Verdict, paint: Paint): readonly string[] {
  const { verdict, accounts, totalMinor, readIn, notReadIn, checks } = report;
  const read = readIn.length === 0 ? '' : `, read in ${readIn.join(' and ')}`;
  const unread = notReadIn.length === 0 ? [] : [`Not read in ${notReadIn.join(' and ')}: no answer.`];
  const notKept = checks.filter((each) => !isKept(each)).flatMap(checkText);
  switch (verdict) {
    case 'balanced':
      return [
        ...unread,
        `${paint('good', 'The books balance:')} the executed calls come to ${totalMinor}, and so do the balances and the statements of ${accounts === 1 ? 'the account' : `the ${accounts} accounts`}${read}.`,
      ];
    case 'wrong':
      return [...unread, paint('bad', `The books do not balance${read}:`), ...notKept];
    case 'unverified':
      return [
        ...unread,
        `${paint('warning', 'The books could not be verified:')} ${readIn.length === 0 ? 'no Region answered' : 'not everything could be found out'}${read}.`,
        ...notKept,
      ];
  }
}
