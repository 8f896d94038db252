import {
  type DeployedBank,
  type DeployedRegion,
  loadBank,
  type ReadFile,
} from '../../../client/command/outputs.ts';
import {
  choiceOption,
  numberOption,
  parse,
  program,
  seedOption,
  textOption,
  UsageError,
  wholeOption,
} from '../program.ts';
import { MAX_CALLS } from './drill.ts';

/** The fault to inject. */
type FaultChoice =
  | { readonly kind: 'none' }
  | { readonly kind: 'replication' | 'function'; readonly templateId: string };

interface ParsedOptions {
  readonly outputs?: string;
  readonly bank?: string;
  readonly fault: FaultChoice['kind'];
  readonly region?: string;
  readonly minutes: number;
  readonly clients: number;
  readonly pace: number;
  readonly seed?: number;
  readonly json?: boolean;
}

/** What the command line of `npm run drill` asks for. */
export interface DrillArguments extends Pick<ParsedOptions, 'minutes' | 'clients'> {
  readonly bank: DeployedBank;
  /** The Region under fault, and the other one. */
  readonly regions: readonly [DeployedRegion, DeployedRegion];
  readonly fault: FaultChoice;
  readonly callsPerSecond: number;
  /** Default: a random seed. */
  readonly seed: number | undefined;
  readonly json: boolean;
}

const DESCRIPTION =
  'Calls a deployed bank while a fault is injected, and verifies that it kept its promises.';

const AFTER = `
Faults
  replication  cut off the Region's replica of the accounts (AWS FIS). Callers may notice only after
               5 minutes: use --minutes 20
  function     make every call of the Region's function fail (AWS FIS)
  none         inject nothing: you cause the failure yourself

A tenth of the time is before the fault, seven tenths with it, at most two tenths until the calls are back.
Ctrl-C stops the fault; the drill then resolves unknown outcomes, verifies and reports.
The drill creates accounts whose names begin with drill- and does not delete them.

Exit codes
  0  every promise was kept, and every outcome is known
  1  a promise was broken, an outcome is still unknown, or the fault could not be injected or stopped
  2  the command line is not valid, or there are no credentials; nothing was done`;

/** Reads the command line and the outputs file that it names. Throws {@link UsageError}. */
export function readDrill(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  readFile: ReadFile,
): DrillArguments {
  const command = program('npm run drill --', DESCRIPTION)
    .addOption(textOption('--outputs <file>', 'outputs file of cdk deploy ($BANK_OUTPUTS)', 'a file'))
    .addOption(textOption('--bank <prefix>', 'the bank to take, when the outputs are those of several'))
    .addOption(
      choiceOption('--fault <fault>', 'see below', ['replication', 'function', 'none']).makeOptionMandatory(),
    )
    .option(
      '--region <region>',
      'the Region under fault. All clients prefer it, so that they have to leave it',
    )
    .addOption(numberOption('--minutes <number>', 'how long', 0.1, 120).default(10))
    .addOption(wholeOption('--clients <number>', 'how many clients call', 1, 64).default(8))
    .addOption(numberOption('--pace <number>', 'calls a second of each client', 0.1, 20).default(2))
    .addOption(seedOption())
    .option('--json', 'print the report as one JSON object')
    .addHelpText('after', AFTER);
  const { minutes, clients, pace, seed, json = false, ...given } = parse<ParsedOptions>(command, words);
  const file = given.outputs ?? (environment['BANK_OUTPUTS'] || undefined);
  if (file === undefined) {
    throw new UsageError('--outputs is missing: the file that cdk deploy writes');
  }
  const bank = loadBank(file, given.bank, readFile);
  const regions = underFault(bank, given.region);
  const calls = minutes * 60 * clients * pace;
  if (calls > MAX_CALLS) {
    throw new UsageError(`${Math.round(calls)} calls are too many for one drill, which takes ${MAX_CALLS}`);
  }
  const fault = choose(given.fault, regions[0]);
  return { bank, regions, fault, minutes, clients, callsPerSecond: pace, seed, json };
}

function underFault(
  { name, regions: [one, other] }: DeployedBank,
  region: string | undefined,
): readonly [DeployedRegion, DeployedRegion] {
  if (region === one.region) {
    return [one, other];
  }
  if (region === other.region) {
    return [other, one];
  }
  const choice = `${one.region} or ${other.region}`;
  throw new UsageError(
    region === undefined
      ? `--region is missing: the Region under fault, ${choice}`
      : `--region: ${name} has no Region ${JSON.stringify(region)}, only ${choice}`,
  );
}

function choose(kind: FaultChoice['kind'], { stack, experiments }: DeployedRegion): FaultChoice {
  if (kind === 'none') {
    return { kind };
  }
  const templateId = experiments[kind];
  if (templateId !== undefined) {
    return { kind, templateId };
  }
  const advice =
    kind === 'function' ? 'deploy with -c faultInjection=true first' : 'deploy the bank once more first';
  throw new UsageError(`--fault: the stack ${stack} has no experiment for ${kind}; ${advice}`);
}
