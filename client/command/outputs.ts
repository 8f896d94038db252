import * as v from 'valibot';
import { messageOf } from './describe.ts';
import { UsageError } from './usage.ts';

/** One Region of a deployed bank, from the outputs of its stack. */
export interface DeployedRegion {
  readonly stack: string;
  readonly region: string;
  readonly url: string;
  /** Experiment templates for drills, if they are deployed. */
  readonly experiments: { readonly replication: string | undefined; readonly function: string | undefined };
}

/** A deployed bank. The names of its stacks begin with its name. Its Regions are in the order of the file. */
export interface DeployedBank {
  readonly name: string;
  readonly regions: readonly [DeployedRegion, DeployedRegion];
}

/** Reads a file as text. It is a parameter, so that tests need no files. */
export type ReadFile = (path: string) => string;

const WRONG_FORMAT = 'the file was not written by cdk deploy';
const fileSchema = v.record(v.string(), v.record(v.string(), v.unknown(), WRONG_FORMAT), WRONG_FORMAT);

const regionSchema = v.object({
  BankEndpoint: v.pipe(v.string(), v.url()),
  BankRegion: v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d+$/)),
  DrillReplication: v.optional(v.string()),
  DrillFunction: v.optional(v.string()),
});

/** Reads the outputs file of a deployment and finds the bank in it. Throws {@link UsageError}. */
export function loadBank(file: string, name: string | undefined, readFile: ReadFile): DeployedBank {
  try {
    return findBank(parse(read(file, readFile)), name);
  } catch (error) {
    throw new UsageError(`${file}: ${messageOf(error)}`, { cause: error });
  }
}

function read(file: string, readFile: ReadFile): string {
  try {
    return readFile(file);
  } catch (error) {
    throw new UsageError(`the file cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError('the file is not JSON', { cause: error });
  }
}

/** Finds the bank of this name in the outputs of a deployment; without a name, the only bank. Throws {@link UsageError}. */
export function findBank(outputs: unknown, name: string | undefined): DeployedBank {
  const file = v.safeParse(fileSchema, outputs);
  if (!file.success) {
    throw new UsageError(file.issues[0].message);
  }
  const banks = new Map<string, DeployedRegion[]>();
  for (const [stack, values] of Object.entries(file.output)) {
    // Other stacks of the deployment, such as the one of the tables, have no endpoint.
    if ('BankEndpoint' in values) {
      const region = readRegion(stack, values);
      const bank = nameOfBank(region);
      banks.set(bank, [...(banks.get(bank) ?? []), region]);
    }
  }
  const [bank, regions] = choose(banks, name);
  const [first, second, ...others] = regions;
  if (first === undefined || second === undefined || others.length > 0) {
    throw new UsageError(
      `the bank ${bank} must have 2 Regions, but the file has ${regions.length} (${listed(regions)}). Deploy all stacks with one command`,
    );
  }
  return { name: bank, regions: [first, second] };
}

function readRegion(stack: string, values: Readonly<Record<string, unknown>>): DeployedRegion {
  const region = v.safeParse(regionSchema, values);
  if (!region.success) {
    throw new UsageError(`the stack ${stack} has a BankEndpoint, but ${v.summarize(region.issues)}`);
  }
  const { BankEndpoint, BankRegion, DrillReplication, DrillFunction } = region.output;
  return {
    stack,
    region: BankRegion,
    url: BankEndpoint,
    experiments: { replication: DrillReplication, function: DrillFunction },
  };
}

/** The name of a Region's stack is the bank's name and the Region, such as `twinbank-us-east-1`. */
function nameOfBank({ stack, region }: DeployedRegion): string {
  return stack.endsWith(`-${region}`) ? stack.slice(0, -region.length - 1) : stack;
}

function choose(
  banks: ReadonlyMap<string, readonly DeployedRegion[]>,
  name: string | undefined,
): readonly [string, readonly DeployedRegion[]] {
  const [only, ...others] = banks;
  if (only === undefined) {
    throw new UsageError('the file has no bank: none of its stacks has an output BankEndpoint');
  }
  const found = [...banks].map(([bank, regions]) => `${bank} (${listed(regions)})`).join(' and ');
  if (name === undefined) {
    if (others.length > 0) {
      throw new UsageError(`the file has ${banks.size} banks, ${found}. Choose one with --bank`);
    }
    return only;
  }
  const chosen = banks.get(name);
  if (chosen === undefined) {
    throw new UsageError(`the file has no bank ${JSON.stringify(name)}, only ${found}`);
  }
  return [name, chosen];
}

function listed(regions: readonly DeployedRegion[]): string {
  return regions.map(({ stack }) => stack).join(', ');
}
