import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  choiceOption,
  parse,
  program,
  run,
  showProgress,
  textOption,
  wholeOption,
} from '../../../infra/tools/program.ts';
import { MIXES, type Mix } from '../calls.ts';
import { formatEvent } from '../history/event.ts';
import { simulate } from './run.ts';
import { type Played, Summary } from './summary.ts';
import type { WorkerInput } from './worker.ts';

interface Options {
  readonly from: number;
  readonly seeds: number;
  readonly processes: number;
  readonly calls: Mix;
  readonly history?: string;
  readonly stop?: true;
}

const DESCRIPTION = `Plays runs of the bank in virtual time, each from one seed that decides everything: callers, faults, latencies, clocks,
crashes. Prints what was done, and which seeds broke a promise.`;

const AFTER = `
A seed that broke a promise does it again with --seeds 1 --from SEED, and --history writes what its callers saw
(test/proof/history/FORMAT.md). Give --calls transfers again, too.

Exit codes
  0  every promise was kept
  1  a promise was broken, or the seeds could not be played
  2  the command line is not valid; nothing was played`;

const command = program('npm run sim --', DESCRIPTION)
  .addOption(wholeOption('--seeds <number>', 'how many seeds', 1, 10_000_000).default(1000))
  .addOption(wholeOption('--from <seed>', 'the first one', 1, 2 ** 31 - 1).default(1))
  .addOption(wholeOption('--processes <number>', 'side by side', 1, 64).default(availableParallelism()))
  .addOption(
    choiceOption('--calls <kind>', 'everything, or transfers among ten accounts', MIXES).default('all'),
  )
  .addOption(textOption('--history <file>', 'write the history of the first seed that fails', 'a file'))
  .option('--stop', 'end with the first seed that fails')
  .addHelpText('after', AFTER);

/** The program behind `npm run sim`. */
await run(async () => {
  const options = parse<Options>(command, process.argv.slice(2));
  const startedMs = performance.now();
  const summary = await play(options);
  showProgress('');
  console.log(summary.toText((performance.now() - startedMs) / 1000));
  if (options.history !== undefined) {
    const seed = summary.failed[0]?.seed ?? options.from;
    const { history } = await simulate(seed, options.calls);
    await writeFile(options.history, history.map(formatEvent).join(''));
    console.log(`The history of seed ${seed} is in ${options.history}.`);
  }
  return summary.failed.length === 0 ? 0 : 1;
});

/** Plays all seeds, on several processes: one thread plays one run at a time. */
async function play({ from, seeds, calls: mix, stop, ...options }: Options): Promise<Summary> {
  const summary = new Summary();
  const stopped = new AbortController();
  const processes = Math.min(seeds, options.processes);
  const playSome = async (number: number) => {
    const input: WorkerInput = { from: from + number, until: from + seeds, step: processes, mix };
    const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), [JSON.stringify(input)], {
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
      signal: stopped.signal,
      killSignal: 'SIGKILL',
    });
    child.on('message', (played: Played) => {
      summary.add(played);
      if (stop && summary.failed.length > 0) {
        stopped.abort();
      }
      const { seeds: done, calls, failed } = summary;
      showProgress(`${done} of ${seeds} seeds, ${calls} calls, ${failed.length} failed`);
    });
    const [code] = await once(child, 'exit');
    if (code !== 0) {
      throw new Error(`a process ended with ${code}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: processes }, (_, number) => playSome(number)));
  } catch (error) {
    if (!stopped.signal.aborted) {
      throw error;
    }
  } finally {
    stopped.abort();
  }
  return summary;
}
