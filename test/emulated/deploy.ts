import { readFile } from 'node:fs/promises';
import { type DeployedBank, findBank } from '../../client/command/outputs.ts';
import type { EndpointOptions } from '../../client/index.ts';
import { tableNames } from '../../infra/names.ts';
import { reduceAssembly } from './assembly.ts';
import { ACCOUNT, type Aws, textOf } from './aws.ts';
import { createRole, GRANTS, ROLES } from './callers.ts';
import type { Cdk } from './cdk.ts';

const PREFIX = 'twinbank';
const REGIONS = ['us-east-1', 'us-east-2'] as const;

/** Where lines go. */
export type Say = (line: string) => void;

/** A bank on the emulator: its name, and how its two Regions are reached. */
export interface EmulatedBank {
  readonly name: string;
  readonly regions: readonly [EmulatedRegion, EmulatedRegion];
}

type EmulatedRegion = Required<EndpointOptions> & { readonly region: string };

/** The bank is deployed as a recovered one. Every key is later. */
export const KEYS_NOT_BEFORE = '2020-01-01T00:00:00Z';

/** The configuration of this bank, in place of that in cdk.json. */
export const CONFIGURATION = {
  prefix: PREFIX,
  account: ACCOUNT,
  regions: REGIONS.join(','),
  witness: 'us-west-2',
  alarmEmail: null,
  removalPolicy: 'destroy',
  reservedConcurrency: null,
  faultInjection: false,
  keysNotBefore: KEYS_NOT_BEFORE,
  callers: GRANTS,
};

/** Deploys the app to the emulator's empty account, as its owner would to AWS, and says each step. */
export async function deploy(parts: {
  readonly aws: Aws;
  readonly cdk: Cdk;
  readonly emulatorUrl: string;
  readonly say: Say;
}): Promise<EmulatedBank> {
  const { aws, cdk, emulatorUrl, say } = parts;
  for (const role of ROLES) {
    await createRole(aws, role);
  }
  say(`roles: ${ROLES.join(', ')}`);

  await cdk.synth(CONFIGURATION);
  for (const { stack, parts: left } of await reduceAssembly(cdk.assembly)) {
    say(`cdk synth: left out of ${stack}, because the emulator refuses it: ${left.join(', ')}`);
  }
  await cdk.bootstrap(REGIONS);
  for (const region of REGIONS) {
    await admitPlainHttp(aws, region);
  }
  say(`cdk bootstrap: ${REGIONS.join(', ')}`);

  const { outputsFile } = await cdk.deploy();
  const bank = emulatedBankOf(JSON.parse(await readFile(outputsFile, 'utf8')), emulatorUrl);
  say(`cdk deploy: ${bank.name} in ${bank.regions.map(({ region }) => region).join(' and ')}`);

  await changeReplicas(aws, bank, 'Create');
  say(`tables: made known in ${bank.regions[1].region}`);
  return bank;
}

/** Destroys the bank. */
export async function destroy(aws: Aws, cdk: Cdk, bank: EmulatedBank): Promise<void> {
  await changeReplicas(aws, bank, 'Delete');
  await cdk.destroy();
}

/** Removes the policy of the CDK's bucket that refuses requests without TLS, which the emulator does not have. */
async function admitPlainHttp(aws: Aws, region: string): Promise<void> {
  const bucket = `cdk-hnb659fds-assets-${ACCOUNT}-${region}`;
  await aws.send({ service: 's3', region, method: 'DELETE', path: `/${bucket}?policy` });
}

/** Creates or deletes the replicas of the tables, because the emulator deploys a global table to its first Region only. */
async function changeReplicas(aws: Aws, bank: EmulatedBank, change: 'Create' | 'Delete'): Promise<void> {
  const [region, RegionName] = REGIONS;
  for (const TableName of Object.values(tableNames(bank.name))) {
    await aws.json({ service: 'dynamodb', region, target: 'DynamoDB_20120810' }, 'UpdateTable', {
      TableName,
      ReplicaUpdates: [{ [change]: { RegionName } }],
    });
  }
}

/**
 * Finds the bank in the outputs of its deployment. The host name of an API there begins with its id. No resolver knows that
 * name, but the emulator also takes the id in the path.
 */
function emulatedBankOf(outputs: unknown, emulatorUrl: string): EmulatedBank {
  const { name, regions } = findBank(outputs, undefined);
  const reach = ({ region, url }: DeployedBank['regions'][number]): EmulatedRegion => {
    const [apiId = ''] = new URL(url).hostname.split('.');
    return { region, url: `${emulatorUrl}/_aws/execute-api/${apiId}` };
  };
  return { name, regions: [reach(regions[0]), reach(regions[1])] };
}

/** The stack of the CDK's own, which a bootstrapped account keeps. */
const TOOLKIT = 'CDKToolkit';

/** Returns what is left in both Regions of a bank that was destroyed: stacks, tables and log groups. */
export async function leftoversOf(aws: Aws, bank: EmulatedBank): Promise<string> {
  const left: string[] = [];
  for (const { region } of bank.regions) {
    const { TableNames } = (await aws.json(
      { service: 'dynamodb', region, target: 'DynamoDB_20120810' },
      'ListTables',
    )) as { TableNames: readonly string[] };
    const { logGroups } = (await aws.json(
      { service: 'logs', region, target: 'Logs_20140328' },
      'DescribeLogGroups',
    )) as { logGroups: readonly { logGroupName: string }[] };
    const found = {
      stack: await stacksIn(aws, region),
      table: TableNames,
      'log group': logGroups.map(({ logGroupName }) => logGroupName),
    };
    for (const [kind, names] of Object.entries(found)) {
      left.push(...names.map((name) => `${kind} ${name} in ${region}`));
    }
  }
  return left.length === 0 ? 'nothing' : left.join(', ');
}

/** Stacks that are not deleted. CloudFormation also lists those that are. */
async function stacksIn(aws: Aws, region: string): Promise<readonly string[]> {
  const xml = await aws.query({ service: 'cloudformation', region, version: '2010-05-15' }, 'ListStacks');
  return xml
    .split('<member>')
    .slice(1)
    .map((stack) => ({ name: textOf(stack, 'StackName'), status: textOf(stack, 'StackStatus') }))
    .filter(({ name, status }) => name !== TOOLKIT && status !== 'DELETE_COMPLETE')
    .map(({ name, status }) => `${name} (${status})`);
}
