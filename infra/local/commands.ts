import type { LocalBank } from './bank.ts';
import { LocalBankError, toLocalBankError } from './errors.ts';
import type { Reporter } from './reporter.ts';

export const COMMANDS = `  kill REGION     end its process at once: connections are refused
  freeze REGION   stop its process: connections are accepted, nothing answers
  thaw REGION     let it go on
  start REGION    start it again
  status          say how both are
  quit            end it all; balances stay where --data keeps them`;

/** Does what one line of standard input says. False when the line asks to quit. */
export async function obey(line: string, bank: LocalBank, reporter: Reporter): Promise<boolean> {
  const [command = '', region = '', ...rest] = line.trim().split(/\s+/);
  try {
    if (rest.length > 0) {
      throw unknown(line);
    }
    switch (command) {
      case '':
        break;
      case 'kill':
        await bank.kill(region);
        break;
      case 'freeze':
        bank.freeze(region);
        break;
      case 'thaw':
        bank.thaw(region);
        break;
      case 'start':
        await bank.start(region);
        break;
      case 'status':
        for (const status of bank.status()) {
          reporter.region(status);
        }
        break;
      case 'help':
        reporter.help(COMMANDS);
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
