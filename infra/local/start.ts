import { paintFor } from '../../client/command/terminal.ts';
import { exitCodeOf, interruption, surviveLostReader, UsageError } from '../tools/program.ts';
import { LocalBank } from './bank.ts';
import { obey } from './commands.ts';
import { toLocalBankError } from './errors.ts';
import { readOptions, type StartOptions } from './options.ts';
import { aborted } from './process.ts';
import { Prompt } from './prompt.ts';
import { humanReporter, jsonReporter, type Reporter } from './reporter.ts';
import { openScreen, type Screen } from './screen/screen.ts';
import { Changes } from './screen/send-news.ts';

/** The program behind `npm start`. */
const words = process.argv.slice(2);
const { stdin, stdout, stderr } = process;
const isTerminal = stdin.isTTY === true && stdout.isTTY === true && !words.includes('--json');
const prompt = new Prompt(isTerminal);
const reporter = words.includes('--json')
  ? jsonReporter
  : humanReporter(
      { out: (line) => prompt.print(stdout, line), err: (line) => prompt.print(stderr, line) },
      paintFor(stdout.isTTY === true, process.env),
      isTerminal,
    );

surviveLostReader();
const quit = interruption();

process.exit(await main());

async function main(): Promise<number> {
  try {
    await run(readOptions(words), reporter);
    return 0;
  } catch (error) {
    // The user interrupted the start, which is no failure.
    if (quit.aborted) {
      return 0;
    }
    const exitCode = exitCodeOf(error);
    if (exitCode !== 0) {
      reporter.fatal(error instanceof UsageError ? error : toLocalBankError(error));
    }
    return exitCode;
  }
}

/** Runs a bank until a command or a signal ends it, or until it cannot go on. */
async function run(
  { dataFolder, ports, bundleFile, screenPort }: StartOptions,
  report: Reporter,
): Promise<void> {
  const failing = new AbortController();
  const changes = new Changes();
  const bank = await LocalBank.start({
    dataFolder,
    ports,
    bundleFile,
    onRegion: (status) => {
      report.region(status);
      changes.emit('region');
    },
    onLog: screenPort === null ? undefined : (region, text) => changes.emit('log', region, text),
    onProgress: report.progress,
    onWarning: report.error,
    onFailure: (error) => failing.abort(error),
    signal: quit,
  });
  let screen: Screen | undefined;
  try {
    if (screenPort !== null) {
      // A bank without its page goes on.
      screen = await openScreen(bank, changes, screenPort).catch((error: unknown) => {
        report.error(toLocalBankError(error));
        return undefined;
      });
    }
    report.ready(bank.dynamodb, bank.status(), screen?.url ?? null);
    await Promise.race([aborted(quit), obeyInput(bank, report), aborted(failing.signal)]);
    failing.signal.throwIfAborted();
  } finally {
    await screen?.close();
    await bank.stop();
  }
}

/** Obeys standard input line by line until a line says quit. On a terminal, where a person types Ctrl-D, the end of the input ends the bank as well. */
async function obeyInput(bank: LocalBank, report: Reporter): Promise<void> {
  const interrupt = () => process.emit('SIGINT');
  for await (const line of prompt.read(() => bank.status(), interrupt)) {
    if (!(await obey(line, bank, report))) {
      return;
    }
  }
  if (isTerminal) {
    return;
  }
  await new Promise<never>(() => undefined);
}
