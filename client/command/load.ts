import { BankClient } from '../client.ts';
import { RefusedError } from '../errors.ts';
import { onAbort } from '../follow.ts';
import { inspectAnswering, type Verdict } from '../load/inspect.ts';
import { Ledger } from '../load/ledger.ts';
import { askThrough, resolveInDoubt } from '../load/resolve.ts';
import { runLoad } from '../load/run.ts';
import { chanceFrom } from '../load/workload.ts';
import { resolveOptions } from '../options.ts';
import { sleep } from '../timers.ts';
import type { LoadCommand } from './arguments.ts';
import { type Connection, connect } from './credentials.ts';
import { EXIT } from './fail.ts';
import { type Course, progressJson, progressText, reportJson, reportText } from './load-report.ts';
import { LostRegions } from './lost-regions.ts';
import type { CommandProcess } from './process.ts';
import { toJson } from './terminal.ts';

/** All calls stay in memory until they have been checked. */
const MAX_CALLS = 1_000_000;
/** A run with one account makes no transfers. */
const SHARES = { transfers: 0.25 };
const PROGRESS_INTERVAL_MS = 1000;
/** How long to try to resolve unknown outcomes, and how long to try to read the accounts. */
const RESOLVE_FOR_MS = 30_000;
const READ_FOR_MS = 120_000;
const PAUSE_MS = 500;
/** Calls under way at once, after the load. */
const AT_ONCE = 16;
const EXIT_CODES = { balanced: EXIT.done, wrong: EXIT.failed, unverified: EXIT.outcomeUnknown } as const;

/** A run: its input, and what is chosen at random for it. */
interface Run {
  readonly command: LoadCommand;
  readonly io: CommandProcess;
  readonly options: Connection & { readonly callTimeoutMs: number };
  readonly ledger: Ledger;
  readonly seed: number;
  /** New accounts, which no earlier call has used. The seed does not determine their names. */
  readonly accounts: readonly string[];
}

/** Calls the bank as fast as it answers, resolves unknown outcomes, and checks the accounts. Returns the exit code. */
export async function load(command: LoadCommand, io: CommandProcess): Promise<number> {
  const { randomBytes } = io.world;
  const options = { ...(await connect(command, io)), callTimeoutMs: command.timeoutMs };
  const name = Buffer.from(randomBytes(6)).toString('hex');
  const seed = command.seed ?? Buffer.from(randomBytes(4)).readUInt32BE();
  const accounts = Array.from({ length: command.accounts }, (_, index) => `load-${name}-${index + 1}`);
  const ledger = new Ledger();
  const run = { command, io, options, ledger, seed, accounts };
  await requireBank(run);
  reportStart(run);
  const course = await runClients(run);
  if (course.ended === 'calls' && !command.json) {
    io.err(`Ended early: a run makes at most ${MAX_CALLS} calls.`);
  }
  const report = await verify(run);
  io.out(
    command.json
      ? toJson(reportJson(ledger, report, course))
      : reportText(ledger, report, course.seconds, io.paint.out),
  );
  return EXIT_CODES[report.verdict];
}

/** Makes one call before all others, so that a bank that does not answer, or refuses the caller, is reported at once. */
async function requireBank({ accounts: [account = ''], options, io }: Run): Promise<void> {
  await using client = new BankClient(options);
  try {
    await client.balance(account, { signal: io.signal });
  } catch (error) {
    if (!(error instanceof RefusedError && error.code === 'no_such_account')) {
      throw error;
    }
  }
}

/** Lets the clients call until the time is up or the user ends the run, and shows the progress. */
async function runClients({ command, io, options, ledger, seed, accounts }: Run): Promise<Course> {
  const { clients, seconds, json } = command;
  const { world, signal, out, err, progress, paint } = io;
  const startedMs = world.elapsedMs();
  const passedSeconds = () => (world.elapsedMs() - startedMs) / 1000;
  const release = onAbort(signal, () => {
    if (!json) {
      err(
        'Ending: resolving unknown outcomes and reading the accounts. Press Ctrl-C again to end without a verdict.',
      );
    }
  });
  const regions = new LostRegions();
  const done = new AbortController();
  const calling = runLoad({
    ledger,
    seed,
    clients,
    maxCalls: MAX_CALLS,
    accountsOf: () => accounts,
    shares: SHARES,
    // Each has its own client, which finds out by itself that a Region has failed, as the clients of different programs do.
    connect: (_, onEvent) =>
      new BankClient({
        ...options,
        onEvent: (event) => {
          regions.learn(event);
          onEvent(event);
        },
      }),
    environment: world,
    forMs: seconds * 1000,
    signal,
  }).finally(() => done.abort());
  const showing = (async () => {
    let [callsBefore, secondsBefore] = [0, 0];
    for (;;) {
      await sleep(PROGRESS_INTERVAL_MS, world, done.signal);
      if (done.signal.aborted) {
        return;
      }
      const passed = passedSeconds();
      const changes = regions.look();
      if (json) {
        out(toJson({ event: 'progress', ...progressJson(ledger, passed), lost: regions.lost }));
        continue;
      }
      for (const { isLost, words } of changes) {
        err(paint.err(isLost ? 'bad' : 'good', `${Math.floor(passed)} s  ${words}`));
      }
      const { calls } = ledger.progress.counts;
      const callsPerSecond = (calls - callsBefore) / (passed - secondsBefore);
      [callsBefore, secondsBefore] = [calls, passed];
      progress(progressText(ledger, { passed, of: seconds, callsPerSecond, lost: regions.lost }));
    }
  })();
  try {
    const [ended] = await Promise.all([calling, showing]);
    return { seconds: passedSeconds(), ended };
  } finally {
    release();
  }
}

/** Resolves unknown outcomes, and checks the accounts in every Region that answers. */
async function verify({ command, io, options, ledger, seed, accounts }: Run): Promise<Verdict> {
  const { world, out, err, progress } = io;
  const patience = { environment: world, forMs: READ_FOR_MS, pauseMs: PAUSE_MS, atOnce: AT_ONCE };
  await using client = new BankClient(options);
  const unknown = ledger.inDoubt.length;
  if (command.json) {
    out(toJson({ event: 'resolving', unknown }));
  } else if (unknown > 0) {
    err(
      `Resolving ${unknown} unknown ${unknown === 1 ? 'outcome' : 'outcomes'}: cancelling each key, unless its call was executed.`,
    );
  }
  // No retries: the user is waiting, and a retry without an answer would take the time of other keys.
  await resolveInDoubt(ledger, askThrough(client), { ...patience, forMs: RESOLVE_FOR_MS }, 0);
  progress('Reading the accounts in each Region ...');
  const endpoints = resolveOptions(options).endpoints.map(({ name, url, region }) =>
    region === undefined ? { name, url } : { name, url, region },
  );
  return await inspectAnswering(ledger, { endpoints, options, accounts, chance: chanceFrom(seed), patience });
}

function reportStart({ command, io, seed, accounts }: Run): void {
  const { clients, seconds, json } = command;
  if (json) {
    io.out(toJson({ event: 'started', clients, seconds, seed, accounts }));
    return;
  }
  const [first = '', ...others] = accounts;
  const names = others.length === 0 ? first : `${first} to ${others.at(-1)}`;
  io.err(`${clients} clients for ${seconds} s on ${names}, seed ${seed}. Press Ctrl-C to end early.`);
}
