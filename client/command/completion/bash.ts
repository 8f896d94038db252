import { COMMAND_NAMES, COMMANDS, SHELLS } from '../command-table.ts';
import { type CommandName, OPTION_PAGES, type OptionPage, optionsOf } from '../option-table.ts';

const namesOf = (options: readonly (readonly [string, OptionPage])[]) => options.map(([name]) => `--${name}`);
const WITH_VALUE = OPTION_PAGES.filter(([, { type }]) => type === 'string');
const WITH_FILE = WITH_VALUE.filter(([, { isFile }]) => isFile === true);
const TAKES_SHELL = COMMAND_NAMES.filter((name) => COMMANDS[name].operands.includes('SHELL'));

/** For bash 3.2, which macOS has, and later. */
export function bashScript(): string {
  return `# bash completion for bank. In ~/.bashrc: eval "$(bank completion bash)"
_bank() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command= operands=0 index options
  COMPREPLY=()
  case $previous in
    ${namesOf(WITH_FILE).join(' | ')})
      local IFS=$'\\n'
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -f -- "$current"))
      return
      ;;
    ${namesOf(WITH_VALUE).join(' | ')}) return ;;
  esac
  for ((index = 1; index < COMP_CWORD; index += 1)); do
    case \${COMP_WORDS[index]} in
      ${namesOf(WITH_VALUE).join(' | ')}) index=$((index + 1)) ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=\${COMP_WORDS[index]}; else operands=$((operands + 1)); fi ;;
    esac
  done
  if [[ $current == -* ]]; then
    case $command in
${COMMAND_NAMES.map((name) => `      ${name}) options='${optionWords(name)}' ;;`).join('\n')}
      *) options='${optionWords(undefined)}' ;;
    esac
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -z $command ]]; then
    COMPREPLY=($(compgen -W '${COMMAND_NAMES.join(' ')}' -- "$current"))
  else
    case "$command $operands" in
${TAKES_SHELL.map((name) => `      '${name} 0') COMPREPLY=($(compgen -W '${SHELLS.join(' ')}' -- "$current")) ;;`).join('\n')}
    esac
  fi
}
complete -F _bank bank`;
}

function optionWords(command: CommandName | undefined): string {
  return namesOf(optionsOf(command)).join(' ');
}
