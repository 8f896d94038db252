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

const DESCRIPTION =
  'Runs a bank on this machine, lets as much as possible go wrong, and checks its promises.';

const AFTER = `
Two Regions, each a process; client processes; and a proxy on every way between them and to
DynamoDB Local. Regions and clients are killed, Regions frozen; requests and replies are lost,
late, duplicated, answered by a gateway. In the end every unknown outcome is resolved, and the
history, the balances, the statements and the tables are checked: nothing lost, nothing twice, nothing overdrawn.

The same seed gives the same faults at the same times and the same calls in the same order for
each caller. It does not give the same interleaving: the processes are real. Which key a retry
takes depends on what is unknown by then.

Ctrl-C ends the load; what was done by then is checked and reported. A second one, later, ends
everything at once.

Exit codes
  0  every promise was kept, and every outcome is known
  1  not so, or something could not be judged, or the run could not be held
  2  the command line is not valid; nothing was done`;

/** What the command line of `npm run chaos` asks for. */
export interface ChaosOptions {
  readonly minutes: number;
  /** Undefined leaves it to chance. */
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
      choiceOption(
        '--sabotage <kind>',
        'have the table do something wrong, to see that it is found out',
        SABOTAGES,
      ),
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
