import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  type CfnAlarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
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
import { NAMESPACE } from '../functions/metrics.ts';
import type { Configuration } from './configuration.ts';
import { tableNames } from './names.ts';
import { API_RIGHTS } from './permissions.ts';

export interface AlarmsProps {
  readonly configuration: Configuration;
  readonly stage: HttpStage;
  readonly handler: IFunction;
  /** Fails while tables can be deleted by mistake; null where that is as it should be. */
  readonly protection: IFunction | null;
}

/** One alarm, without the manners that all of them share. */
interface Trouble {
  readonly name: string;
  /** What it means, and where to go on. */
  readonly description: string;
  readonly metric: IMetric;
  /** It is trouble from here on. */
  readonly threshold: number;
  /** True where a minute in which nothing is said is as bad; otherwise nothing is wrong when nothing is said. */
  readonly isSilenceTrouble?: boolean;
}

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);

/** Three bad minutes of five: one is the price of a network, and clients have gone to the other Region by then. */
const MINUTES = { evaluationPeriods: 5, datapointsToAlarm: 3 };

/** Half an hour without a break: a page that was not turned is turned by a later call, unless what keeps it from it stays. */
const HALF_AN_HOUR = { evaluationPeriods: 6, datapointsToAlarm: 6 };

/**
 * The alarms of one Region. They watch what its callers and its tables see, and send a message when trouble comes and when
 * it goes. Each description names its runbook in infra/OPERATING.md.
 */
export class Alarms extends Construct {
  /** In alarm when callers go on getting no answer. It ends a drill, and is told to nobody. */
  readonly drillAlarm: Alarm;
  readonly #prefix: string;
  readonly #tell: SnsAction;

  constructor(scope: Construct, id: string, { configuration, stage, handler, protection }: AlarmsProps) {
    super(scope, id);
    this.#prefix = configuration.prefix;
    const topic = new Topic(this, 'Topic', { topicName: `${configuration.prefix}-alarms`, enforceSSL: true });
    this.#admitAlarms(topic);
    if (configuration.alarmEmail !== null) {
      topic.addSubscription(new EmailSubscription(configuration.alarmEmail));
    }
    this.#tell = new SnsAction(topic);

    const { accounts } = tableNames(configuration.prefix);
    this.#watch({
      name: 'server-errors',
      description: 'Callers get 5xx from this Region: "A Region is impaired".',
      metric: stage.metricServerError({ period: MINUTE, statistic: Stats.SUM }),
      threshold: 5,
    });
    this.#watchLatency(stage, configuration.latencyBudgetMs);
    this.#watch({
      name: 'function-throttles',
      description:
        'Lambda has no free function for calls: raise the concurrency of the account, or reserve some.',
      metric: handler.metricThrottles({ period: MINUTE, statistic: Stats.SUM }),
      threshold: 1,
    });
    this.#watch({
      name: 'table-throttles',
      description:
        'DynamoDB turns requests away: one account is too hot, or traffic grew faster than the table can.',
      metric: bankMetric(configuration.prefix, 'throttles'),
      threshold: 10,
    });
    this.#watch({
      name: 'write-conflicts',
      description:
        'Both Regions write the same accounts at once: send the callers of an account to one of them.',
      metric: bankMetric(configuration.prefix, 'conflicts'),
      threshold: 60,
    });
    this.#watch({
      name: 'table-errors',
      description: 'DynamoDB answers 5xx: "A Region is impaired", or both.',
      metric: systemErrors(accounts),
      threshold: 5,
    });
    this.#watch(
      {
        name: 'heads-grow',
        description: 'Calls are answered, but the pages of an account are not turned: "Heads grow".',
        metric: bankMetric(configuration.prefix, 'headEntries', FIVE_MINUTES, Stats.MAXIMUM),
        threshold: MAX_HEAD_ENTRIES / 2,
      },
      HALF_AN_HOUR,
    );
    this.#watchSweep();
    if (protection !== null) {
      this.#watchProtection(protection);
    }

    // Clients that fail over leave nothing unanswered but what was on its way. What keeps coming, they did not get over.
    this.drillAlarm = this.#alarm({
      name: 'drill-stop',
      description: 'Calls go on being unanswered in this Region although there is another one. Ends a drill.',
      metric: bankMetric(configuration.prefix, 'unanswered'),
      threshold: 60,
    });
  }

  /**
   * A topic without a policy takes messages from its account. `enforceSSL` gives it one, which only denies;
   * so without this statement CloudWatch may not publish, and no alarm reaches anybody.
   */
  #admitAlarms(topic: Topic): void {
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

  #watchLatency(stage: HttpStage, budgetMs: number): void {
    const alarm = this.#watch({
      name: 'latency',
      description: `One call of a hundred takes longer than ${budgetMs} ms: "A Region is impaired".`,
      metric: stage.metricLatency({ period: MINUTE, statistic: Stats.percentile(99) }),
      threshold: budgetMs,
    });
    // Of ten calls in a minute one is a cold start, and that is no reason to wake anybody.
    (alarm.node.defaultChild as CfnAlarm).evaluateLowSampleCountPercentile = 'ignore';
  }

  #watchSweep(): void {
    const largest = (name: string) => bankMetric(this.#prefix, name, MINUTE, Stats.MAXIMUM);
    this.#watch({
      name: 'sweep-behind',
      description: 'No sweep ran, or what was due has waited for two minutes: "Work is left undone".',
      metric: largest('behindMs'),
      threshold: Duration.minutes(2).toMilliseconds(),
      isSilenceTrouble: true,
    });
    this.#watch({
      name: 'sweep-failures',
      description: 'The sweep cannot do what is due in some account: "Work is left undone".',
      metric: bankMetric(this.#prefix, 'failed'),
      threshold: 1,
    });
    this.#watch({
      name: 'old-transfers',
      description: 'A transfer is under way for more than five minutes: "Work is left undone".',
      metric: largest('oldestTransferMs'),
      threshold: FIVE_MINUTES.toMilliseconds(),
    });
  }

  #watchProtection(protection: IFunction): void {
    this.#watch(
      {
        name: 'unprotected',
        description: 'Tables, or their stack, can be deleted by mistake: "The tables are not protected".',
        metric: protection.metricErrors({ period: Duration.hours(1), statistic: Stats.SUM }),
        threshold: 1,
      },
      { evaluationPeriods: 1, datapointsToAlarm: 1 },
    );
  }

  #watch(trouble: Trouble, periods = MINUTES): Alarm {
    const alarm = this.#alarm(trouble, periods);
    alarm.addAlarmAction(this.#tell);
    alarm.addOkAction(this.#tell);
    return alarm;
  }

  #alarm(
    { name, description, metric, threshold, isSilenceTrouble = false }: Trouble,
    periods = MINUTES,
  ): Alarm {
    return new Alarm(this, name, {
      alarmName: `${this.#prefix}-${name}`,
      alarmDescription: description,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      ...periods,
      treatMissingData: isSilenceTrouble ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
  }
}

/** One of the bank's own metrics in this Region. */
function bankMetric(bank: string, metricName: string, period = MINUTE, statistic = Stats.SUM): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { bank },
    period,
    statistic,
  });
}

/** DynamoDB counts its own errors by verb only, so the sum is taken over every verb that the function may use. */
function systemErrors(tableName: string): MathExpression {
  const usingMetrics = Object.fromEntries(
    API_RIGHTS.accounts.map((Operation) => [
      `errors${Operation}`,
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName: 'SystemErrors',
        dimensionsMap: { TableName: tableName, Operation },
        period: MINUTE,
        statistic: Stats.SUM,
      }),
    ]),
  );
  return new MathExpression({
    expression: Object.keys(usingMetrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + '),
    label: 'system errors',
    period: MINUTE,
    usingMetrics,
  });
}
