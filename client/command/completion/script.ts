import type { Shell } from '../command-table.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { zshScript } from './zsh.ts';

const SCRIPTS: Readonly<Record<Shell, () => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The script that completes the command in a shell. It is made from the tables that the parser goes by. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell]();
}
