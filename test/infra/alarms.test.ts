import { describe, expect, inject, test } from 'vitest';
import { CALL_METRICS, type MetricSet, NAMESPACE, SWEEP_METRICS } from '../../functions/metrics.ts';
import { GRANTABLE } from '../../infra/grants.ts';
import {
  deployed,
  propertiesOf,
  type Resource,
  resourcesOf,
  type StackTemplate,
  statementsOfTopic,
} from '../support/deployment.ts';
import { ACCOUNT, isAllowed } from '../support/policies.ts';
import { synthesize } from '../support/synthesize.ts';

const bank = synthesize({ alarmEmail: 'on-call@example.org', latencyBudgetMs: 321 });
const ALARMS = [
  ...['server-errors', 'latency', 'function-throttles', 'table-throttles', 'write-conflicts', 'table-errors'],
  ...['heads-grow', 'sweep-behind', 'sweep-failures', 'old-transfers', 'unprotected'],
];

function alarm(template: StackTemplate, name: string): Resource['Properties'] {
  return propertiesOf(
    template,
    'AWS::CloudWatch::Alarm',
    ({ AlarmName }) => AlarmName === `twinbank-${name}`,
  );
}

const AT_GATEWAY = { Namespace: 'AWS/ApiGateway' };
const AT_LATENCY = { ...AT_GATEWAY, MetricName: 'Latency' };
const largest = (MetricName: string) => ({
  Namespace: NAMESPACE,
  MetricName,
  Period: 60,
  Statistic: 'Maximum',
});

function alarmArn(region: string, account: string, name: string): string {
  return `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;
}

interface MetricOf {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

/** The metrics that an alarm watches, whether it is one or a sum. */
function metricsOf(properties: Resource['Properties']): MetricOf[] {
  const several = properties['Metrics'] as { MetricStat?: { Metric: MetricOf } }[] | undefined;
  return several === undefined
    ? [properties as unknown as MetricOf]
    : several.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat.Metric]));
}

describe.each(bank.regions)('in $region', (template) => {
  test('there is an alarm for each kind of trouble, and one that ends drills', () => {
    const names = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(
      ([, { Properties }]) => Properties['AlarmName'],
    );
    expect(names.sort()).toEqual([...ALARMS, 'drill-stop'].map((name) => `twinbank-${name}`).sort());
  });

  test.each(ALARMS)(
    '%s notifies the topic when it begins and when it ends, and describes what it means',
    (name) => {
      const [[topic = ''] = []] = resourcesOf(template, 'AWS::SNS::Topic');
      const { AlarmActions, OKActions, AlarmDescription } = alarm(template, name);
      expect(deployed(template, AlarmActions)).toEqual([`<${topic}>`]);
      expect(deployed(template, OKActions)).toEqual([`<${topic}>`]);
      expect(AlarmDescription).toMatch(/^[A-Z].{30,}[.?]$/);
    },
  );

  test('the alarm that ends drills sends no message', () => {
    expect(alarm(template, 'drill-stop')).not.toHaveProperty('AlarmActions');
  });

  test('silence is no alarm, but of the sweep and of the check of the protection, which run on a schedule', () => {
    const scheduled = ['twinbank-sweep-behind', 'twinbank-unprotected'];
    for (const [, { Properties }] of resourcesOf(template, 'AWS::CloudWatch::Alarm')) {
      const isScheduled = scheduled.includes(String(Properties['AlarmName']));
      expect(Properties['TreatMissingData']).toBe(isScheduled ? 'breaching' : 'notBreaching');
    }
    const schedules = resourcesOf(template, 'AWS::Events::Rule').map(([, { Properties }]) => Properties);
    const [sweep] = schedules.filter(({ Description }) => String(Description).includes('transfers'));
    expect(sweep).toMatchObject({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
  });

  test.each<[string, string, Readonly<Record<string, unknown>>]>([
    [
      'sweep-behind',
      'what was due has waited for two minutes',
      { ...largest('behindMs'), Threshold: 120_000 },
    ],
    [
      'old-transfers',
      'a transfer is under way for five',
      { ...largest('oldestTransferMs'), Threshold: 300_000 },
    ],
    [
      'heads-grow',
      'a head has grown for half an hour: a later call turns the page that one has left',
      { Period: 300, EvaluationPeriods: 6, DatapointsToAlarm: 6 },
    ],
    ['server-errors', 'callers get errors from the gateway', { ...AT_GATEWAY, MetricName: '5xx' }],
  ])('%s is in alarm when %s', (name, _, expected) => {
    expect(alarm(template, name)).toMatchObject(expected);
  });

  test('latency is in alarm when at least five calls in a minute, and 1% of them, are slow, however few calls there are', () => {
    const properties = alarm(template, 'latency');
    expect(properties).toMatchObject({ Threshold: 1, EvaluationPeriods: 5, DatapointsToAlarm: 3 });
    expect(properties['Metrics']).toMatchObject([
      { Expression: 'IF(slow >= 5, 100 * slow / calls, 0)', ReturnData: true },
      { Id: 'slow', MetricStat: { Metric: AT_LATENCY, Period: 60, Stat: 'TC(321:)' } },
      { Id: 'calls', MetricStat: { Metric: AT_LATENCY, Period: 60, Stat: 'SampleCount' } },
    ]);
    // With a percentile and `ignore`, CloudWatch keeps the state of an alarm on p99 while there are fewer than 1,000 samples.
    expect(properties).not.toHaveProperty('EvaluateLowSampleCountPercentile');
  });

  test('the check of the protection fails at least once in an hour in which a protection is off', () => {
    expect(alarm(template, 'unprotected')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Period: 3600,
      Threshold: 1,
      EvaluationPeriods: 1,
    });
    const { Targets, ScheduleExpression } = propertiesOf(template, 'AWS::Events::Rule', ({ Description }) =>
      String(Description).includes('deleted by mistake'),
    );
    expect(ScheduleExpression).toBe('rate(30 minutes)');
    const [target] = Targets as { Arn: { 'Fn::GetAtt': [string] } }[];
    expect(alarm(template, 'unprotected')['Dimensions']).toEqual([
      { Name: 'FunctionName', Value: { Ref: target?.Arn['Fn::GetAtt'][0] } },
    ]);
  });

  test("the table's errors are summed over every verb that the function uses on it", () => {
    const verbs = metricsOf(alarm(template, 'table-errors')).map(({ Dimensions }) =>
      Object.fromEntries((Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
    );
    const TableName = 'twinbank-accounts';
    expect(verbs).toEqual(['GetItem', 'UpdateItem', 'Scan'].map((Operation) => ({ TableName, Operation })));
  });

  test('each metric of the bank itself that is watched is one that its functions publish', () => {
    const watched = resourcesOf(template, 'AWS::CloudWatch::Alarm')
      .flatMap(([, { Properties }]) => metricsOf(Properties))
      .filter(({ Namespace }) => Namespace === NAMESPACE);
    expect(
      watched
        .map(({ MetricName }) => MetricName)
        .sort()
        .join(),
    ).toBe('behindMs,conflicts,failed,headEntries,oldestTransferMs,throttles,unanswered');
    for (const metric of watched) {
      expect(isSaid(metric), metric.MetricName).toBe(true);
    }
  });

  test('the topic mails each message', () => {
    expect(propertiesOf(template, 'AWS::SNS::Subscription')).toMatchObject({
      Protocol: 'email',
      Endpoint: 'on-call@example.org',
    });
  });

  test('the alarms of this bank alone, over TLS, may publish to the topic', () => {
    const [[topic = ''] = []] = resourcesOf(template, 'AWS::SNS::Topic');
    const mayPublish = (principal: string, context: Readonly<Record<string, string>>) =>
      isAllowed(statementsOfTopic(template), 'sns:Publish', `<${topic}>`, {
        principal,
        context: {
          'aws:SecureTransport': 'true',
          'aws:SourceAccount': ACCOUNT,
          'aws:SourceArn': alarmArn(template.region, ACCOUNT, 'twinbank-latency'),
          ...context,
        },
      });
    const cloudWatch = 'cloudwatch.amazonaws.com';
    for (const name of ALARMS) {
      const arn = alarmArn(template.region, ACCOUNT, `twinbank-${name}`);
      expect(mayPublish(cloudWatch, { 'aws:SourceArn': arn }), name).toBe(true);
    }
    expect(mayPublish(cloudWatch, { 'aws:SecureTransport': 'false' })).toBe(false);
    expect(mayPublish('events.amazonaws.com', {})).toBe(false);
    const stranger = '999988887777';
    expect(mayPublish(cloudWatch, { 'aws:SourceAccount': stranger })).toBe(false);
    for (const arn of [
      alarmArn(template.region, stranger, 'twinbank-latency'),
      alarmArn('eu-west-1', ACCOUNT, 'twinbank-latency'),
      alarmArn(template.region, ACCOUNT, 'other-latency'),
    ]) {
      expect(mayPublish(cloudWatch, { 'aws:SourceArn': arn }), arn).toBe(false);
    }
  });
});

test('without an address there is a topic without a subscription', () => {
  for (const template of inject('deployment').regions) {
    expect(resourcesOf(template, 'AWS::SNS::Topic')).toHaveLength(1);
    expect(resourcesOf(template, 'AWS::SNS::Subscription')).toEqual([]);
  }
});

describe('the dashboard', () => {
  const { DashboardBody, DashboardName } = propertiesOf(bank.dashboard, 'AWS::CloudWatch::Dashboard');
  const { widgets } = JSON.parse(String(deployed(bank.dashboard, DashboardBody))) as { widgets: Widget[] };

  interface Widget {
    readonly type: string;
    readonly properties: { readonly title?: string; readonly metrics?: readonly (readonly unknown[])[] };
  }

  /** The metrics of all graphs, with the Region that each is taken from. */
  const metrics = widgets.flatMap(({ properties: { title = '', metrics: rows = [] } }) =>
    rows
      .filter(([namespace]) => typeof namespace === 'string')
      .map((row) => {
        const words = row.filter((each) => typeof each === 'string');
        const [Namespace = '', MetricName = '', ...pairs] = words;
        const Dimensions = pairs
          .map((Value, index) => ({ Name: pairs[index - 1] ?? '', Value }))
          .filter((_, index) => index % 2 === 1);
        const { region } = row.at(-1) as { region: string };
        return { title, region, Namespace, MetricName, Dimensions };
      }),
  );

  test('is one, and shows both Regions in every graph of traffic, trouble and work', () => {
    expect(DashboardName).toBe('twinbank');
    expect(resourcesOf(bank.dashboard, 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
    for (const title of new Set(metrics.map((each) => each.title))) {
      const regions = new Set(metrics.filter((each) => each.title === title).map(({ region }) => region));
      expect([...regions].sort(), title).toEqual(
        title.startsWith('Outcomes in ') ? [title.slice(12)] : ['us-east-1', 'us-east-2'],
      );
    }
  });

  test('shows traffic, refusals by code, replays, pages that are not turned, latency, conflicts and sweeps', () => {
    const valuesOf = (dimension: string) =>
      metrics
        .flatMap(({ Dimensions }) => Dimensions)
        .filter(({ Name }) => Name === dimension)
        .map(({ Value }) => Value);
    expect(new Set(valuesOf('operation'))).toEqual(new Set(GRANTABLE));
    expect(valuesOf('outcome')).toEqual(
      expect.arrayContaining([
        ...['executed', 'replayed', 'not_enough_money', 'account_frozen', 'destination_frozen'],
        ...['key_expired', 'cancelled', 'unavailable'],
      ]),
    );
    expect(new Set(metrics.map(({ MetricName }) => MetricName))).toEqual(
      new Set([
        ...['calls', 'unanswered', 'durationMs', 'headEntries', 'conflicts', 'throttles'],
        ...['behindMs', 'oldestTransferMs', 'transfers', 'expired', 'failed'],
        ...['Errors', 'Throttles', 'ConcurrentExecutions', 'SuccessfulRequestLatency', 'SystemErrors'],
      ]),
    );
  });

  test('asks only for metrics that a function publishes', () => {
    for (const metric of metrics.filter(({ Namespace }) => Namespace === NAMESPACE)) {
      expect(isSaid(metric), `${metric.title}: ${metric.MetricName}`).toBe(true);
    }
  });
});

/** True when a function publishes the metric under these very dimensions. */
function isSaid({ MetricName, Dimensions = [] }: MetricOf): boolean {
  const names = Dimensions.map(({ Name }) => Name)
    .sort()
    .join();
  return [...CALL_METRICS, ...SWEEP_METRICS].some(
    ({ dimensions, metrics }: MetricSet) =>
      Object.hasOwn(metrics, MetricName) && dimensions.some((set) => [...set].sort().join() === names),
  );
}
