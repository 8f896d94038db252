import { Duration, type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ScheduledFunction } from './function.ts';
import type { TableNames } from './names.ts';
import { PROTECTION_RIGHTS, tableStatements, wildcardFinding } from './rights.ts';

export interface ProtectionCheckProps {
  readonly functionName: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly tables: TableNames;
  /** Stack of the tables, when it is in this Region. */
  readonly stackName: string | null;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

const TIMEOUT_MS = 30_000;

/** Twice in each hour that its alarm looks at, so that a run that comes a little late is not missed. */
const EVERY = Duration.minutes(30);

/**
 * Checks whether the tables and their stack are still protected from deletion, for which AWS has no metric. Its function fails when they
 * are not.
 */
export class ProtectionCheck extends Construct {
  readonly function: IFunction;

  constructor(
    scope: Construct,
    id: string,
    { stackName, environment, tables, ...props }: ProtectionCheckProps,
  ) {
    super(scope, id);
    const { function: check } = new ScheduledFunction(this, 'Check', {
      ...props,
      description: 'Fails while tables or their stack can be deleted by mistake',
      handler: 'protection.handler',
      timeoutMs: TIMEOUT_MS,
      every: EVERY,
      environment: stackName === null ? environment : { ...environment, TABLES_STACK: stackName },
      statements: [
        ...tableStatements(this, PROTECTION_RIGHTS, tables),
        ...(stackName === null ? [] : [this.#describeStack(stackName)]),
      ],
    });
    this.function = check;
  }

  #describeStack(stackName: string): PolicyStatement {
    const stack = Stack.of(this);
    Validations.of(this).acknowledge({
      id: wildcardFinding(stack, 'cloudformation', `stack/${stackName}/*`),
      reason: 'The * stands for the identifier that CloudFormation gives to the stack of this name.',
    });
    return new PolicyStatement({
      actions: ['cloudformation:DescribeStacks'],
      resources: [
        stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${stackName}/*` }),
      ],
    });
  }
}
