import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { MAX_HEAD_ENTRIES } from '../functions/bank/limits.ts';
import type { Configuration } from './configuration.ts';
import { bankMetric, MINUTE, metric, sumOf } from './metric.ts';
import { tableNames } from './names.ts';
import { API_RIGHTS } from './rights.ts';

export interface AlarmsProps {
  readonly configuration: Configuration;
  readonly stage: HttpStage;
  readonly handler: IFunction;
  /** Fails while tables can be deleted by mistake; null for a bank whose tables may be deleted. */
  readonly protection: IFunction | null;
}

/** One alarm. */
interface AlarmDefinition {
  readonly name: string;
  /** What it means, and where to go on. */
  readonly description: string;
  readonly metric: IMetric;
  /** The lowest value that raises the alarm. */
  readonly threshold: number;
  /** Default: {@link MINUTES}. */
  readonly periods?: typeof MINUTES;
  /** True if missing data raises the alarm as well. Default: false. */
  readonly alarmOnMissingData?: boolean;
}

const FIVE_MINUTES = Duration.minutes(5);

/** Three bad minutes of five: one may be a network failure, and clients have gone to the other Region by then. */
const MINUTES = { evaluationPeriods: 5, datapointsToAlarm: 3 };

/** Half an hour without a break: a later call turns a page that one call could not turn, unless the cause persists. */
const HALF_AN_HOUR = { evaluationPeriods: 6, datapointsToAlarm: 6 };

const ONCE = { evaluationPeriods: 1, datapointsToAlarm: 1 };

/**
 * The alarms of one Region. They watch what its callers and its tables experience, and send a message when an alarm begins and when it
 * ends. Each description says what to do, or names its runbook in infra/OPERATING.md.
 */
export class Alarms extends Construct {
  /**
   * In alarm while the function answers callers that it could not reach the tables. It ends a drill, and sends no message. A function that
   * does not run logs nothing, so the drill that prevents it from running ends by itself.
   */
  readonly drillAlarm: Alarm;
  readonly #prefix: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { prefix, alarmEmail } = props.configuration;
    this.#prefix = prefix;
    const topic = new Topic(this, 'Topic', { topicName: `${prefix}-alarms`, enforceSSL: true });
    this.#allowPublishing(topic);
    if (alarmEmail !== null) {
      topic.addSubscription(new EmailSubscription(alarmEmail));
    }
    const message = new SnsAction(topic);
    for (const definition of alarmDefinitions(props)) {
      const alarm = this.#alarm(definition);
      alarm.addAlarmAction(message);
      alarm.addOkAction(message);
    }
    // When clients fail over, only the calls in flight stay unanswered. More of them mean that the failover does not work.
    this.drillAlarm = this.#alarm({
      name: 'drill-stop',
      description:
        'Callers still get no answer from this Region although they could use the other one. Ends a drill.',
      metric: bankMetric(prefix, 'unanswered'),
      threshold: 60,
    });
  }

  /**
   * The policy that `enforceSSL` adds only denies, and replaces the default one that admits the account. Without this statement CloudWatch
   * could not publish.
   */
  #allowPublishing(topic: Topic): void {
    const stack = Stack.of(this);
    const alarms = stack.formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: `${this.#prefix}-*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: { 'aws:SourceArn': alarms },
        },
      }),
    );
  }

  #alarm({
    name,
    description,
    metric,
    threshold,
    periods = MINUTES,
    alarmOnMissingData,
  }: AlarmDefinition): Alarm {
    return new Alarm(this, name, {
      alarmName: `${this.#prefix}-${name}`,
      alarmDescription: description,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      ...periods,
      treatMissingData: alarmOnMissingData ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
  }
}

function alarmDefinitions({
  configuration,
  stage,
  handler,
  protection,
}: AlarmsProps): readonly AlarmDefinition[] {
  const { prefix, latencyBudgetMs } = configuration;
  const largest = (name: string) => bankMetric(prefix, name, { statistic: Stats.MAXIMUM });
  return [
    {
      name: 'server-errors',
      description: 'Callers get 5xx from this Region: "A Region is impaired".',
      metric: stage.metricServerError({ period: MINUTE, statistic: Stats.SUM }),
      threshold: 5,
    },
    {
      name: 'latency',
      description: `One call of a hundred, and at least five in a minute, take longer than ${latencyBudgetMs} ms: "A Region is impaired".`,
      metric: percentOfSlowCalls(stage, latencyBudgetMs),
      threshold: 1,
    },
    {
      name: 'function-throttles',
      description:
        'Lambda has no free function for calls: raise the concurrency of the account, or reserve some.',
      metric: handler.metricThrottles({ period: MINUTE, statistic: Stats.SUM }),
      threshold: 1,
    },
    {
      name: 'table-throttles',
      description:
        'DynamoDB rejects requests: one account is too hot, or traffic grew faster than the table scales.',
      metric: bankMetric(prefix, 'throttles'),
      threshold: 10,
    },
    {
      name: 'write-conflicts',
      description:
        'Both Regions write the same accounts at once: send the callers of an account to one of them.',
      metric: bankMetric(prefix, 'conflicts'),
      threshold: 60,
    },
    {
      name: 'table-errors',
      description: 'DynamoDB answers 5xx: "A Region is impaired", or both.',
      metric: systemErrors(tableNames(prefix).accounts),
      threshold: 5,
    },
    {
      name: 'heads-grow',
      description: 'Calls are answered, but the pages of an account are not turned: "Heads grow".',
      metric: bankMetric(prefix, 'headEntries', { period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      threshold: MAX_HEAD_ENTRIES / 2,
      periods: HALF_AN_HOUR,
    },
    {
      name: 'sweep-behind',
      description: 'No sweep ran, or what was due has waited for two minutes: "Work is left undone".',
      metric: largest('behindMs'),
      threshold: Duration.minutes(2).toMilliseconds(),
      alarmOnMissingData: true,
    },
    {
      name: 'sweep-failures',
      description: 'The sweep fails for at least one account: "Work is left undone".',
      metric: bankMetric(prefix, 'failed'),
      threshold: 1,
    },
    {
      name: 'old-transfers',
      description: 'A transfer is under way for more than five minutes: "Work is left undone".',
      metric: largest('oldestTransferMs'),
      threshold: FIVE_MINUTES.toMilliseconds(),
    },
    ...(protection === null
      ? []
      : [
          {
            name: 'unprotected',
            description:
              'Tables, or their stack, can be deleted by mistake, or no check ran: "The tables are not protected".',
            metric: protection.metricErrors({ period: Duration.hours(1), statistic: Stats.SUM }),
            threshold: 1,
            periods: ONCE,
            alarmOnMissingData: true,
          },
        ]),
  ];
}

/**
 * The percentage of calls that take longer than `limitMs`; 0 if they are fewer than five in a minute, because of ten calls in a minute one is
 * a cold start. A percentile would not do: CloudWatch needs 1,000 samples to judge the 99th, and otherwise judges the cold start, or leaves
 * the alarm as it is (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html).
 */
function percentOfSlowCalls(stage: HttpStage, limitMs: number): MathExpression {
  const latency = (statistic: string) => stage.metricLatency({ period: MINUTE, statistic });
  return new MathExpression({
    expression: 'IF(slow >= 5, 100 * slow / calls, 0)',
    // A trimmed count with absolute bounds counts the calls between them. The CDK has a function for percentages only.
    usingMetrics: { slow: latency(`TC(${limitMs}:)`), calls: latency(Stats.SAMPLE_COUNT) },
    period: MINUTE,
    label: `calls that take longer than ${limitMs} ms, in percent`,
  });
}

/** DynamoDB counts its own errors by verb only, so the sum is taken over every verb that the function may use. */
function systemErrors(TableName: string): MathExpression {
  const errors = API_RIGHTS.accounts.map((Operation) => [
    `errors${Operation}`,
    metric('AWS/DynamoDB', 'SystemErrors', { TableName, Operation }),
  ]);
  return sumOf(Object.fromEntries(errors), { label: 'system errors' });
}
