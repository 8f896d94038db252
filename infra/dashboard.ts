import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  type MetricOptions,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { isMove, OPERATIONS, type Operation, PROBLEMS } from '../client/contract/schemas.ts';
import { NAMESPACE } from '../functions/metrics.ts';
import type { Configuration } from './configuration.ts';
import { bankMetric, MINUTE, metric, sumOf } from './metric.ts';
import { functionNames, tableNames } from './names.ts';

/** Columns of a dashboard. */
const FULL_WIDTH = 24;
const HALF_WIDTH = FULL_WIDTH / 2;

const GUIDE = `# The bank in two Regions
**Callers move from one Region to the other when one fails**, so look at *Calls by Region* first: lines that cross are a
failover, both lines down is an outage. *Unanswered* is what callers could not get out of a Region; the other one has
usually answered it. Refusals are the bank at work. What to do next: the runbooks in \`infra/OPERATING.md\`.`;

const NAMES = Object.keys(OPERATIONS) as Operation[];

/** Outcomes other than problems, as the function's log line names them. */
const GOOD_OUTCOMES = ['executed', 'replayed', 'answered', 'acknowledged'];

/**
 * One dashboard over both Regions. Dashboards belong to an AWS account and not to a Region, so there is a stack for it
 * that no Region depends on. It finds everything by name.
 */
export class DashboardStack extends Stack {
  constructor(scope: Construct, configuration: Configuration, props: StackProps) {
    super(scope, 'Dashboard', { ...props, stackName: `${configuration.prefix}-dashboard` });
    new Dashboard(this, 'Both', {
      dashboardName: configuration.prefix,
      defaultInterval: Duration.hours(3),
      widgets: rows(configuration),
    });
  }
}

function rows({ prefix, regions, latencyBudgetMs }: Configuration): IWidget[][] {
  const graph = (title: string, metricsIn: (region: string) => IMetric[], options?: GraphOptions) =>
    graphOf(title, regions.flatMap(metricsIn), options);
  const own = (names: readonly string[], options?: MetricOptions) => (region: string) =>
    names.map((name) => bankMetric(prefix, name, { region, label: `${region} ${name}`, ...options }));
  const largest = { statistic: Stats.MAXIMUM };
  return [
    [new TextWidget({ markdown: GUIDE, width: FULL_WIDTH, height: 4 })],
    [
      graph('Calls by Region: failovers are traffic that shifts', (region) => [traffic(prefix, region)], {
        width: FULL_WIDTH,
      }),
    ],
    [
      graph('Unanswered by Region', own(['unanswered'])),
      graph(
        'Latency of calls with an idempotency key, 99th percentile, in ms',
        (region) => latencies(prefix, region),
        { line: { value: latencyBudgetMs, label: 'budget' } },
      ),
    ],
    regions.map((region) => graphOf(`Outcomes in ${region}`, outcomes(prefix, region), { stacked: true })),
    [
      graph('Replays, and the longest head of which a page was due', (region) => [
        outcome(prefix, region, 'replayed'),
        ...own(['headEntries'], largest)(region),
      ]),
      graph('Conflicts between Regions, and throttles of the table', own(['conflicts', 'throttles'])),
    ],
    [
      graph(
        'Sweeps: how long what was due had waited, and the oldest transfer under way, in ms',
        own(['behindMs', 'oldestTransferMs'], largest),
      ),
      graph(
        'Sweeps: transfers that they ended, holds that they expired, accounts that failed',
        own(['transfers', 'expired', 'failed']),
      ),
    ],
    [
      graph('Functions: errors, throttles, running at once', (region) => functions(prefix, region), {
        width: FULL_WIDTH,
      }),
    ],
    [
      graph('The table of accounts: a write, 99th percentile, in ms', (region) => [
        ofWrites(prefix, region, 'SuccessfulRequestLatency', { statistic: Stats.percentile(99) }),
      ]),
      graph('The table of accounts: its own errors', (region) => [
        ofWrites(prefix, region, 'SystemErrors', { label: `${region} writes` }),
      ]),
    ],
  ];
}

interface GraphOptions {
  readonly width?: number;
  readonly stacked?: boolean;
  readonly line?: { readonly value: number; readonly label: string };
}

function graphOf(
  title: string,
  left: IMetric[],
  { width = HALF_WIDTH, stacked = false, line }: GraphOptions = {},
): GraphWidget {
  return new GraphWidget({
    title,
    left,
    width,
    height: 6,
    stacked,
    period: MINUTE,
    leftYAxis: { min: 0, showUnits: false },
    leftAnnotations: line === undefined ? [] : [line],
  });
}

/** What callers ask for; the health checks of their clients are left out. */
function traffic(bank: string, region: string): IMetric {
  const calls = NAMES.filter((name) => OPERATIONS[name].grant).map((operation) => [
    `${operation}_${region.replaceAll('-', '_')}`,
    metric(NAMESPACE, 'calls', { bank, operation }, { region, label: region }),
  ]);
  return sumOf(Object.fromEntries(calls), { label: region, searchRegion: region });
}

function outcomes(bank: string, region: string): IMetric[] {
  return [...GOOD_OUTCOMES, ...Object.keys(PROBLEMS)].map((name) =>
    outcome(bank, region, name, name.replaceAll('_', ' ')),
  );
}

function outcome(bank: string, region: string, name: string, label = `${region} ${name}`): IMetric {
  return metric(NAMESPACE, 'calls', { bank, outcome: name }, { region, label });
}

function latencies(bank: string, region: string): IMetric[] {
  return NAMES.filter(isMove).map((operation) =>
    metric(
      NAMESPACE,
      'durationMs',
      { bank, operation },
      {
        region,
        label: `${region} ${operation}`,
        statistic: Stats.percentile(99),
      },
    ),
  );
}

function functions(bank: string, region: string): IMetric[] {
  const { api, sweep } = functionNames(bank);
  const of = (FunctionName: string, name: string, label: string, options: MetricOptions = {}) =>
    metric('AWS/Lambda', name, { FunctionName }, { region, label: `${region} ${label}`, ...options });
  return [
    of(api, 'Errors', 'errors'),
    of(sweep, 'Errors', 'errors of the sweep'),
    of(api, 'Throttles', 'throttles'),
    of(api, 'ConcurrentExecutions', 'at once', { statistic: Stats.MAXIMUM }),
  ];
}

/** What DynamoDB measures of the writes to the table of accounts. */
function ofWrites(bank: string, region: string, name: string, options: MetricOptions): IMetric {
  const dimensions = { TableName: tableNames(bank).accounts, Operation: 'UpdateItem' };
  return metric('AWS/DynamoDB', name, dimensions, { region, label: region, ...options });
}
