import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { BankApi } from './api.ts';
import { type Configuration, FUNCTION_TIMEOUT_MS, SWEEP_TIMEOUT_MS } from './configuration.ts';
import { FaultInjection, ReplicationExperiment } from './experiments.ts';
import { BankFunction, ScheduledFunction } from './function.ts';
import { bankEnvironment, functionNames, tableNames, tablesStackName } from './names.ts';
import { ProtectionCheck } from './protection.ts';
import { API_RIGHTS, SWEEP_RIGHTS, tableStatements } from './rights.ts';

/** Folders of the functions' bundles. */
export type Bundles = Readonly<Record<'api' | 'sweep' | 'protection', string>>;

export interface RegionProps extends StackProps {
  readonly configuration: Configuration;
  readonly bundles: Bundles;
}

/** Outputs of a Region's stack, by which clients find the bank. */
export const OUTPUTS = { endpoint: 'BankEndpoint', region: 'BankRegion' } as const;

/** One Region of the bank. It depends on nothing in the other Region's stack, neither when it is deployed nor afterwards. */
export class RegionStack extends Stack {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: RegionProps) {
    const { configuration, bundles, ...stackProps } = props;
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
    const environment = bankEnvironment(configuration.prefix, tables);
    // No function that executes calls may accept keys from before a recovery.
    const executing =
      configuration.keysNotBefore === null
        ? environment
        : { ...environment, KEYS_NOT_BEFORE: configuration.keysNotBefore };

    const { function: handler } = new BankFunction(this, 'Api', {
      ...common,
      functionName: names.api,
      description: 'Deposits, withdrawals, transfers, holds, balances and statements',
      folder: bundles.api,
      handler: 'api.handler',
      timeoutMs: FUNCTION_TIMEOUT_MS,
      reservedConcurrency: configuration.reservedConcurrency,
      environment: executing,
      statements: tableStatements(this, API_RIGHTS, tables),
    });

    new ScheduledFunction(this, 'Sweep', {
      ...common,
      functionName: names.sweep,
      description: 'Completes unfinished transfers and refunds, and expires holds',
      folder: bundles.sweep,
      handler: 'sweep.handler',
      timeoutMs: SWEEP_TIMEOUT_MS,
      every: Duration.minutes(1),
      environment: executing,
      statements: tableStatements(this, SWEEP_RIGHTS, tables),
    });

    const { api, stage } = new BankApi(this, 'Http', {
      ...common,
      apiName: configuration.prefix,
      handler,
      requestsPerSecond: configuration.requestsPerSecond,
      burstRequests: configuration.burstRequests,
      corsOrigins: configuration.corsOrigins,
    });
    this.api = api;

    // Tables that are deleted with their stack have no protection that could be checked.
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

    const { drillAlarm } = new Alarms(this, 'Alarms', { configuration, stage, handler, protection });
    new ReplicationExperiment(this, 'CutOff', { table: tables.accounts, stopAlarm: drillAlarm });
    if (configuration.faultInjection) {
      new FaultInjection(this, 'Failing', { handler, stopAlarm: drillAlarm });
    }

    new CfnOutput(this, OUTPUTS.endpoint, {
      value: api.apiEndpoint,
      description: 'Where this Region answers',
    });
    new CfnOutput(this, OUTPUTS.region, { value: this.region, description: 'The Region that signs for it' });
  }
}
