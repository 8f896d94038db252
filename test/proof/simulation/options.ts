import { availableParallelism } from 'node:os';
import { choiceOption, parse, program, textOption, wholeOption } from '../../../infra/tools/program.ts';
import { MIXES, type Mix } from '../chaos/options.ts';

/** What the command line asks for. */
export interface SimulationOptions {
  readonly from: number;
  readonly seeds: number;
  /** Processes that play runs side by side. */
  readonly processes: number;
  readonly mix: Mix;
  /** File for the history of the first seed that fails, or of the only one. */
  readonly historyFile: string | undefined;
  /** Ends with the first seed that fails. */
  readonly stop: boolean;
}

interface Given extends Pick<SimulationOptions, 'from' | 'seeds' | 'processes'> {
  readonly calls: Mix;
  readonly history?: string;
  readonly stop?: boolean;
}

const DESCRIPTION = `Plays runs of the bank in virtual time, each from one seed that decides everything: callers, faults, latencies, clocks,
crashes. Prints what was done, and which seeds broke a promise.`;

const AFTER = `
A seed that broke a promise does it again with --seeds 1 --from SEED, and --history writes what its callers saw
(test/proof/history/FORMAT.md). --calls transfers is to be given again, too.

Exit codes
  0  every promise was kept
  1  a promise was broken, or the seeds could not be played
  2  the command line is not valid; nothing was played`;

/** Reads the command line. Throws `UsageError`. */
export function readOptions(words: readonly string[]): SimulationOptions {
  const command = program('npm run sim --', DESCRIPTION)
    .addOption(wholeOption('--seeds <number>', 'how many seeds', 1, 10_000_000).default(1000))
    .addOption(wholeOption('--from <seed>', 'the first one', 1, 2 ** 31 - 1).default(1))
    .addOption(wholeOption('--processes <number>', 'side by side', 1, 64).default(availableParallelism()))
    .addOption(
      choiceOption('--calls <kind>', 'everything, or transfers among ten accounts', MIXES).default('all'),
    )
    .addOption(textOption('--history <file>', 'write the history of the first seed that fails', 'a file'))
    .option('--stop', 'end with the first seed that fails');
  const given = parse<Given>(command.addHelpText('after', AFTER), words);
  const { from, seeds, processes, calls: mix, history: historyFile, stop = false } = given;
  return { from, seeds, processes: Math.min(seeds, processes), mix, historyFile, stop };
}
