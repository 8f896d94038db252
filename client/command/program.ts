import { CommanderError, Option, Command as Program } from 'commander';
import { type Command, readText, single, wholeNumber } from './arguments.ts';
import { addCommands, type CommonOptions, withExamples } from './commands.ts';
import type { CommandProcess } from './process.ts';
import { UsageError } from './usage.ts';

/** What the command line asks for. `help` has already been printed; `isAsked` is false for `bank` without arguments. */
export type Request = Command | { readonly kind: 'help'; readonly isAsked: boolean };

type Io = Pick<CommandProcess, 'args' | 'environment' | 'version' | 'readFile' | 'out' | 'err'>;

const HELP_WIDTH = 80;

const DETAILS = `
Environment:
  BANK_ENDPOINTS    addresses of the Regions, separated by commas, the preferred
                    one first
  BANK_OUTPUTS      outputs file of cdk deploy, which has the addresses
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
                    credentials. Requests are signed when every endpoint is https
                    and its Region is known
  AWS_PROFILE, ...  where those are not set, AWS's credentials chain is asked. The
                    package @aws-sdk/credential-provider-node is needed for it
  XDG_STATE_HOME, HOME
                    twinbank/last.json in there has the key of --last (default:
                    .local/state in the home)
  NO_COLOR, TERM    no colour if NO_COLOR is not empty or TERM is dumb

Members of --json: https://github.com/twinbank/twinbank/tree/main/client/command#json

Exit codes:
  0  done; with load: the books balance
  1  something else went wrong; with load: the books do not balance
  2  the command line is wrong, or there are no credentials; nothing was sent
  3  refused: not enough money, no such account, ...; nothing was moved
  4  outcome unknown: retry with the key. With load: the books are unverified
  5  unavailable, and certainly not executed by this command`;

/** Reads the command line and the environment. Prints help or the version, if asked for. Throws {@link UsageError}. */
export function readCommand(io: Io): Request {
  const { args } = io;
  const program = createProgram(io);
  let request: Request | undefined;
  addCommands(program, io, (command) => {
    request = command;
  });
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    if (error.exitCode === 0 || args.length === 0) {
      return { kind: 'help', isAsked: args.length > 0 };
    }
    const message = error.code === 'commander.help' ? 'the command is missing' : error.message;
    throw new UsageError(message.replace(/^error: /, '').replace('\n', ' '), { cause: error });
  }
  if (request === undefined) {
    throw new Error('no command has read its arguments');
  }
  return request;
}

/** The program, with the options that every command takes. */
function createProgram({ args, version, out, err }: Io): Program {
  const isAlone = args.length === 0;
  return new Program('bank')
    .description(
      withExamples('Move and hold money, read balances and statements: a bank in two AWS Regions.', [
        'bank deposit joe 10',
        'bank withdraw joe 3 -v',
        'bank statement joe --all --csv',
      ]),
    )
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .addOption(
      new Option(
        '--endpoint <url>',
        'address of a Region, or REGION=URL; give it twice, the preferred one first (default: the local bank)',
      )
        .argParser((text: string, others: readonly string[] = []) => [...others, text])
        .conflicts('outputs' satisfies keyof CommonOptions),
    )
    .addOption(single('--outputs <file>', 'take the addresses from the outputs file of cdk deploy', readText))
    .addOption(single('--bank <prefix>', 'which bank, if the outputs have several', readText))
    .addOption(single('--region <region>', 'the Region to prefer', readText))
    .addOption(
      single('--timeout-ms <n>', 'longest time of a call', wholeNumber(1, 999_999_999)).default(5000),
    )
    .option('--json', 'print JSON, errors and messages as well')
    .option('-v, --verbose', 'print how each attempt ended, and how long it took')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out(text.trimEnd()),
      writeErr: (text) => isAlone && err(text.trimEnd()),
      // `fail` prints the errors, with --json as JSON.
      outputError: () => {},
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
    })
    .configureHelp({
      subcommandTerm: (command) =>
        [
          command.name(),
          ...command.registeredArguments.map((each) =>
            each.required ? `<${each.name()}>` : `[${each.name()}]`,
          ),
        ].join(' '),
      ...(isAlone ? { visibleOptions: () => [] } : {}),
    })
    .addHelpText('after', isAlone ? '\nSee also bank --help and bank COMMAND --help.' : DETAILS);
}
