import { parseArgs } from 'node:util';
import {
  type DeployedBank,
  type DeployedRegion,
  loadBank,
  type ReadFile,
} from '../../client/command/outputs.ts';
import { UsageError } from '../../client/command/usage.ts';

export const USAGE = `Calls a deployed bank while a fault is injected, and verifies that it kept its promises.

  npm run drill -- --outputs FILE --fault FAULT --region REGION

  --outputs FILE     outputs file of cdk deploy. Default: $BANK_OUTPUTS
  --bank PREFIX      the bank to take, when the outputs are those of several
  --fault FAULT      replication  cut the Region's replica of the accounts off (AWS FIS). It may
                                  take 5 minutes until that is felt: give it --minutes 20
                     function     make every call of the Region's function fail (AWS FIS)
                     none         do nothing: somebody else pulls the plug
  --region REGION    the Region under fault. All clients prefer it, so that they have to leave it
  --minutes N        how long, 0.1 to 120 (10): a tenth before the fault, seven tenths with it,
                     at most two tenths until the calls are back
  --clients N        how many clients call, 1 to 64 (8)
  --pace N           calls a second of each client, 0.1 to 20 (2)
  --seed N           ask the same as an earlier drill did
  --json             print the report as one JSON object
  --help             print this

Ctrl-C stops the fault; what was done by then is settled, verified and reported.
Accounts of drills begin with drill-, and stay.

Exit codes
  0  every promise was kept, and every outcome is known
  1  not so, or the fault could not be injected or stopped
  2  the command line is wrong, or there are no credentials; nothing was done`;

/** What is to go wrong. */
export type FaultChoice =
  | { readonly kind: 'none' }
  | { readonly kind: 'replication' | 'function'; readonly templateId: string };

/** What the command line of `npm run drill` asks for. */
export type DrillCommand =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'drill';
      readonly bank: DeployedBank;
      /** The Region under fault, and the other one. */
      readonly regions: readonly [DeployedRegion, DeployedRegion];
      readonly fault: FaultChoice;
      readonly minutes: number;
      readonly clients: number;
      readonly callsPerSecond: number;
      /** Undefined leaves it to chance. */
      readonly seed: number | undefined;
      readonly json: boolean;
    };

/** All calls are kept in memory until they have been verified. */
const MAX_CALLS = 250_000;

/** Reads the command line and the outputs file that it names. Throws {@link UsageError}. */
export function readDrill(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  readFile: ReadFile,
): DrillCommand {
  const values = parse(args);
  if (values.help) return { kind: 'help' };
  const file = values.outputs ?? (environment['BANK_OUTPUTS'] || undefined);
  if (file === undefined) throw new UsageError('--outputs is missing: the file that cdk deploy writes');
  const bank = loadBank(file, values.bank, readFile);
  const regions = underFault(bank, values.region);
  const minutes = number('--minutes', values.minutes, 0.1, 120);
  const clients = number('--clients', values.clients, 1, 64);
  const callsPerSecond = number('--pace', values.pace, 0.1, 20);
  if (!Number.isInteger(clients)) throw new UsageError('--clients is a whole number');
  const calls = minutes * 60 * clients * callsPerSecond;
  if (calls > MAX_CALLS) {
    throw new UsageError(`${Math.round(calls)} calls are too many for one drill, which takes ${MAX_CALLS}`);
  }
  return {
    kind: 'drill',
    bank,
    regions,
    fault: choose(values.fault, regions[0]),
    minutes,
    clients,
    callsPerSecond,
    seed: values.seed === undefined ? undefined : number('--seed', values.seed, 0, 2 ** 31),
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        outputs: { type: 'string' },
        bank: { type: 'string' },
        fault: { type: 'string' },
        region: { type: 'string' },
        minutes: { type: 'string', default: '10' },
        clients: { type: 'string', default: '8' },
        pace: { type: 'string', default: '2' },
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function underFault(
  { name, regions: [one, other] }: DeployedBank,
  region: string | undefined,
): readonly [DeployedRegion, DeployedRegion] {
  if (region === one.region) return [one, other];
  if (region === other.region) return [other, one];
  const choice = `${one.region} or ${other.region}`;
  throw new UsageError(
    region === undefined
      ? `--region is missing: the Region under fault, ${choice}`
      : `--region: ${name} has no Region ${JSON.stringify(region)}, only ${choice}`,
  );
}

function choose(fault: string | undefined, { stack, experiments }: DeployedRegion): FaultChoice {
  switch (fault) {
    case 'none':
      return { kind: 'none' };
    case 'replication':
    case 'function': {
      const templateId = experiments[fault];
      if (templateId !== undefined) return { kind: fault, templateId };
      const advice =
        fault === 'function' ? 'deploy with -c faultInjection=true first' : 'deploy the bank once more first';
      throw new UsageError(`--fault ${fault}: the stack ${stack} has no experiment for it; ${advice}`);
    }
    case undefined:
      throw new UsageError('--fault is missing: replication, function or none');
    default:
      throw new UsageError(`--fault: ${JSON.stringify(fault)} is none of replication, function and none`);
  }
}

function number(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`${name} is a number from ${least} to ${most}, not ${JSON.stringify(text)}`);
  }
  return value;
}
