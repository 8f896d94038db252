import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { createClient } from '../../../functions/dynamodb/client.ts';
import { createCloudFormation, findUnprotected } from '../../../functions/dynamodb/protection.ts';
import { type Configuration, MEMBER_NAMES, readConfiguration } from '../../configuration.ts';
import { regionStackName, tableNames, tablesStackName } from '../../names.ts';
import { run } from '../program.ts';
import { checkKeysNotBefore, keysNotBeforeOf } from './keys-not-before.ts';
import { deployments, readGiven } from './plan.ts';
import { checkRecovery, recoveryOf } from './recovery-note.ts';

/** Longest wait for AWS to say what is deployed. */
const TIMEOUT_MS = 30_000;

const CDK = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');

/** `npm run deploy`: deploys every stack, and switches the protection of the tables on once that has succeeded. */
async function deploy(): Promise<number> {
  const given = readGiven(process.argv.slice(2));
  if (given.profile !== undefined) {
    process.env['AWS_PROFILE'] = given.profile;
  }
  const overrides = Object.fromEntries(MEMBER_NAMES.map((name) => [name, given.context[name]]));
  const configuration = readConfiguration(overrides);
  const deployed = await deployedOf(configuration);
  checkRecovery(configuration.prefix, deployed.recovery);
  checkKeysNotBefore(configuration, deployed.keysNotBefore);
  for (const words of deployments(given, configuration, deployed.hasProtection)) {
    console.error(`> cdk ${words.join(' ')}`);
    const { status } = spawnSync(process.execPath, [CDK, ...words], { stdio: 'inherit' });
    if (status !== 0) {
      return status ?? 1;
    }
  }
  return 0;
}

/** What a deployment must know of the bank that is deployed, if one is. */
interface Deployed {
  /** True when a table, or their stack, is protected: even one of them shows that a deployment had succeeded. */
  readonly hasProtection: boolean;
  /** Those of all functions in both Regions. While none has one, that of the recovery. */
  readonly keysNotBefore: readonly string[];
  readonly recovery: Awaited<ReturnType<typeof recoveryOf>>;
}

async function deployedOf({ prefix, regions }: Configuration): Promise<Deployed> {
  const names = tableNames(prefix);
  const tables = Object.values(names);
  const [region] = regions;
  const clients = { dynamodb: createClient({ region }), cloudformation: createCloudFormation(region) };
  const parts = { ...clients, tables, stack: tablesStackName(prefix) };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const [unprotected, recovery, ...ofRegions] = await Promise.all([
      findUnprotected(parts, signal),
      recoveryOf(clients.dynamodb, names.idempotency, signal),
      ...regions.map((each) =>
        keysNotBeforeOf(createCloudFormation(each), regionStackName(prefix, each), signal),
      ),
    ]);
    const ofFunctions = ofRegions.flat();
    return {
      hasProtection: unprotected.length < tables.length + 1,
      recovery,
      keysNotBefore:
        ofFunctions.length > 0 || recovery === undefined ? ofFunctions : [recovery.keysNotBefore],
    };
  } catch (cause) {
    const message = `Nothing was deployed: AWS did not say what is deployed already. ${cause}`;
    throw Object.assign(new Error(message, { cause }), { code: 'deployed_unknown' });
  }
}

await run(deploy);
