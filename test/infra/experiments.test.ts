import { describe, expect, inject, test } from 'vitest';
import {
  deployed,
  propertiesOf,
  type Resource,
  resourcesOf,
  type StackTemplate,
} from '../support/deployment.ts';
import { ACCOUNT } from '../support/policies.ts';
import { synthesize } from '../support/synthesize.ts';

const bank = synthesize({ faultInjection: true });

interface Experiment {
  readonly Actions: Readonly<Record<string, { ActionId: string; Parameters: object; Targets: object }>>;
  readonly Targets: Readonly<Record<string, { ResourceType: string; ResourceArns: string[] }>>;
  readonly StopConditions: readonly { Source: string; Value: string }[];
  readonly RoleArn: string;
  readonly ExperimentOptions: object;
}

function experiment(template: StackTemplate, action: string): Experiment {
  const properties = propertiesOf(template, 'AWS::FIS::ExperimentTemplate', ({ Actions }) =>
    JSON.stringify(Actions).includes(action),
  );
  return deployed(template, properties) as Experiment;
}

function stopAlarm(template: StackTemplate): string {
  const found = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(
    ([, { Properties }]) => Properties['AlarmName'] === 'twinbank-drill-stop',
  );
  return `<${found[0]?.[0]}.Arn>`;
}

describe.each(bank.regions)('in $region', (template) => {
  const { region } = template;

  test("one experiment cuts this Region's replica off, for longer than it takes to have an effect", () => {
    const { Actions, Targets, ExperimentOptions } = experiment(template, 'pause-replication');
    expect(Actions).toEqual({
      fault: {
        ActionId: 'aws:dynamodb:global-table-pause-replication',
        Parameters: { duration: 'PT15M' },
        Targets: { Tables: 'target' },
      },
    });
    expect(Targets['target']).toEqual({
      ResourceType: 'aws:dynamodb:global-table',
      ResourceArns: [`arn:aws:dynamodb:${region}:${ACCOUNT}:table/twinbank-accounts`],
      SelectionMode: 'ALL',
    });
    expect(ExperimentOptions).toMatchObject({ EmptyTargetResolutionMode: 'fail' });
  });

  test('the other makes every call of the function fail, without running it', () => {
    const { Actions, Targets } = experiment(template, 'invocation-error');
    expect(Actions['fault']).toEqual({
      ActionId: 'aws:lambda:invocation-error',
      Parameters: { duration: 'PT5M', invocationPercentage: '100', preventExecution: 'true' },
      Targets: { Functions: 'target' },
    });
    expect(Targets['target']).toMatchObject({
      ResourceType: 'aws:lambda:function',
      ResourceArns: [expect.stringMatching(/^<Api\w+\.Arn>$/)],
    });
  });

  test('both are ended by an alarm of this very Region: FIS refuses one of another when it starts', () => {
    for (const action of ['pause-replication', 'invocation-error']) {
      expect(experiment(template, action).StopConditions).toEqual([
        { Source: 'aws:cloudwatch:alarm', Value: stopAlarm(template) },
      ]);
    }
  });

  test('only experiments of this Region and AWS account may take on their roles', () => {
    const roles = resourcesOf(template, 'AWS::IAM::Role')
      .map(([, { Properties }]) => deployed(template, Properties['AssumeRolePolicyDocument']))
      .filter((document) => JSON.stringify(document).includes('fis.amazonaws.com'));
    expect(roles).toHaveLength(2);
    for (const document of roles) {
      expect(document).toMatchObject({
        Statement: [
          {
            Condition: {
              StringEquals: { 'aws:SourceAccount': ACCOUNT },
              ArnLike: { 'aws:SourceArn': `arn:aws:fis:${region}:${ACCOUNT}:experiment/*` },
            },
          },
        ],
      });
    }
  });

  test('the function listens for faults, and may read nothing but them', () => {
    const handler = propertiesOf(
      template,
      'AWS::Lambda::Function',
      ({ FunctionName }) => FunctionName === 'twinbank-api',
    );
    expect(handler).toMatchObject({
      Environment: { Variables: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/aws-fis/bootstrap' } },
      Layers: [expect.anything()],
    });
    expect(template.text).toContain('/aws/service/fis/lambda-extension/AWS-FIS-extension-arm64/1.x.x');
    expect(propertiesOf(template, 'AWS::S3::Bucket')).toMatchObject({
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    });
  });

  test('the bucket of the faults goes with the experiment, or each drill would leave one behind', () => {
    const [[, bucket] = []] = resourcesOf(template, 'AWS::S3::Bucket');
    expect(bucket).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });

  test('both are outputs, for the drill to find', () => {
    expect(Object.keys(template.outputs)).toEqual(
      expect.arrayContaining(['DrillReplication', 'DrillFunction']),
    );
  });
});

test('unless it is asked for, no function carries the means to fail', () => {
  for (const template of inject('deployment').regions) {
    expect(resourcesOf(template, 'AWS::FIS::ExperimentTemplate')).toHaveLength(1);
    expect(template.text).not.toContain('invocation-error');
    expect(template.text).not.toContain('aws-fis');
    expect(resourcesOf(template, 'AWS::S3::Bucket')).toEqual([]);
    for (const [, { Properties }] of resourcesOf(template, 'AWS::Lambda::Function')) {
      expect(Properties as Resource['Properties']).not.toHaveProperty('Layers');
    }
  }
});
