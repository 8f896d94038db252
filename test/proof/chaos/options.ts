import {
  choiceOption,
  numberOption,
  parse,
  program,
  seedOption,
  textOption,
  UsageError,
  wholeOption,
} from '../../../infra/tools/program.ts';
import { MIXES, type Mix } from '../calls.ts';
import { SABOTAGES, type Sabotage } from './sabotage.ts';

const DESCRIPTION = 'Runs a bank on this machine, injects faults, and checks its promises.';

const AFTER = `
Two Regions, each a process; client processes; and proxies between them and in front of
DynamoDB Local. Regions and clients are killed, and Regions frozen; requests and replies are lost,
delayed, duplicated, or answered by a gateway. At the end every unknown outcome is resolved, and the
history, balances, statements and tables are checked: nothing lost, nothing twice, nothing overdrawn.

The same seed gives the same faults at the same times, and the same calls in the same order for
each caller. It does not give the same interleaving: the processes are real. Which call a retry
repeats depends on which outcomes are unknown by then.

Ctrl-C ends the load; the calls so far are checked and reported. A second one, later, ends
everything at once.

Exit codes
  0  every promise was kept, and every outcome is known
  1  a promise was broken or could not be judged, or the run failed
  2  the command line is not valid; nothing was done`;

/** The options of `npm run chaos`. */
export interface ChaosOptions {
  readonly minutes: number;
  /** Default: a random one. */
  readonly seed?: number;
  readonly clients: number;
  /** In each client process. */
  readonly callers: number;
  /** Calls a second of each caller. */
  readonly pace: number;
  readonly calls: Mix;
  readonly sabotage?: Sabotage;
}

interface Reports {
  readonly report?: string;
  readonly json?: true;
}

/** The whole history is kept in memory until it has been checked. */
const MAX_CALLS = 250_000;

/** Reads the command line. Throws {@link UsageError}. */
export function readChaos(words: readonly string[]): ChaosOptions & Reports {
  const command = program('npm run chaos --', DESCRIPTION)
    .addOption(numberOption('--minutes <number>', 'how long', 0.1, 60).default(2))
    .addOption(seedOption())
    .addOption(
      textOption('--report <file>', 'write FILE.html, the report, and FILE.jsonl, the history', 'a file'),
    )
    .addOption(wholeOption('--clients <number>', 'client processes', 1, 16).default(4))
    .addOption(wholeOption('--callers <number>', 'concurrent callers in each of them', 1, 8).default(3))
    .addOption(numberOption('--pace <number>', 'calls a second of each caller', 0.5, 20).default(5))
    .addOption(
      choiceOption('--calls <kind>', 'everything, or transfers among ten accounts', MIXES).default('all'),
    )
    .addOption(
      choiceOption('--sabotage <kind>', 'make the table misbehave, to see that the run notices', SABOTAGES),
    )
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('after', AFTER);
  const options = parse<ChaosOptions & Reports>(command, words);
  const { minutes, clients, callers, pace } = options;
  const calls = minutes * 60 * clients * callers * pace;
  if (calls > MAX_CALLS) {
    throw new UsageError(`${Math.round(calls)} calls are too many for one run, which takes ${MAX_CALLS}`);
  }
  return options;
}
