import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LocalBankError } from '../../../infra/local/errors.ts';
import { DATA_FOLDER } from '../../../infra/local/folders.ts';
import { exitCodeOf, showProgress, UsageError } from '../../../infra/tools/program.ts';
import { formatEvent, type HistoryEvent } from '../history/event.ts';
import { ChaosError } from './errors.ts';
import { type ChaosRun, readChaos } from './options.ts';
import { toHtml } from './page.ts';
import { holdChaos } from './run.ts';
import { type Summary, toJson } from './summary.ts';
import { formatProgress, toText } from './text.ts';

/** The program behind `npm run chaos`. */
const args = process.argv.slice(2);
const isJson = args.includes('--json');
const say = (line: string) => process.stderr.write(`${line}\n`);

// The reader of the output may have gone. That is no reason to leave anything running.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

/** One Ctrl-C may arrive twice, from the terminal and from npm. A later one is meant. */
const SECOND_THOUGHTS_MS = 1000;

const ending = new AbortController();
const givingUp = new AbortController();
let endedMs = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!ending.signal.aborted) {
      say('\nEnding: what was done is checked. Once more ends everything at once.');
      endedMs = performance.now();
      ending.abort();
    } else if (performance.now() - endedMs > SECOND_THOUGHTS_MS) {
      givingUp.abort();
    }
  });
}

const exitCode = await main();
// What was delivered late, or given up, may have left a timer or a connection behind.
process.stdout.write('', () => process.exit(exitCode));

async function main(): Promise<number> {
  try {
    return await run(readChaos(args, join(DATA_FOLDER, 'chaos')));
  } catch (error) {
    return fail(error);
  }
}

async function run({ options, htmlFile, historyFile, json }: ChaosRun): Promise<number> {
  const seed = options.seed ?? randomInt(2 ** 31);
  // Now, and not after minutes. A report of an earlier run must not be taken for that of one that could not be held.
  write(historyFile, '');
  rmSync(htmlFile, { force: true });
  if (!json) {
    say(`Chaos with seed ${seed}, for ${options.minutes} minutes.`);
  }
  const { summary, history } = await holdChaos({
    options,
    seed,
    command: commandOf(args, seed),
    ending: ending.signal,
    givingUp: givingUp.signal,
    onProgress: (progress) => showProgress(formatProgress(progress, options.minutes)),
  }).finally(() => showProgress(''));
  leave(summary, history, { htmlFile, historyFile });
  console.log(json ? toJson(summary) : `${toText(summary)}\n\nReport: ${htmlFile}\nHistory: ${historyFile}`);
  return summary.ok ? 0 : 1;
}

function leave(
  summary: Summary,
  history: readonly HistoryEvent[],
  { htmlFile, historyFile }: { readonly htmlFile: string; readonly historyFile: string },
): void {
  write(historyFile, history.map(formatEvent).join(''));
  write(htmlFile, toHtml(summary));
}

function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (cause) {
    throw new ChaosError('report_unwritable', `Cannot write ${file}: choose another one with --report.`, {
      cause,
    });
  }
}

/** The command line that does the same again. */
function commandOf(words: readonly string[], seed: number): string {
  const isSeeded = words.some((word) => word === '--seed' || word.startsWith('--seed='));
  const all = [...words, ...(isSeeded ? [] : ['--seed', String(seed)])];
  return [
    'npm run chaos --',
    ...all.map((word) => (/^[\w./:=@,-]+$/.test(word) ? word : JSON.stringify(word))),
  ].join(' ');
}

function fail(error: unknown): number {
  const exitCode = exitCodeOf(error);
  if (exitCode === 0) {
    return 0;
  }
  const isKnown =
    error instanceof UsageError || error instanceof ChaosError || error instanceof LocalBankError;
  const message = error instanceof Error ? error.message : String(error);
  const help = error instanceof UsageError ? '' : '\nNOT JUDGED: nothing was found out.';
  const code = isKnown ? error.code : 'unexpected';
  say(isJson ? JSON.stringify({ event: 'error', code, message }) : `chaos: ${message}${help}`);
  return exitCode;
}
