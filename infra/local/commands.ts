import type { LocalBank } from './bank.ts';
import { LocalBankError, toLocalBankError } from './errors.ts';
import type { RegionState, RegionStatus } from './region.ts';
import type { Reporter } from './reporter.ts';

/** What a person can type, with the states of a Region in which it makes sense. */
const COMMANDS: Readonly<
  Record<string, { readonly does: string; readonly states?: readonly RegionState[] }>
> = {
  kill: { does: 'kill the Region: it refuses connections', states: ['up', 'frozen'] },
  freeze: { does: 'pause the Region: it accepts connections but does not answer', states: ['up'] },
  thaw: { does: 'resume a frozen Region', states: ['frozen'] },
  start: { does: 'start a Region that is down', states: ['down'] },
  status: { does: 'print the state of both Regions' },
  help: { does: 'print these commands' },
  quit: { does: 'stop the bank; with --data, the balances are kept' },
};

/** The commands, a line each. */
export const COMMANDS_HELP = Object.entries(COMMANDS)
  .map(([name, { does, states }]) => `  ${`${name}${states ? ' REGION' : ''}`.padEnd(16)}${does}`)
  .join('\n');

/** The completions of a line that is being typed, and the part of it that they replace, as `node:readline` asks for them. */
export function complete(
  line: string,
  regions: readonly Pick<RegionStatus, 'region' | 'state'>[],
): [string[], string] {
  const [, command, begun = ''] = /^\s*(\S+)\s+(\S*)$/.exec(line) ?? [];
  if (command === undefined) {
    const names = Object.entries(COMMANDS).map(([name, { states }]) => (states ? `${name} ` : name));
    return [names.filter((name) => name.startsWith(line)), line];
  }
  const states = COMMANDS[command]?.states ?? [];
  const names = regions.filter(({ state }) => states.includes(state)).map(({ region }) => region);
  return [names.filter((name) => name.startsWith(begun)), begun];
}

/** Does what one line of standard input says. False when the line asks to quit. */
export async function obey(line: string, bank: LocalBank, reporter: Reporter): Promise<boolean> {
  const [command = '', region = '', ...rest] = line.trim().split(/\s+/);
  try {
    if (rest.length > 0 || (region !== '' && COMMANDS[command]?.states === undefined)) {
      throw unknown(line);
    }
    switch (command) {
      case '':
        break;
      case 'kill':
      case 'freeze':
      case 'thaw':
        await bank[command](region);
        break;
      case 'start':
        reporter.progress(`Starting the process of ${region} ...`);
        await bank.start(region);
        break;
      case 'status':
        for (const status of bank.status()) {
          reporter.region(status);
        }
        break;
      case 'help':
        reporter.help(COMMANDS_HELP);
        break;
      case 'quit':
        return false;
      default:
        throw unknown(line);
    }
  } catch (error) {
    reporter.error(toLocalBankError(error));
  }
  return true;
}

function unknown(line: string): LocalBankError {
  return new LocalBankError(
    'command_unknown',
    `"${line.trim().slice(0, 60)}" is not a command; help lists them.`,
  );
}
