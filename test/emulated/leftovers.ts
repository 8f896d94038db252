import { type Aws, textOf } from './aws.ts';
import type { EmulatedBank } from './emulated-bank.ts';

/** The stack of the CDK's own, which a bootstrapped account keeps. */
const TOOLKIT = 'CDKToolkit';

/** Returns what is left in both Regions of a bank that was destroyed: stacks, and what outlives one most easily. */
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

/** Stacks that are not deleted; those that are stay in the list, with their end. */
async function stacksIn(aws: Aws, region: string): Promise<readonly string[]> {
  const xml = await aws.query({ service: 'cloudformation', region, version: '2010-05-15' }, 'ListStacks');
  return xml
    .split('<member>')
    .slice(1)
    .map((stack) => ({ name: textOf(stack, 'StackName'), status: textOf(stack, 'StackStatus') }))
    .filter(({ name, status }) => name !== TOOLKIT && status !== 'DELETE_COMPLETE')
    .map(({ name, status }) => `${name} (${status})`);
}
