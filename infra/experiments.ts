import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnExperimentTemplate } from 'aws-cdk-lib/aws-fis';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type Function as LambdaFunction, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';

/** Outputs that a drill finds its experiments by. */
export const EXPERIMENT_OUTPUTS = { replication: 'DrillReplication', function: 'DrillFunction' } as const;

/** Replication may go on for 5 minutes after the action has begun, so a shorter one could pass without any effect. */
const CUT_OFF_MINUTES = 15;

/** Faults begin within a minute. */
const FAILING_MINUTES = 5;

export interface ExperimentProps {
  /** Alarm of this Region that ends the experiment. FIS takes one of another Region, and then refuses to start. */
  readonly stopAlarm: IAlarm;
}

/**
 * Cuts this Region's replica of the accounts off from the other Regions: strong reads and writes fail here, and go on in
 * the other Region with the witness. It costs nothing until it is started.
 *
 * See https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html#dynamodb-actions-reference
 */
export class ReplicationExperiment extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { table, stopAlarm }: ExperimentProps & { readonly table: string },
  ) {
    super(scope, id);
    const tableArn = Stack.of(this).formatArn({
      service: 'dynamodb',
      resource: 'table',
      resourceName: table,
    });
    experiment(this, {
      output: EXPERIMENT_OUTPUTS.replication,
      description: `Cuts the replica of ${table} in ${Stack.of(this).region} off from the other Regions`,
      roleDescription: 'Cuts a replica of the accounts off, in a drill',
      statements: [
        new PolicyStatement({
          actions: [
            'dynamodb:DescribeTable',
            'dynamodb:GetResourcePolicy',
            'dynamodb:PutResourcePolicy',
            'dynamodb:DeleteResourcePolicy',
          ],
          resources: [tableArn],
        }),
        new PolicyStatement({ actions: ['dynamodb:InjectError', 'tag:GetResources'], resources: ['*'] }),
      ],
      whyEveryResource: 'FIS needs dynamodb:InjectError and tag:GetResources on *; it has no narrower form.',
      stopAlarm,
      resourceType: 'aws:dynamodb:global-table',
      resourceArn: tableArn,
      actionId: 'aws:dynamodb:global-table-pause-replication',
      targetName: 'Tables',
      parameters: { duration: Duration.minutes(CUT_OFF_MINUTES).toIsoString() },
    });
  }
}

/**
 * Makes every call of the function fail. The fault comes from an extension inside the function, which slows its cold
 * starts: it is deployed on demand only (`faultInjection`), before a drill.
 *
 * See https://docs.aws.amazon.com/fis/latest/userguide/use-lambda-actions.html
 */
export class FaultInjection extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { handler, stopAlarm }: ExperimentProps & { readonly handler: LambdaFunction },
  ) {
    super(scope, id);
    const faults = new Bucket(this, 'Faults', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(1) }],
      // Nothing in it is of use after the drill.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(faults).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Holds nothing but the faults of the drill that is running, written by FIS and read by the function.',
    });
    listenForFaults(this, handler, faults);

    acknowledgeFolder(this, faults);
    experiment(this, {
      output: EXPERIMENT_OUTPUTS.function,
      description: `Makes every call of ${handler.functionName} in ${Stack.of(this).region} fail`,
      roleDescription: 'Makes the function fail, in a drill',
      statements: [
        new PolicyStatement({
          actions: ['s3:PutObject', 's3:DeleteObject'],
          resources: [faults.arnForObjects(`${FOLDER}*`)],
        }),
        new PolicyStatement({ actions: ['lambda:GetFunction'], resources: [handler.functionArn] }),
        new PolicyStatement({ actions: ['tag:GetResources'], resources: ['*'] }),
      ],
      whyEveryResource: 'FIS needs tag:GetResources, which has no resources to be granted on.',
      stopAlarm,
      resourceType: 'aws:lambda:function',
      resourceArn: handler.functionArn,
      actionId: 'aws:lambda:invocation-error',
      targetName: 'Functions',
      parameters: {
        duration: Duration.minutes(FAILING_MINUTES).toIsoString(),
        invocationPercentage: '100',
        preventExecution: 'true',
      },
    });
  }
}

/** The folder in which FIS puts the faults of a running drill. */
const FOLDER = 'FisConfigs/';

/** Adds AWS's extension to the function. It reads in the folder, before each call, whether the call must fail. */
function listenForFaults(scope: Construct, handler: LambdaFunction, faults: Bucket): void {
  const extension = StringParameter.valueForStringParameter(
    scope,
    '/aws/service/fis/lambda-extension/AWS-FIS-extension-arm64/1.x.x',
  );
  handler.addLayers(LayerVersion.fromLayerVersionArn(scope, 'Extension', extension));
  handler.addEnvironment('AWS_LAMBDA_EXEC_WRAPPER', '/opt/aws-fis/bootstrap');
  handler.addEnvironment('AWS_FIS_CONFIGURATION_LOCATION', faults.arnForObjects(FOLDER));
  // Without waiting for its first answer, the extension would let the calls of a rarely used function pass.
  handler.addEnvironment('AWS_FIS_POLL_MAX_WAIT_MILLISECONDS', '2000');
  handler.addToRolePolicy(
    new PolicyStatement({ actions: ['s3:GetObject'], resources: [faults.arnForObjects(`${FOLDER}*`)] }),
  );
  handler.addToRolePolicy(
    new PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [faults.bucketArn],
      conditions: { StringLike: { 's3:prefix': [`${FOLDER}*`] } },
    }),
  );
}

interface Experiment {
  /** Name of the output with the id of the template. */
  readonly output: string;
  readonly description: string;
  readonly roleDescription: string;
  /** What FIS may do besides reading the alarm. */
  readonly statements: readonly PolicyStatement[];
  /** Why some of that is granted on every resource. */
  readonly whyEveryResource: string;
  readonly stopAlarm: IAlarm;
  readonly resourceType: string;
  readonly resourceArn: string;
  readonly actionId: string;
  /** What the action calls its target. */
  readonly targetName: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A template, with the role that experiments of this Region and AWS account may assume, and no others. */
function experiment(scope: Construct, parts: Experiment): void {
  const { description, stopAlarm } = parts;
  const stack = Stack.of(scope);
  const experiments = stack.formatArn({ service: 'fis', resource: 'experiment', resourceName: '*' });
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('fis.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: { 'aws:SourceArn': experiments },
      },
    }),
    description: parts.roleDescription,
  });
  role.addToPolicy(
    new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: [stopAlarm.alarmArn] }),
  );
  for (const each of parts.statements) {
    role.addToPolicy(each);
  }
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: parts.whyEveryResource,
  });
  const template = new CfnExperimentTemplate(scope, 'Template', {
    description,
    roleArn: role.roleArn,
    stopConditions: [{ source: 'aws:cloudwatch:alarm', value: stopAlarm.alarmArn }],
    targets: {
      target: {
        resourceType: parts.resourceType,
        resourceArns: [parts.resourceArn],
        selectionMode: 'ALL',
      },
    },
    actions: {
      fault: {
        actionId: parts.actionId,
        parameters: { ...parts.parameters },
        targets: { [parts.targetName]: 'target' },
      },
    },
    experimentOptions: { accountTargeting: 'single-account', emptyTargetResolutionMode: 'fail' },
    tags: { Name: description },
  });
  // The template needs the role's policy, which CloudFormation creates after the role.
  template.node.addDependency(role);
  new CfnOutput(stack, parts.output, {
    value: template.attrId,
    description: 'Experiment template of a drill',
  });
}

/** Both FIS and the function have access to every file in the folder, and to nothing else in the bucket. */
function acknowledgeFolder(scope: Construct, faults: Bucket): void {
  const stack = Stack.of(scope);
  const bucketId = stack.getLogicalId(faults.node.defaultChild as CfnBucket);
  Validations.of(stack).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${FOLDER}*]`,
    reason:
      'FIS picks the names of the files in the folder, which holds the faults of the running drill only.',
  });
}
