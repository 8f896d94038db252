import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DATA_FOLDER } from '../../../infra/local/folders.ts';
import { exitCodeOf, run, showProgress } from '../../../infra/tools/program.ts';
import { formatEvent } from '../history/event.ts';
import { ChaosError } from './errors.ts';
import { readChaos } from './options.ts';
import { toHtml } from './page.ts';
import { runChaos } from './run.ts';
import { toJson } from './summary.ts';
import { formatProgress, toText } from './text.ts';

const args = process.argv.slice(2);
const isJson = args.includes('--json');
const say = (line: string) => process.stderr.write(`${line}\n`);

/** One Ctrl-C may arrive twice, from the terminal and from npm. A signal counts as the second one only after this time. */
const SECOND_SIGNAL_MS = 1000;

const ending = new AbortController();
const givingUp = new AbortController();
let endedMs = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!ending.signal.aborted) {
      say('\nEnding: the calls so far are checked. A second Ctrl-C, later, ends everything at once.');
      endedMs = performance.now();
      ending.abort();
    } else if (performance.now() - endedMs > SECOND_SIGNAL_MS) {
      givingUp.abort();
    }
  });
}

/** The program behind `npm run chaos`. */
await run(
  () =>
    main().catch((error: unknown) => {
      if (!isJson && exitCodeOf(error) === 1) {
        say('NOT JUDGED: nothing was checked.');
      }
      throw error;
    }),
  { json: isJson },
);
// A late delivery, or an aborted run, may leave a timer or a connection open.
process.stdout.write('', () => process.exit());

async function main(): Promise<number> {
  const options = readChaos(args);
  const { minutes, seed = randomInt(2 ** 31), report = join(DATA_FOLDER, 'chaos') } = options;
  const stem = report.replace(/\.(html|jsonl)$/, '');
  const [htmlFile, historyFile] = [`${stem}.html`, `${stem}.jsonl`];
  // Fails now, and not after minutes, if it cannot write. A run that fails must not leave an earlier run's report behind.
  write(historyFile, '');
  rmSync(htmlFile, { force: true });
  if (!isJson) {
    say(`Chaos with seed ${seed}, for ${minutes} minutes.`);
  }
  const { summary, history } = await runChaos({
    options,
    seed,
    command: commandOf(args, seed),
    ending: ending.signal,
    givingUp: givingUp.signal,
    onProgress: (progress) => showProgress(formatProgress(progress, minutes)),
  }).finally(() => showProgress(''));
  write(historyFile, history.map(formatEvent).join(''));
  write(htmlFile, toHtml(summary));
  console.log(
    isJson ? toJson(summary) : `${toText(summary)}\n\nReport: ${htmlFile}\nHistory: ${historyFile}`,
  );
  return summary.ok ? 0 : 1;
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

/** The command line that repeats the run. */
function commandOf(words: readonly string[], seed: number): string {
  const isSeeded = words.some((word) => word === '--seed' || word.startsWith('--seed='));
  const all = [...words, ...(isSeeded ? [] : ['--seed', String(seed)])];
  return [
    'npm run chaos --',
    ...all.map((word) => (/^[\w./:=@,-]+$/.test(word) ? word : JSON.stringify(word))),
  ].join(' ');
}
