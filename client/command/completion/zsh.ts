import { COMMAND_NAMES, COMMANDS, type Operand, SHELLS } from '../command-table.ts';
import { type CommandName, type OptionPage, optionsOf } from '../option-table.ts';

/** To be read by `eval` or found as a function `_bank`. */
export function zshScript(): string {
  return `#compdef bank
# zsh completion for bank. In ~/.zshrc, after compinit: eval "$(bank completion zsh)"
_bank() {
  local line state
  _arguments -C ${specsOf(undefined)} '(-)1:command:->command' '(-)*::operand:->operand'
  case $state in
    command)
      local -a commands
      commands=(
${COMMAND_NAMES.map((name) => `        ${quoted(`${name}:${COMMANDS[name].summary}`)}`).join('\n')}
      )
      _describe command commands
      ;;
    operand)
      case $line[1] in
${COMMAND_NAMES.map((name) => `        ${name}) _arguments ${specsOf(name)}${operandsOf(name)} ;;`).join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _bank ]]; then _bank "$@"; else compdef _bank bank; fi`;
}

function specsOf(command: CommandName | undefined): string {
  return optionsOf(command).map(specOf).join(' ');
}

function specOf([name, { value, isFile, summary }]: readonly [string, OptionPage]): string {
  // Brackets end an explanation, and a colon ends a part of the whole.
  const explained = `--${name}[${summary.replaceAll(/[[\]]/g, '')}]`;
  const operand = value === undefined ? '' : `:${value}:${isFile ? '_files' : ' '}`;
  const repeated = name === 'endpoint' ? '*' : '';
  return quoted(`${repeated}${explained}${operand}`);
}

/** What is offered for an operand. Where that is nothing, a mere message would keep options from being completed. */
const SUGGESTED: Partial<Readonly<Record<Operand, string>>> = { SHELL: `(${SHELLS.join(' ')})` };

function operandsOf(command: CommandName): string {
  return COMMANDS[command].operands
    .map((operand, index) => ` ${quoted(`${index + 1}:${operand}:${SUGGESTED[operand] ?? '()'}`)}`)
    .join('');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
