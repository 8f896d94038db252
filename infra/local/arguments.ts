import { parseArgs } from 'node:util';
import { firstLine, LocalBankError } from './errors.ts';

/** What the command line of `npm start` asks for. */
export interface StartArguments {
  /** Folder that keeps the balances; null keeps them in memory. */
  readonly dataFolder: string | null;
  readonly ports: readonly [number, number];
  /** Bundle of the function to run; undefined bundles the one of this checkout. */
  readonly bundleFile: string | undefined;
  /** Port of the page that shows the bank; 0 takes any that is free, null shows none. */
  readonly screenPort: number | null;
  readonly json: boolean;
  readonly help: boolean;
}

const USUAL_PORTS = '3020,3030';
const USUAL_SCREEN_PORT = 3000;

export const USAGE = `Starts a bank in two Regions on this machine.

  npm start                          start with no accounts; balances are in memory, and go with the bank
  npm start -- --data FOLDER         keep balances and logs there, and start with those of last time
  npm start -- --ports 4020,4030     listen elsewhere (3020,3030)
  npm start -- --screen 4000         show the page there (3000; 0 takes any port that is free)
  npm start -- --no-screen           show no page; with --ports there is one only if --screen says where
  npm start -- --bundle FILE         run this bundle of the function, as cdk synth makes it (api.mjs)
  npm start -- --json                print one JSON object a line
  npm start -- --help                print this

DynamoDB Local runs in a container where an engine answers, otherwise with Java.
  DYNAMODB_LOCAL=container|jar       take this one and no other
  DYNAMODB_LOCAL_IMAGE=IMAGE         run another image
  DYNAMODB_ENDPOINT=URL              use a DynamoDB that is running already: each start makes tables of its own there`;

/** Reads the command line. Throws a `bad_argument` that says what is wrong with it. */
export function parseArguments(words: readonly string[]): StartArguments {
  try {
    const { values } = parseArgs({
      args: [...words],
      strict: true,
      allowPositionals: false,
      options: {
        data: { type: 'string' },
        ports: { type: 'string' },
        screen: { type: 'string' },
        'no-screen': { type: 'boolean', default: false },
        bundle: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const { data: dataFolder = null, ports: chosenPorts, bundle: bundleFile, json, help } = values;
    if (dataFolder === '') throw new LocalBankError('bad_argument', '--data is a folder, not "".');
    const ports = parsePorts(chosenPorts ?? USUAL_PORTS);
    // Whoever chooses ports runs one bank of several, and only one of them can have the usual page.
    const usualScreen = values['no-screen'] || chosenPorts !== undefined ? null : USUAL_SCREEN_PORT;
    const screenPort = values.screen === undefined ? usualScreen : parseScreen(values.screen, ports);
    if (values.screen !== undefined && values['no-screen']) {
      throw new LocalBankError('bad_argument', '--screen and --no-screen cannot go together.');
    }
    return { dataFolder, ports, bundleFile, screenPort, json, help };
  } catch (error) {
    if (error instanceof LocalBankError) throw error;
    throw new LocalBankError('bad_argument', `${firstLine(error)} (--help lists what there is)`, {
      cause: error,
    });
  }
}

function parsePorts(text: string): [number, number] {
  const ports = text.split(',').map((port) => (/^[0-9]{1,5}$/.test(port) ? Number(port) : 0));
  const [first = 0, second = 0] = ports;
  if (ports.length !== 2 || !isPort(first) || !isPort(second) || first === second) {
    throw new LocalBankError(
      'bad_argument',
      `--ports is two different ports, such as 3020,3030, not "${text}".`,
    );
  }
  return [first, second];
}

function parseScreen(text: string, ports: readonly number[]): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : -1;
  if (port !== 0 && (!isPort(port) || ports.includes(port))) {
    throw new LocalBankError(
      'bad_argument',
      `--screen is a port that no Region has, such as 3000, or 0 for any that is free, not "${text}".`,
    );
  }
  return port;
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
