import type { BankClient } from '../../client/index.ts';
import { NAMESPACE } from '../../functions/metrics.ts';
import { functionNames } from '../../infra/names.ts';
import { CONFIGURATION, KEYS_NOT_BEFORE } from './deploy.ts';
import { ACCOUNTS, answerOf, patiently, type Step, type World } from './step.ts';

/** Steps about what a bank does beside its calls. `key` is that of a withdrawal in the second Region, asked again in the first. */
export function upkeepSteps({ aws, bank, callers, cdk, signal }: World, key: string): readonly Step[] {
  const [one, two] = bank.regions;
  const teller = callers.client('teller', one);
  const { joe } = ACCOUNTS;
  const logged = (region: string, expected: string) => ({
    does: `what the log of ${region} says of the withdrawal, and CloudWatch would count`,
    act: () => patiently(() => loggedCall(aws, bank.name, region, key), expected, signal),
    expected,
  });
  return [
    logged(two.region, `executed, ${NAMESPACE}: ${COUNTED.join(', ')}`),
    logged(one.region, `replayed, ${NAMESPACE}: ${COUNTED.join(', ')}`),
    ...bank.regions.map(({ region }) => ({
      does: `what the log of ${region} says of a sweep, which its schedule has begun`,
      act: () => patiently(() => lastSweep(aws, bank.name, region), 'behind by 0 ms', signal),
      expected: 'behind by 0 ms',
    })),
    {
      does: `hold 10 of ${joe} for a second`,
      act: () => answerOf(() => teller.hold(joe, 10, { expiresInSeconds: 1, signal })),
      expected: `1990 from ${one.region}`,
    },
    {
      does: `the last entry of ${joe}, until a sweep has found the hold by the index`,
      act: () => patiently(() => lastEntry(teller, joe, signal), 'expired, 2000 left', signal),
      expected: 'expired, 2000 left',
    },
    {
      does: 'a second deployment',
      act: async () => changesOf((await cdk.deploy()).output),
      expected: '4 stacks, 4 of them with no changes',
    },
    {
      does: 'npm run deploy, without the keysNotBefore of the deployed bank',
      act: () =>
        cdk.checkAndDeploy({ ...CONFIGURATION, keysNotBefore: null }).then(
          () => 'deployed',
          (error) => /Nothing was deployed: .* would leave it out/.exec(String(error))?.[0] ?? String(error),
        ),
      expected: `Nothing was deployed: ${bank.name} is a recovered bank with keysNotBefore=${KEYS_NOT_BEFORE}, and this deployment would leave it out`,
    },
  ];
}

/** What every call counts. Every other metric is in a line only when it happened. */
const COUNTED = ['calls', 'durationMs'];

async function lastEntry(client: BankClient, account: string, signal: AbortSignal): Promise<string> {
  for await (const { type, balance } of client.entries(account, { signal })) {
    return `${type}, ${balance} left`;
  }
  return 'there is none';
}

/** Returns how far behind the last sweep of a Region was. */
async function lastSweep(aws: World['aws'], bank: string, region: string): Promise<string> {
  const lines = await linesOf(aws, functionNames(bank).sweep, region);
  const behindMs = lines.findLast(({ message }) => message === 'sweep')?.behindMs;
  return behindMs === undefined ? 'there was none' : `behind by ${behindMs} ms`;
}

/** A line of a function's log, as far as it matters here. */
interface LogLine {
  readonly message?: string;
  readonly behindMs?: number;
  readonly key?: string;
  readonly operation?: string;
  readonly outcome?: string;
  readonly _aws?: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/** Finds the line of the withdrawal by its key, and returns which of its members CloudWatch would read as metrics. */
async function loggedCall(aws: World['aws'], bank: string, region: string, key: string): Promise<string> {
  const lines = (await linesOf(aws, functionNames(bank).api, region)).filter(
    (line) => line.key === key && line.operation === 'withdraw',
  );
  return lines.map(formatLine).join('; ');
}

async function linesOf(aws: World['aws'], functionName: string, region: string): Promise<LogLine[]> {
  const { events } = (await aws.json(
    { service: 'logs', region, target: 'Logs_20140328' },
    'FilterLogEvents',
    { logGroupName: `/aws/lambda/${functionName}`, limit: 10_000 },
  )) as { events: readonly { message: string }[] };
  return events.map(({ message }) => parsed(message));
}

function formatLine(line: LogLine): string {
  const directives = line._aws?.CloudWatchMetrics ?? [];
  const namespaces = [...new Set(directives.map(({ Namespace }) => Namespace))].join(' and ');
  const names = new Set(directives.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name)));
  const members = line as Readonly<Record<string, unknown>>;
  const counted = COUNTED.filter((name) => names.has(name) && typeof members[name] === 'number');
  return `${line.outcome}, ${namespaces}: ${counted.join(', ')}`;
}

/** Lambda's own lines are no JSON. */
function parsed(message: string): LogLine {
  try {
    return Object(JSON.parse(message)) as LogLine;
  } catch {
    return {};
  }
}

/** Counts the stacks in the output of the CDK's command, and those of them that it did not change. */
function changesOf(output: string): string {
  const stacks = output.split('\n').filter((line) => line.includes('✅'));
  const unchanged = stacks.filter((line) => line.includes('(no changes)'));
  return `${stacks.length} stacks, ${unchanged.length} of them with no changes`;
}
