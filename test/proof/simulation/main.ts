import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { run, showProgress } from '../../../infra/tools/program.ts';
import { formatEvent } from '../history/event.ts';
import { readOptions, type SimulationOptions } from './options.ts';
import { simulate } from './run.ts';
import { add, inWords, NOTHING, type Summary } from './summary.ts';
import type { WorkerInput } from './worker.ts';

/** The program behind `npm run sim`. */
await run(async () => {
  const options = readOptions(process.argv.slice(2));
  const startedMs = performance.now();
  const summary = await play(options);
  showProgress('');
  console.log(inWords(summary, (performance.now() - startedMs) / 1000));
  await writeHistory(options, summary);
  return summary.failed.length === 0 ? 0 : 1;
});

/** Plays all seeds, on several processes: one thread plays one run at a time. */
async function play({ from, seeds, processes, mix, stop }: SimulationOptions): Promise<Summary> {
  let total = NOTHING;
  const stopped = new AbortController();
  const until = from + seeds;
  const worker = (number: number) =>
    new Promise<void>((resolve, reject) => {
      const input: WorkerInput = { from: from + number, until, step: processes, mix };
      const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), [JSON.stringify(input)], {
        execArgv: ['--import', 'tsx'],
        serialization: 'advanced',
      });
      stopped.signal.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
      child.on('message', (summary: Summary) => {
        total = add(total, summary);
        if (stop && summary.failed.length > 0) {
          stopped.abort();
        }
        const { seeds: done, calls, failed } = total;
        showProgress(`${done} of ${seeds} seeds, ${calls} calls, ${failed.length} failed`);
      });
      child.once('error', reject);
      child.once('exit', (code) => {
        if (code === 0 || stopped.signal.aborted) {
          resolve();
        } else {
          reject(new Error(`a process ended with ${code}`));
        }
      });
    });
  try {
    await Promise.all(Array.from({ length: processes }, (_, number) => worker(number)));
    return total;
  } finally {
    stopped.abort();
  }
}

async function writeHistory(
  { from, mix, historyFile }: SimulationOptions,
  { failed }: Summary,
): Promise<void> {
  if (historyFile === undefined) {
    return;
  }
  const seed = failed[0]?.seed ?? from;
  const { history } = await simulate(seed, mix);
  await writeFile(historyFile, history.map(formatEvent).join(''));
  console.log(`The history of seed ${seed} is in ${historyFile}.`);
}
