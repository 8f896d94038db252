import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '../../client/command/usage.ts';
import { DATA_FOLDER } from '../../infra/local/folders.ts';
import { measureAll } from './measure.ts';
import { type BenchCommand, readBench, USAGE } from './options.ts';
import { fullPlan, quickPlan } from './plan.ts';
import { toHtml } from './report/html.ts';
import { toText } from './report/text.ts';

/** The program behind `npm run bench`. */
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => ending.abort(new Error('ended by a signal; nothing is left running')));
}

try {
  const command = readBench(process.argv.slice(2), join(DATA_FOLDER, 'bench.html'));
  if (command.kind === 'help') console.log(USAGE);
  else await run(command);
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? `bench: ${error.message}\nSee npm run bench -- --help.` : error);
  process.exitCode = isUsage ? 2 : 1;
}

async function run({
  kind,
  jsonFile,
  htmlFile,
  seed = randomInt(2 ** 31),
}: Exclude<BenchCommand, { kind: 'help' }>) {
  // Now, and not after a quarter of an hour.
  for (const file of [jsonFile, htmlFile]) if (file !== undefined) write(file, '');
  const startedMs = performance.now();
  const plan = kind === 'quick' ? quickPlan(seed) : fullPlan(seed);
  const { summary, ...measured } = await measureAll(plan, showProgress(startedMs), ending.signal);
  clearProgress();
  const tookSeconds = Math.round((performance.now() - startedMs) / 1000);
  const results = { summary, options: { kind, seed, tookSeconds }, ...measured };
  write(htmlFile, toHtml(results));
  if (jsonFile !== undefined) write(jsonFile, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`${toText(results)}\n\nPage: ${htmlFile}`);
}

/** On a terminal only: in a file it would be a thousand lines. */
function showProgress(startedMs: number): (says: string) => void {
  if (!process.stderr.isTTY) return () => {};
  return (says) => {
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    process.stderr.write(`\r\x1b[K${seconds} s  ${says}`.slice(0, process.stderr.columns ?? 80));
  };
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
