import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** One function of a Region. */
export interface BankFunctionProps {
  readonly functionName: string;
  readonly description: string;
  /** Folder with the bundle and its source map. */
  readonly folder: string;
  /** Module and export, such as `api.handler`. */
  readonly handler: string;
  readonly timeoutMs: number;
  readonly reservedConcurrency: number | null;
  /** Lambda drops an asynchronous run that could not begin within this time. */
  readonly maxEventAge?: Duration;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * Memory of a function, in MB. It needs about 100. Lambda gives CPU in proportion to memory, here a little more than half of
 * one, and a cold start (reading 270 KB of code, a TLS handshake) needs CPU.
 */
const MEMORY_MB = 1024;

/** Retries of an asynchronous run that failed. The next one on the schedule does its work. */
const NO_RETRIES = 0;

/** A function with a log group and a role of its own. The role can do what the statements say, write its log, and trace. */
export class BankFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: BankFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${props.functionName}`,
      retention: props.logRetention,
      removalPolicy: props.removalPolicy,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What ${props.functionName} may do`,
    });
    for (const each of props.statements) {
      role.addToPolicy(each);
    }
    logGroup.grantWrite(role);
    this.function = new LambdaFunction(this, 'Function', {
      functionName: props.functionName,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(props.folder),
      handler: props.handler,
      memorySize: MEMORY_MB,
      timeout: Duration.millis(props.timeoutMs),
      tracing: Tracing.ACTIVE,
      role,
      logGroup,
      // As text, a line that is JSON already is kept as it is. Wrapped in Lambda's own JSON, its metrics would not be seen.
      loggingFormat: LoggingFormat.TEXT,
      environment: { NODE_OPTIONS: '--enable-source-maps', ...props.environment },
      retryAttempts: NO_RETRIES,
      ...(props.maxEventAge === undefined ? {} : { maxEventAge: props.maxEventAge }),
      ...(props.reservedConcurrency === null
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray has no resources: its two actions to send traces can be granted on * only.',
    });
  }
}

export interface ScheduledFunctionProps
  extends Omit<BankFunctionProps, 'reservedConcurrency' | 'maxEventAge'> {
  readonly every: Duration;
}

/** A function that runs on a schedule. Runs do not pile up: one that could not begin before the next one is due is dropped. */
export class ScheduledFunction extends BankFunction {
  constructor(scope: Construct, id: string, { every, ...props }: ScheduledFunctionProps) {
    super(scope, id, { ...props, reservedConcurrency: null, maxEventAge: every });
    new Rule(this, 'Schedule', {
      description: props.description,
      schedule: Schedule.rate(every),
      targets: [new FunctionTarget(this.function, { retryAttempts: NO_RETRIES, maxEventAge: every })],
    });
  }
}
