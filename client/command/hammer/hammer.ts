import { BankClient } from '../../client.ts';
import { RefusedError } from '../../errors.ts';
import { follow, onAbort } from '../../follow.ts';
import type { BankClientOptions, EndpointOptions } from '../../options.ts';
import { sleep } from '../../timers.ts';
import type { HammerCommand } from '../arguments.ts';
import { connect } from '../connect.ts';
import { EXIT } from '../exit.ts';
import { toJson } from '../json.ts';
import type { CommandProcess } from '../process.ts';
import { callUntilAborted } from './load.ts';
import { type Plan, planOf } from './plan.ts';
import { Tally } from './tally.ts';
import { progressJson, progressText, type Report, reportJson, reportText, startText } from './text.ts';
import { judge, type Verdict } from './verdict.ts';
import { readBooks, settleUnknown } from './verify.ts';

const PROGRESS_INTERVAL_MS = 1000;
const ENDING =
  'Ending: what is unknown is settled, and the balances and statements are read. Ctrl-C again ends it without a verdict.';
const EXIT_CODES: Readonly<Record<Verdict['verdict'], number>> = {
  balanced: EXIT.done,
  wrong: EXIT.failed,
  unverified: EXIT.outcomeUnknown,
};

/** Calls the bank as fast as it answers, settles what is unknown, verifies the books, and gives the exit code. */
export async function hammer(command: HammerCommand, io: CommandProcess): Promise<number> {
  const options = {
    ...(await connect(command, io)),
    endpoints: command.endpoints,
    callTimeoutMs: command.timeoutMs,
  };
  const plan = planOf(command, io.world.randomBytes);
  await askBefore(plan, options, io.signal);
  tellStart(plan, command, io);
  const tally = new Tally(plan.accounts);
  const tookMs = await load(plan, tally, options, command, io);
  await settleUnknown(tally, options, io.world);
  const books = await readBooks(plan.accounts, options);
  const report: Report = {
    tally,
    seconds: tookMs / 1000,
    verdict: judge(tally.expected, tally.unsure, books),
  };
  io.out(command.json ? toJson(reportJson(report)) : reportText(report, io.paint.out));
  return EXIT_CODES[report.verdict.verdict];
}

/** One call before all others, so that a bank that is not there, or lets nobody in, is told at once. */
async function askBefore(
  { accounts: [account = ''] }: Plan,
  options: BankClientOptions,
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

function tellStart({ seed, accounts }: Plan, command: HammerCommand, { out, err }: CommandProcess): void {
  const { clients, seconds } = command;
  if (command.json) {
    out(toJson({ event: 'started', clients, seconds, seed, accounts }));
  } else {
    err(startText({ clients, seconds, seed, accounts }));
  }
}

/** Has the clients call until the time is up or somebody ends it, and shows how far they are. Gives the time it took. */
async function load(
  plan: Plan,
  tally: Tally,
  options: BankClientOptions & { readonly endpoints: readonly EndpointOptions[] },
  { clients, seconds, json }: HammerCommand,
  { world, signal, out, err, progress }: CommandProcess,
): Promise<number> {
  const { setTimer, elapsedMs } = world;
  const startedMs = elapsedMs();
  const passedMs = () => elapsedMs() - startedMs;
  const timeUp = new AbortController();
  const cancelTimer = setTimer(() => timeUp.abort(), seconds * 1000);
  const ending = follow([signal, timeUp.signal]);
  const unsaid = onAbort(signal, () => {
    if (!json) {
      err(ENDING);
    }
  });
  const done = new AbortController();
  const calling = callUntilAborted(clients, {
    plan,
    options,
    tally,
    elapsedMs,
    signal: ending.signal,
  }).finally(() => done.abort());
  const showing = (async () => {
    for (;;) {
      await sleep(PROGRESS_INTERVAL_MS, world, done.signal);
      if (done.signal.aborted) return;
      const at = { counts: tally.counts, seconds: passedMs() / 1000 };
      if (json) out(toJson(progressJson(at)));
      else progress(progressText(at, seconds));
    }
  })();
  try {
    await Promise.all([calling, showing]);
  } finally {
    cancelTimer();
    unsaid();
    ending.release();
  }
  return passedMs();
}
