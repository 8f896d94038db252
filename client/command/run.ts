import { readCommand } from './arguments.ts';
import { call } from './call.ts';
import { completionScript } from './completion/script.ts';
import { EXIT } from './exit.ts';
import { fail } from './fail.ts';
import { hammer } from './hammer.ts';
import { commandHelpText, helpText } from './help.ts';
import { list } from './list/list.ts';
import type { CommandProcess } from './process.ts';
import { watch } from './watch/watch.ts';

/** Runs the command and gives its exit code. Never throws. */
export async function run(io: CommandProcess): Promise<number> {
  try {
    return await obey(io);
  } catch (error) {
    return fail(error, io.args.includes('--json'), io);
  }
}

async function obey(io: CommandProcess): Promise<number> {
  const command = readCommand(io.args, io.environment, io.readFile);
  switch (command.kind) {
    case 'help':
      io.out(command.of === undefined ? helpText() : commandHelpText(command.of));
      return EXIT.done;
    case 'version':
      io.out(io.version);
      return EXIT.done;
    case 'completion':
      io.out(completionScript(command.shell));
      return EXIT.done;
    case 'watch':
      await watch(command, io);
      return EXIT.done;
    case 'accounts':
    case 'statement':
      await list(command, io);
      return EXIT.done;
    case 'hammer':
      return await hammer(command, io);
    default:
      await call(command, io);
      return EXIT.done;
  }
}
