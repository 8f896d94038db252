import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { createClient } from '../../../functions/dynamodb/client.ts';
import { createCloudFormation, findUnprotected } from '../../../functions/dynamodb/protection.ts';
import { type Configuration, MEMBER_NAMES, readConfiguration } from '../../configuration.ts';
import { tableNames, tablesStackName } from '../../names.ts';
import { run } from '../program.ts';
import { deployments, readGiven } from './plan.ts';

/** Longest wait for AWS to say how the tables are protected. */
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
  for (const words of deployments(given, configuration, await hasProtection(configuration))) {
    console.error(`> cdk ${words.join(' ')}`);
    const { status } = spawnSync(process.execPath, [CDK, ...words], { stdio: 'inherit' });
    if (status !== 0) {
      return status ?? 1;
    }
  }
  return 0;
}

/** True when a table, or their stack, is protected: even one of them shows that a deployment had succeeded. */
async function hasProtection({ prefix, regions: [region] }: Configuration): Promise<boolean> {
  const tables = Object.values(tableNames(prefix));
  const clients = { dynamodb: createClient({ region }), cloudformation: createCloudFormation(region) };
  const parts = { ...clients, tables, stack: tablesStackName(prefix) };
  try {
    const unprotected = await findUnprotected(parts, AbortSignal.timeout(TIMEOUT_MS));
    return unprotected.length < tables.length + 1;
  } catch (cause) {
    const message = `Nothing was deployed: AWS did not say whether the tables are protected already. ${cause}`;
    throw new Error(message, { cause });
  }
}

await run(deploy);
