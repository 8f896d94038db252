import { parseArgs } from 'node:util';
import { UsageError } from '../../client/command/usage.ts';
import { SABOTAGES, type Sabotage } from './sabotage.ts';

export const USAGE = `Runs a bank on this machine, lets as much as possible go wrong, and checks its promises.

  npm run chaos -- --minutes 2 --seed 7 --report FILE

  --minutes N    how long, 0.1 to 60 (2)
  --seed N       do as an earlier run did: 0 to 2147483647. Default: chance
  --report FILE  write FILE.html, the report, and FILE.jsonl, the history (.twinbank/chaos)
  --clients N    client processes, 1 to 16 (4)
  --callers N    concurrent callers in each of them, 1 to 8 (3)
  --pace N       calls a second of each caller, 0.5 to 20 (5)
  --sabotage KIND
                 have the table do something wrong, to see that it is found out:
                 ${Object.keys(SABOTAGES).join(', ')}
  --json         print the summary as one JSON object
  --help         print this

Two Regions, each a process; client processes; and a proxy on every way between them and to
DynamoDB Local. Regions and clients are killed, Regions frozen; requests and replies are lost,
late, doubled, answered by somebody else. In the end every unknown outcome is resolved, and the
history, the balances, the statements and the tables are checked: nothing lost, nothing twice, nothing overdrawn.

The same seed gives the same faults at the same times and the same calls in the same order for
each caller. It does not give the same interleaving: the processes are real. Which key a retry
takes depends on what is unknown by then.

Ctrl-C ends the load; what was done by then is checked and reported. A second one, later, ends
everything at once.

Exit codes
  0  every promise was kept, and every outcome is known
  1  not so, or something could not be judged, or the run could not be held
  2  the command line is wrong; nothing was done`;

/** What the command line of `npm run chaos` asks for. */
export interface ChaosOptions {
  readonly minutes: number;
  /** Undefined leaves it to chance. */
  readonly seed: number | undefined;
  readonly clients: number;
  readonly callersPerClient: number;
  readonly callsPerSecond: number;
  readonly sabotage: Sabotage | undefined;
}

export type ChaosCommand =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run';
      readonly options: ChaosOptions;
      readonly htmlFile: string;
      readonly historyFile: string;
      readonly json: boolean;
    };

/** The whole history is kept in memory until it has been checked. */
const MAX_CALLS = 250_000;
const MAX_SEED = 2 ** 31 - 1;

/** Reads the command line. Throws {@link UsageError}. */
export function readChaos(args: readonly string[], defaultReport: string): ChaosCommand {
  const values = parse(args);
  if (values.help) return { kind: 'help' };
  const options: ChaosOptions = {
    minutes: number('--minutes', values.minutes, 0.1, 60),
    seed: values.seed === undefined ? undefined : whole('--seed', values.seed, 0, MAX_SEED),
    clients: whole('--clients', values.clients, 1, 16),
    callersPerClient: whole('--callers', values.callers, 1, 8),
    callsPerSecond: number('--pace', values.pace, 0.5, 20),
    sabotage: values.sabotage === undefined ? undefined : sabotageNamed(values.sabotage),
  };
  const calls = options.minutes * 60 * options.clients * options.callersPerClient * options.callsPerSecond;
  if (calls > MAX_CALLS) {
    throw new UsageError(`${Math.round(calls)} calls are too many for one run, which takes ${MAX_CALLS}`);
  }
  if (values.report === '') throw new UsageError('--report is the name of a file');
  const stem = (values.report ?? defaultReport).replace(/\.(html|jsonl)$/, '');
  return {
    kind: 'run',
    options,
    htmlFile: `${stem}.html`,
    historyFile: `${stem}.jsonl`,
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        minutes: { type: 'string', default: '2' },
        seed: { type: 'string' },
        report: { type: 'string' },
        clients: { type: 'string', default: '4' },
        callers: { type: 'string', default: '3' },
        pace: { type: 'string', default: '5' },
        sabotage: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function sabotageNamed(name: string): Sabotage {
  if (Object.hasOwn(SABOTAGES, name)) return name as Sabotage;
  throw new UsageError(
    `--sabotage: ${JSON.stringify(name)} is none of ${Object.keys(SABOTAGES).join(' and ')}`,
  );
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = number(name, text, least, most);
  if (!Number.isInteger(value)) throw new UsageError(`${name} is a whole number`);
  return value;
}

function number(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`${name} is a number from ${least} to ${most}, not ${JSON.stringify(text)}`);
  }
  return value;
}
