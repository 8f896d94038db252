import { COMMAND_NAMES, COMMANDS, SHELLS } from '../command-table.ts';
import { OPTION_PAGES, type OptionPage } from '../option-table.ts';

/** To be put into the folder that fish looks for completions in. */
export function fishScript(): string {
  return [
    '# fish completion for bank: bank completion fish > ~/.config/fish/completions/bank.fish',
    'complete -c bank -f',
    ...COMMAND_NAMES.map(
      (name) => `complete -c bank -n __fish_use_subcommand -a ${name} -d ${quoted(COMMANDS[name].summary)}`,
    ),
    ...COMMAND_NAMES.filter((name) => COMMANDS[name].operands.includes('SHELL')).map(
      (name) => `complete -c bank -n '__fish_seen_subcommand_from ${name}' -a ${quoted(SHELLS.join(' '))}`,
    ),
    ...OPTION_PAGES.map(optionLine),
  ].join('\n');
}

function optionLine([name, { short, value, isFile, commands, summary }]: readonly [
  string,
  OptionPage,
]): string {
  const takes = value === undefined ? '' : isFile ? ' -r -F' : ' -x';
  const isForAll = commands.length === COMMAND_NAMES.length;
  const when = isForAll ? '' : ` -n '__fish_seen_subcommand_from ${commands.join(' ')}'`;
  const letter = short === undefined ? '' : ` -s ${short}`;
  return `complete -c bank${when}${letter} -l ${name}${takes} -d ${quoted(summary)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
