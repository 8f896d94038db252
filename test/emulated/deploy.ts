import { readFile } from 'node:fs/promises';
import { tableNames } from '../../infra/names.ts';
import { reduceAssembly } from './assembly.ts';
import { ACCOUNT, type Aws } from './aws.ts';
import { GRANTS, ROLES } from './callers.ts';
import type { Cdk } from './cdk.ts';
import { type EmulatedBank, emulatedBankOf } from './emulated-bank.ts';
import { createRole } from './roles.ts';
import type { Say } from './step.ts';

const PREFIX = 'twinbank';
const REGIONS = ['us-east-1', 'us-east-2'] as const;

/** What is deployed, whatever the user has chosen in cdk.json for a real bank. */
const CONFIGURATION = {
  prefix: PREFIX,
  account: ACCOUNT,
  regions: REGIONS.join(','),
  witness: 'us-west-2',
  alarmEmail: null,
  removalPolicy: 'destroy',
  reservedConcurrency: null,
  faultInjection: false,
  keysNotBefore: null,
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

/** The CDK's bucket refuses requests without TLS, and all requests to the emulator are. */
async function admitPlainHttp(aws: Aws, region: string): Promise<void> {
  const bucket = `cdk-hnb659fds-assets-${ACCOUNT}-${region}`;
  await aws.send({ service: 's3', region, method: 'DELETE', path: `/${bucket}?policy` });
}

/** The emulator deploys a global table to its first Region only; its replicas have to be asked for by themselves. */
async function changeReplicas(aws: Aws, bank: EmulatedBank, change: 'Create' | 'Delete'): Promise<void> {
  const [region, RegionName] = REGIONS;
  for (const TableName of Object.values(tableNames(bank.name))) {
    await aws.json({ service: 'dynamodb', region, target: 'DynamoDB_20120810' }, 'UpdateTable', {
      TableName,
      ReplicaUpdates: [{ [change]: { RegionName } }],
    });
  }
}
