import { call } from './call.ts';
import { EXIT, fail } from './fail.ts';
import { list } from './list.ts';
import { load } from './load.ts';
import type { CommandProcess } from './process.ts';
import { readCommand } from './program.ts';
import { watch } from './watch.ts';

/** Runs the command and returns its exit code. It never throws. */
export async function run(io: CommandProcess): Promise<number> {
  try {
    const command = readCommand(io);
    switch (command.kind) {
      case 'help':
        return command.isAsked ? EXIT.done : EXIT.usage;
      case 'load':
        return await load(command, io);
      case 'watch':
        await watch(command, io);
        break;
      case 'accounts':
      case 'holds':
      case 'statement':
        await list(command, io);
        break;
      default:
        await call(command, io);
    }
    return EXIT.done;
  } catch (error) {
    return fail(error, io);
  }
}
