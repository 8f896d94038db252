import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { BankApi } from './api.ts';
import { type Configuration, FUNCTION_TIMEOUT_MS } from './configuration.ts';
import { FaultInjection, ReplicationExperiment } from './experiments.ts';
import { BankFunction } from './function.ts';
import { functionNames, tableNames, tablesStackName } from './names.ts';
import { ProtectionCheck } from './protection.ts';
import { API_RIGHTS, SWEEP_RIGHTS, tableStatements } from './rights.ts';

/** Folders of the functions' bundles. */
export interface Bundles {
  readonly api: string;
  readonly sweep: string;
  readonly protection: string;
}

export interface RegionProps extends StackProps {
  readonly configuration: Configuration;
  readonly bundles: Bundles;
  /** Hour of the day, UTC, at which this Region sweeps. The other one does at another. */
  readonly sweepHour: number;
}

/** Outputs of a Region's stack, by which clients find the bank. */
export const OUTPUTS = { endpoint: 'BankEndpoint', region: 'BankRegion' } as const;

/** As long as a function may run. What is left then is swept by the next run. */
const SWEEP_TIMEOUT_MS = 15 * 60_000;

/**
 * One Region of the bank, with everything it takes to answer: it asks nothing of the other Region's stack, when it is
 * deployed or afterwards.
 */
export class RegionStack extends Stack {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: RegionProps) {
    const { configuration, bundles, sweepHour, ...stackProps } = props;
    super(scope, id, stackProps);
    const names = functionNames(configuration.prefix);
    const tables = tableNames(configuration.prefix);
    const common = {
      logRetention: configuration.logRetentionDays,
      removalPolicy:
        configuration.removalPolicy === 'retain'
          ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
          : RemovalPolicy.DESTROY,
    };
    const environment = {
      BANK: configuration.prefix,
      ACCOUNTS_TABLE: tables.accounts,
      IDEMPOTENCY_TABLE: tables.idempotency,
    };

    const { function: handler } = new BankFunction(this, 'Api', {
      ...common,
      functionName: names.api,
      description: 'Deposits, withdrawals and balances',
      folder: bundles.api,
      handler: 'api.handler',
      timeoutMs: FUNCTION_TIMEOUT_MS,
      reservedConcurrency: configuration.reservedConcurrency,
      environment:
        configuration.keysNotBefore === null
          ? environment
          : { ...environment, KEYS_NOT_BEFORE: configuration.keysNotBefore },
      statements: tableStatements(this, API_RIGHTS, tables),
    });
    const { function: sweep } = new BankFunction(this, 'Sweep', {
      ...common,
      functionName: names.sweep,
      description: 'Archives the replies of idle accounts, and tidies up after accounts that never were',
      folder: bundles.sweep,
      handler: 'sweep.handler',
      timeoutMs: SWEEP_TIMEOUT_MS,
      // Two sweeps at once do no harm, and reserving even one would fail in an AWS account with the smallest quota.
      reservedConcurrency: null,
      environment,
      statements: tableStatements(this, SWEEP_RIGHTS, tables),
    });
    new Rule(this, 'SweepSchedule', {
      description: 'Sweeps once a day in each Region, half a day apart',
      schedule: Schedule.cron({ hour: String(sweepHour), minute: '0' }),
      targets: [new LambdaFunction(sweep, { retryAttempts: 2, maxEventAge: Duration.hours(1) })],
    });

    const { api, stage } = new BankApi(this, 'Http', {
      ...common,
      apiName: configuration.prefix,
      handler,
      requestsPerSecond: configuration.requestsPerSecond,
      burstRequests: configuration.burstRequests,
    });
    this.api = api;

    // Where tables go with their stack, nothing protects them, and nothing has to.
    const protection =
      configuration.removalPolicy === 'destroy'
        ? null
        : new ProtectionCheck(this, 'Protection', {
            ...common,
            environment,
            tables,
            functionName: names.protection,
            folder: bundles.protection,
            stackName:
              this.region === configuration.regions[0] ? tablesStackName(configuration.prefix) : null,
          }).function;

    const { drillAlarm } = new Alarms(this, 'Alarms', { configuration, stage, handler, sweep, protection });
    new ReplicationExperiment(this, 'CutOff', { table: tables.accounts, stopAlarm: drillAlarm, ...common });
    if (configuration.faultInjection) {
      new FaultInjection(this, 'Failing', { handler, stopAlarm: drillAlarm, ...common });
    }

    new CfnOutput(this, OUTPUTS.endpoint, {
      value: api.apiEndpoint,
      description: 'Where this Region answers',
    });
    new CfnOutput(this, OUTPUTS.region, { value: this.region, description: 'The Region that signs for it' });
  }
}
