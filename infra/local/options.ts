import { parse, program, textOption, UsageError, valueOption } from '../tools/program.ts';
import { COMMANDS_HELP } from './commands.ts';

/** What the command line of `npm start` asks for. */
export interface StartOptions {
  /** Folder that keeps the balances; null keeps them in memory. */
  readonly dataFolder: string | null;
  readonly ports: readonly [number, number];
  /** Bundle of the function to run; undefined bundles the one of this checkout. */
  readonly bundleFile: string | undefined;
  /** Port of the page that shows the bank; 0 takes any that is free, null shows none. */
  readonly screenPort: number | null;
}

const USUAL_PORTS = [3020, 3030] as const;
const USUAL_SCREEN_PORT = 3000;

const AFTER = `
While it runs, type:
${COMMANDS_HELP}

DynamoDB Local runs in a container if a container engine answers, otherwise with Java.
  DYNAMODB_LOCAL=container|jar   use only this one
  DYNAMODB_LOCAL_IMAGE=IMAGE     run another image
  DYNAMODB_ENDPOINT=URL          use a DynamoDB that is already running: each start creates its own tables there`;

interface ParsedOptions {
  readonly data?: string;
  readonly ports?: readonly [number, number];
  readonly screen?: number | false;
  readonly bundle?: string;
}

/** Reads the command line. Throws `UsageError`. */
export function readOptions(words: readonly string[]): StartOptions {
  const command = program('npm start --', 'Starts a bank in two Regions on this machine.')
    .addOption(
      textOption(
        '--data <folder>',
        'folder for balances and logs (default: in memory, lost when the bank stops)',
      ),
    )
    .addOption(
      valueOption(
        '--ports <ports>',
        'ports of the two Regions (default 3020,3030)',
        'two different ports, such as 3020,3030',
        portsOf,
      ),
    )
    .addOption(
      valueOption(
        '--screen <port>',
        'port of the web page (default 3000; 0 picks a free port)',
        'a port, or 0 for any that is free',
        portOf,
      ),
    )
    .option('--no-screen', 'do not serve the web page; with --ports it is served only if --screen is given')
    .option('--bundle <file>', 'bundle of the function to run, such as the api.mjs of cdk synth')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', AFTER);
  const { data, ports = USUAL_PORTS, screen, bundle } = parse<ParsedOptions>(command, words);
  if (screen && ports.includes(screen)) {
    throw new UsageError(`--screen: expected a port that no Region has, got "${screen}"`);
  }
  // Ports are chosen for one bank of several, and only one of them can have the usual page.
  const usualScreen = ports === USUAL_PORTS ? USUAL_SCREEN_PORT : null;
  return {
    dataFolder: data ?? null,
    ports,
    bundleFile: bundle,
    screenPort: screen === false ? null : (screen ?? usualScreen),
  };
}

function portsOf(text: string): readonly [number, number] | undefined {
  const [first = 0, second = 0, ...more] = text.split(',').map(portOf);
  return first > 0 && second > 0 && first !== second && more.length === 0 ? [first, second] : undefined;
}

function portOf(text: string): number | undefined {
  return /^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}
