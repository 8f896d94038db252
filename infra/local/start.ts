import { paintFor } from '../../client/command/terminal.ts';
import { exitCodeOf, interruption, surviveLostReader, UsageError } from '../tools/program.ts';
import { LocalBank } from './bank.ts';
import { obey } from './commands.ts';
import { type LocalBankError, toLocalBankError } from './errors.ts';
import { readOptions, type StartOptions } from './options.ts';
import { aborted } from './process.ts';
import { Prompt } from './prompt.ts';
import { humanReporter, jsonReporter, type Reporter } from './reporter.ts';
import { Screen } from './screen/screen.ts';
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
  let fail: (error: LocalBankError) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  // DynamoDB can be lost before the bank is up. The start then throws an error of its own; a rejection that nobody handles would end this
  // program before it has stopped the bank.
  failed.catch(() => undefined);
  const changes = new Changes();
  const bank = await LocalBank.start({
    dataFolder,
    ports,
    ...(bundleFile === undefined ? {} : { bundleFile }),
    onRegion: (status) => {
      report.region(status);
      changes.emit('region');
    },
    ...(screenPort === null ? {} : { onLog: (region, text) => changes.emit('log', region, text) }),
    onProgress: report.progress,
    onWarning: report.error,
    onFailure: fail,
    signal: quit,
  });
  let screen: Screen | null = null;
  try {
    screen = screenPort === null ? null : await openScreen(bank, changes, screenPort, report);
    report.ready(bank.dynamodb, bank.status(), screen?.url ?? null);
    await Promise.race([aborted(quit), obeyInput(bank, report), failed]);
  } finally {
    await screen?.close();
    await bank.stop();
  }
}

/** The page, or null if it cannot be opened: that is reported, and does not stop the bank. */
async function openScreen(
  bank: LocalBank,
  changes: Changes,
  port: number,
  report: Reporter,
): Promise<Screen | null> {
  try {
    return await Screen.open(bank, changes, port);
  } catch (error) {
    report.error(toLocalBankError(error));
    return null;
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
