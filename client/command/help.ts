import { COMMAND_NAMES, COMMANDS, COMMON_LINES, type JsonLine, synopsisOf } from './command-table.ts';
import { EXIT_MEANINGS } from './exit.ts';
import { type CommandName, type OptionPage, optionsOf } from './option-table.ts';
import { entry, paragraph, section } from './page.ts';

const PURPOSE = 'deposit, withdraw, balances and statements, in a bank that lives in two Regions';

const ENVIRONMENT: Readonly<Record<string, string>> = {
  BANK_ENDPOINTS: 'addresses of the Regions, separated by commas, the preferred one first',
  BANK_OUTPUTS: 'outputs file of cdk deploy, which has the addresses',
  'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN':
    'credentials. Requests are signed when every endpoint is https with a known Region',
  AWS_PROFILE:
    "and whatever else AWS's own chain looks at, where those are not set: profiles, single sign-on, web identity, containers, instances, processes. The package @aws-sdk/credential-provider-node must be installed for it",
  'NO_COLOR, TERM':
    'no colour, if the former is not empty or the latter is dumb. There is none either where the output is no terminal',
};

const JSON_RULE =
  'With --json a command prints one JSON object on standard output, and one a line where it tells of many things; whatever it says on standard error is one JSON object a line. "bank COMMAND --help" names the members; more may come, and none of these goes. Balances and amounts are strings, since not every reader of JSON keeps 15 digits. A line on standard error has a member "event", and so has every line of watch and hammer.';

/** What `bank --help` prints. */
export function helpText(): string {
  return [
    section('NAME', paragraph(`bank - ${PURPOSE}`)),
    section('SYNOPSIS', ['bank COMMAND [OPERANDS] [OPTIONS]', 'bank COMMAND --help'].flatMap(paragraph)),
    section(
      'COMMANDS',
      COMMAND_NAMES.flatMap((name) => entry(synopsisOf(name), COMMANDS[name].summary)),
    ),
    section('OPTIONS', optionsOf(undefined).flatMap(optionEntry)),
    section('JSON', [...paragraph(JSON_RULE), ...COMMON_LINES.flatMap(jsonEntry)]),
    exitStatus(),
    section(
      'ENVIRONMENT',
      Object.entries(ENVIRONMENT).flatMap(([name, text]) => entry(name, text)),
    ),
    examples(COMMAND_NAMES),
  ].join('\n\n');
}

/** What `bank COMMAND --help` prints. */
export function commandHelpText(name: CommandName): string {
  const { summary, description, json } = COMMANDS[name];
  return [
    section('NAME', paragraph(`bank ${name} - ${summary}`)),
    section('SYNOPSIS', paragraph(`${synopsisOf(name)} [OPTIONS]`)),
    section('DESCRIPTION', description.flatMap(paragraph)),
    section('OPTIONS', optionsOf(name).flatMap(optionEntry)),
    ...(json.length === 0 ? [] : [section('JSON', json.flatMap(jsonEntry))]),
    exitStatus(),
    examples([name]),
  ].join('\n\n');
}

function optionEntry([name, { short, value, summary }]: readonly [string, OptionPage]): readonly string[] {
  const names = short === undefined ? `--${name}` : `-${short}, --${name}`;
  return entry(value === undefined ? names : `${names} ${value}`, summary);
}

function jsonEntry({ stream, event, members }: JsonLine): readonly string[] {
  const where = stream === 'stdout' ? 'standard output' : 'standard error';
  const what = event === undefined ? '' : `, "event": "${event}"`;
  return [
    ...paragraph(`On ${where}${what}:`),
    ...Object.entries(members).flatMap(([member, text]) => {
      const optional = member.endsWith('?');
      return entry(`  ${member.replace('?', '')}`, optional ? `${text} (not always there)` : text);
    }),
  ];
}

function exitStatus(): string {
  return section(
    'EXIT STATUS',
    Object.entries(EXIT_MEANINGS).flatMap(([code, meaning]) => entry(code, meaning, 3)),
  );
}

function examples(names: readonly CommandName[]): string {
  return section(
    'EXAMPLES',
    names.flatMap((name) => COMMANDS[name].examples.map((example) => `bank ${example}`)),
  );
}
