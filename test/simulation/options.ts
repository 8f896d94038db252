import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { UsageError } from '../../client/command/usage.ts';

/** What the command line asks for. */
export interface SimulationOptions {
  readonly from: number;
  readonly seeds: number;
  /** Processes that play runs side by side. */
  readonly processes: number;
  /** File for the history of the first seed that fails, or of the only one. */
  readonly historyFile: string | undefined;
  /** Ends with the first seed that fails. */
  readonly stop: boolean;
}

export const USAGE = `npm run sim -- [--seeds N] [--from SEED] [--processes N] [--history FILE] [--stop]

  Plays runs of the bank in virtual time, each from one seed that decides everything: callers, faults,
  latencies, clocks, crashes. Prints what was done and which seeds broke a promise; a seed that did does
  it again with --seeds 1 --from SEED, and --history writes what its callers saw (test/history/FORMAT.md).
  --stop ends with the first seed that fails.
  Default: 1000 seeds from 1, on as many processes as there are cores.

Exit codes
  0  every promise was kept
  1  a promise was broken, or the seeds could not be played
  2  the command line is wrong; nothing was played`;

/** Reads the command line. Throws {@link UsageError}. */
export function readOptions(args: readonly string[]): SimulationOptions {
  const values = parse(args);
  const seeds = whole('seeds', values.seeds, 1, 10_000_000);
  return {
    from: whole('from', values.from, 1, 2 ** 31 - 1),
    seeds,
    processes: Math.min(seeds, whole('processes', values.processes ?? String(availableParallelism()), 1, 64)),
    historyFile: values.history,
    stop: values.stop,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string', default: '1000' },
        from: { type: 'string', default: '1' },
        processes: { type: 'string' },
        history: { type: 'string' },
        stop: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, text: string, from: number, to: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= from && value <= to)) {
    throw new UsageError(`--${name}: ${text} is not a whole number from ${from} to ${to}`);
  }
  return value;
}
