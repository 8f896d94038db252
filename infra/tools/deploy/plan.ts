import type { Configuration } from '../../configuration.ts';
import { parse, program, UsageError } from '../program.ts';

/** The command line of `npm run deploy`. All of its words are handed on to the CDK's command. */
interface Given {
  readonly words: readonly string[];
  /** Values of `-c NAME=VALUE`, by name. */
  readonly context: Readonly<Record<string, string>>;
  readonly profile: string | undefined;
}

/** Reads the command line. Throws {@link UsageError}. */
export function readGiven(words: readonly string[], environment: NodeJS.ProcessEnv = process.env): Given {
  const taken = Object.entries({ call: '-c', context: '--context', profile: '--profile' }).find(
    ([name]) => environment[`npm_config_${name}`],
  );
  if (taken !== undefined) {
    const [name, option] = taken;
    throw new UsageError(
      `npm took ${option} ${environment[`npm_config_${name}`]} for itself, so the deployment would do without it. Write "--" before the options: npm run deploy -- -c NAME=VALUE`,
    );
  }
  const command = program('npm run deploy --', 'Deploys every stack, and then protects the tables.')
    .option('-c, --context <name=value>', 'overrides a member of the configuration in cdk.json', collect)
    .option('--profile <name>', 'profile of the AWS credentials')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', '\nEverything is handed on to cdk deploy, whose options can be given as well.');
  const { context = {}, profile } = parse<Partial<Omit<Given, 'words'>>>(command, words);
  return { words, context, profile };
}

function collect(pair: string, others: Given['context'] = {}): Given['context'] {
  const [name = '', ...value] = pair.split('=');
  return { ...others, [name]: value.join('=') };
}

/** The deployment would take the protection from the tables of a bank, and with `destroy` the alarm that reports it. */
class UnprotectingError extends Error {
  override readonly name = 'UnprotectingError';
  readonly code = 'would_unprotect';
}

/**
 * The commands of the CDK that deploy a bank, one after the other. Throws {@link UnprotectingError}.
 *
 * Protection keeps tables, and their stack, from being deleted. It would also keep what a failed first deployment leaves, and then no
 * further one could succeed. So a bank without any protection is deployed without it first, and a second command switches it on. If
 * anything is protected already, one command deploys, and switches on what is off.
 */
export function deployments(
  { words }: Given,
  {
    prefix,
    removalPolicy,
    deletionProtection,
  }: Pick<Configuration, 'prefix' | 'removalPolicy' | 'deletionProtection'>,
  hasProtection: boolean,
): readonly (readonly string[])[] {
  const command = ['deploy', '--all', '--outputs-file', 'cdk-outputs.json', '-c', 'deploy=true', ...words];
  const isProtected = removalPolicy === 'retain' && deletionProtection;
  if (hasProtection && !isProtected) {
    throw new UnprotectingError(
      `Nothing was deployed: the tables of ${prefix} are protected from deletion, and removalPolicy=${removalPolicy} with deletionProtection=${deletionProtection} would take that away. If you mean this bank, use npx cdk deploy --all.`,
    );
  }
  return isProtected && !hasProtection
    ? [[...command, '-c', 'deletionProtection=false'], command]
    : [command];
}
