import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, inject, test } from 'vitest';
import { OPERATIONS } from '../../client/contract/schemas.ts';
import {
  type Deployment,
  deployed,
  propertiesOf,
  type Resource,
  resourcesOf,
  type StackTemplate,
} from '../support/deployment.ts';
import { ACCOUNT } from '../support/policies.ts';
import { synthesize } from '../support/synthesize.ts';

/** Synthesizing takes most of this file's time, so each bank has as many things to show as go together. */
const bank = inject('deployment');

const EXTRAS = {
  faultInjection: true,
  alarmEmail: 'on-call@example.org',
  corsOrigins: ['https://shop.example'],
  callers: [{ role: 'shop', grants: [{ operations: ['all'], accounts: ['*'] }] }],
};
const everything = synthesize(EXTRAS);

test('pages of the origins that are named may call, and only their preflights are not signed', () => {
  for (const template of everything.regions) {
    expect(propertiesOf(template, 'AWS::ApiGatewayV2::Api')['CorsConfiguration']).toEqual({
      AllowOrigins: ['https://shop.example'],
      AllowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
      AllowHeaders: expect.arrayContaining(['idempotency-key', 'authorization', 'x-amz-date']),
      ExposeHeaders: expect.arrayContaining(['bank-region', 'apigw-requestid', 'date']),
      MaxAge: 600,
    });
    const unsigned = allOf(template, 'AWS::ApiGatewayV2::Route').filter(
      ({ AuthorizationType }) => AuthorizationType !== 'AWS_IAM',
    );
    expect(unsigned.map(({ RouteKey }) => RouteKey)).toEqual(['OPTIONS /{proxy+}']);
  }
});

/** What the app says while it synthesizes the other bank. */
const said: unknown[] = [];
const LONGEST_PREFIX = 'a'.repeat(32);
const other = synthesize(
  {
    ...EXTRAS,
    prefix: LONGEST_PREFIX,
    regions: ['ap-northeast-1', 'ap-southeast-1'],
    witness: 'eu-south-2',
    reservedConcurrency: 50,
    keysNotBefore: '2026-11-22T13:00:00Z',
    deletionProtection: false,
  },
  ({ node }) => said.push(...node.metadata.map(({ data }) => data)),
);

/** CloudFormation keeps what has these, unless it rolls back the operation that made it. */
const KEPT = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };

/** The properties of every resource of a type. */
function allOf(template: StackTemplate, type: string): readonly Resource['Properties'][] {
  return resourcesOf(template, type).map(([, { Properties }]) => Properties);
}

function functionNamed(template: StackTemplate, name: string): Resource['Properties'] {
  return propertiesOf(template, 'AWS::Lambda::Function', ({ FunctionName }) => FunctionName === name);
}

describe.each([
  { where: ['us-east-1', 'us-east-2'], named: 'twinbank', bank },
  { where: ['ap-northeast-1', 'ap-southeast-1'], named: LONGEST_PREFIX, bank: other },
])('a bank in $where', ({ where, named, bank: { tables, regions, dashboard } }) => {
  test('has its tables and dashboard in the first Region, and a stack in each', () => {
    expect(tables.region).toBe(where[0]);
    expect(dashboard.region).toBe(where[0]);
    expect(regions.map(({ region }) => region)).toEqual(where);
    expect(regions.map(({ stackName }) => stackName)).toEqual(where.map((region) => `${named}-${region}`));
  });

  test('names no other Region in the stack of one, so that it works when the other is lost', () => {
    const [first = '', second = ''] = where;
    for (const [template, other] of [
      [regions[0], second],
      [regions[1], first],
    ] as const) {
      expect(template.text).not.toContain(`:${other}:`);
      expect(template.text).not.toContain(`"${other}"`);
    }
  });

  test('hands nothing from stack to stack, and runs no code of others to deploy', () => {
    for (const template of [tables, ...regions, dashboard]) {
      expect(template.text).not.toContain('Fn::ImportValue');
      expect(template.text).not.toContain('Custom::');
      expect(Object.values(template.outputs).filter(({ Export }) => Export !== undefined)).toEqual([]);
    }
  });

  test('deploys the functions after the tables that they use, and waits for nothing else', () => {
    expect(tables.dependencies.filter(isStack)).toEqual([]);
    for (const template of regions) {
      expect(template.dependencies.filter(isStack)).toHaveLength(1);
    }
    expect(dashboard.dependencies.filter(isStack)).toEqual([]);
  });
});

/** Every stack also depends on the list of its assets. */
function isStack(id: string): boolean {
  return !id.endsWith('.assets');
}

describe.each(bank.regions)('in $region', (template) => {
  test('the route of every operation and the one for everything else asks IAM who calls', () => {
    const routes = allOf(template, 'AWS::ApiGatewayV2::Route');
    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual(
      [...Object.values(OPERATIONS).map(({ method, path }) => `${method} ${path}`), '$default'].sort(),
    );
    for (const { AuthorizationType } of routes) {
      expect(AuthorizationType).toBe('AWS_IAM');
    }
    expect(resourcesOf(template, 'AWS::ApiGatewayV2::Authorizer')).toEqual([]);
  });

  test('there is one stage, throttled, that writes down who asked for what and none of the contents', () => {
    expect(resourcesOf(template, 'AWS::ApiGatewayV2::Stage')).toHaveLength(1);
    const stage = propertiesOf(template, 'AWS::ApiGatewayV2::Stage');
    expect(stage).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 },
    });
    const { Format } = stage['AccessLogSettings'] as { Format: string };
    expect(JSON.parse(Format)).toMatchObject({
      requestId: '$context.requestId',
      caller: '$context.identity.userArn',
      status: '$context.status',
    });
    expect(Format).not.toMatch(/header|body|query|authorization/i);
  });

  test('no browser of another site may call', () => {
    expect(propertiesOf(template, 'AWS::ApiGatewayV2::Api')).not.toHaveProperty('CorsConfiguration');
  });

  test('the gateway waits longer than the function may run, so that the function can say why it failed', () => {
    const { Timeout } = functionNamed(template, 'twinbank-api');
    for (const integration of allOf(template, 'AWS::ApiGatewayV2::Integration')) {
      expect(integration).toMatchObject({ PayloadFormatVersion: '2.0', IntegrationType: 'AWS_PROXY' });
      expect(Number(integration['TimeoutInMillis'])).toBeGreaterThan(Number(Timeout) * 1000);
    }
  });

  test.each(['twinbank-api', 'twinbank-sweep', 'twinbank-protection'])(
    '%s runs on Node.js 24, on arm64, traced',
    (name) => {
      expect(functionNamed(template, name)).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        MemorySize: 1024,
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'Text' },
        Environment: {
          Variables: {
            NODE_OPTIONS: '--enable-source-maps',
            BANK: 'twinbank',
            ACCOUNTS_TABLE: 'twinbank-accounts',
            PAGES_TABLE: 'twinbank-pages',
            IDEMPOTENCY_TABLE: 'twinbank-idempotency',
          },
        },
      });
    },
  );

  test('nothing is reserved, because an AWS account with the smallest quota has nothing to reserve', () => {
    expect(template.text).not.toContain('ReservedConcurrentExecutions');
  });

  test('a run that failed is not repeated at once, and one that comes too late is left out', () => {
    const settings = allOf(template, 'AWS::Lambda::EventInvokeConfig');
    expect(settings.map(({ MaximumRetryAttempts }) => MaximumRetryAttempts)).toEqual([0, 0, 0]);
    const ages = settings.map(({ MaximumEventAgeInSeconds }) => MaximumEventAgeInSeconds);
    expect(ages).toEqual(expect.arrayContaining([undefined, 60, 1800]));
  });

  test('a sweep is over before the next one begins, and has no more retries on its way to the function', () => {
    const { Targets, ScheduleExpression } = propertiesOf(template, 'AWS::Events::Rule', ({ Description }) =>
      String(Description).includes('transfers'),
    );
    expect(ScheduleExpression).toBe('rate(1 minute)');
    expect(Number(functionNamed(template, 'twinbank-sweep')['Timeout'])).toBeLessThan(60);
    expect(Targets).toMatchObject([
      { RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 } },
    ]);
  });

  test('every log group has a name and an end', () => {
    const groups = allOf(template, 'AWS::Logs::LogGroup');
    expect(groups.map(({ LogGroupName }) => LogGroupName).sort()).toEqual([
      '/aws/lambda/twinbank-api',
      '/aws/lambda/twinbank-protection',
      '/aws/lambda/twinbank-sweep',
      // For this prefix, CloudWatch Logs keeps its resource policy, which cannot grow without end, short.
      '/aws/vendedlogs/apigateway/twinbank',
    ]);
    for (const group of groups) {
      expect(group).toMatchObject({ RetentionInDays: 90 });
    }
  });

  test('the address and the Region are outputs', () => {
    const { BankEndpoint, BankRegion } = template.outputs;
    expect(deployed(template, BankEndpoint?.Value)).toMatch(/^<Http\w+\.ApiEndpoint>$/);
    expect(BankRegion?.Value).toBe(template.region);
  });

  test('only the gateway and the schedule of this very stack can call the functions', () => {
    const permissions = allOf(template, 'AWS::Lambda::Permission');
    expect(new Set(permissions.map(({ Principal }) => Principal))).toEqual(
      new Set(['apigateway.amazonaws.com', 'events.amazonaws.com']),
    );
    for (const { SourceArn } of permissions) {
      expect(deployed(template, SourceArn)).toMatch(/<\w+/);
    }
  });
});

describe('the configuration', () => {
  test('gives two banks of one AWS account no name in common', () => {
    const names = ({ all }: Deployment) =>
      new Set(
        all.flatMap((template) => [
          template.stackName,
          ...Object.values(template.resources).flatMap(({ Properties }) =>
            ['TableName', 'FunctionName', 'LogGroupName', 'AlarmName', 'TopicName', 'DashboardName', 'Name']
              .map((name) => Properties?.[name])
              .filter((name) => typeof name === 'string'),
          ),
        ]),
      );
    const [these, those] = [names(everything), names(other)];
    expect(these.size).toBeGreaterThan(20);
    expect(these.size).toBe(those.size);
    expect([...these].filter((name) => those.has(name))).toEqual([]);
  });

  test('with the longest prefix keeps within the 64 characters of a function', () => {
    for (const { FunctionName } of allOf(other.regions[0], 'AWS::Lambda::Function')) {
      expect(String(FunctionName).length).toBeLessThanOrEqual(64);
    }
  });

  test('reserves functions for the bank where the configuration asks for it', () => {
    for (const template of other.regions) {
      const reserved = { ReservedConcurrentExecutions: 50 };
      expect(functionNamed(template, `${LONGEST_PREFIX}-api`)).toMatchObject(reserved);
      expect(functionNamed(template, `${LONGEST_PREFIX}-protection`)).not.toMatchObject(reserved);
    }
  });

  test('hands the time of a restoration to the functions that execute, and to no other', () => {
    for (const template of other.regions) {
      const at = ['Environment', 'Variables', 'KEYS_NOT_BEFORE'];
      for (const name of ['api', 'sweep']) {
        const properties = functionNamed(template, `${LONGEST_PREFIX}-${name}`);
        expect(properties, name).toHaveProperty(at, '2026-11-22T13:00:00Z');
      }
      expect(functionNamed(template, `${LONGEST_PREFIX}-protection`)).not.toHaveProperty(at);
    }
    expect(bank.regions[0].text).not.toContain('KEYS_NOT_BEFORE');
  });

  test('lets everything be removed where there is no real money', () => {
    const { all, tables } = synthesize({ removalPolicy: 'destroy' });
    for (const { text } of all) {
      expect(text).not.toContain('twinbank-protection');
      expect(text).not.toContain('"Retain');
    }
    expectUnprotected(tables);
  });

  function expectUnprotected(tables: StackTemplate): void {
    expect(tables.terminationProtection).toBe(false);
    const replicas = allOf(tables, 'AWS::DynamoDB::GlobalTable').flatMap(
      ({ Replicas }) => Replicas as { DeletionProtectionEnabled: boolean }[],
    );
    expect(replicas.map((replica) => replica.DeletionProtectionEnabled)).toEqual(replicas.map(() => false));
  }

  test('keeps the stack of the tables from being removed by mistake', () => {
    expect(bank.tables.terminationProtection).toBe(true);
  });

  test('leaves a first deployment without protection, which would keep what has failed', () => {
    expectUnprotected(other.tables);
    for (const [, resource] of resourcesOf(other.tables, 'AWS::DynamoDB::GlobalTable')) {
      expect(resource).toMatchObject(KEPT);
    }
  });

  test('names a Region that the AWS account has to enable first', () => {
    expect(said).toEqual([expect.stringContaining('eu-south-2')]);
  });
});

test('what is retained with its stack is deleted when its creation fails, or the next try would find its name taken', () => {
  const kept = everything.all
    .flatMap(({ resources }) => Object.values(resources))
    .filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete');
  expect(kept.map(({ Type }) => Type)).toEqual(
    expect.arrayContaining(['AWS::DynamoDB::GlobalTable', 'AWS::Logs::LogGroup']),
  );
  for (const resource of kept) {
    expect(resource).toMatchObject(KEPT);
  }
});

describe('the checks of AWS Solutions', () => {
  test('pass, and each finding that is acknowledged says why', () => {
    expect(everything.acknowledged.length).toBeGreaterThan(0);
    for (const { id, reason } of everything.acknowledged) {
      expect(reason, id).toMatch(/^[A-Z].{40,}\.$/);
    }
  });

  test('are acknowledged in a bank without extras for traces, experiments and the one stack only', () => {
    const ids = bank.acknowledged.map(({ id }) => id);
    expect(new Set(ids)).toEqual(
      new Set([
        'Annotation::AwsSolutions-IAM5[Resource::*]',
        `Annotation::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:us-east-1:${ACCOUNT}:stack/twinbank-tables/*]`,
      ]),
    );
    expect(ids).toHaveLength(9);
  });

  test('are at work: a bucket that may be reached in the clear does not pass', () => {
    expect(() => synthesize({}, (twinbank) => new Bucket(twinbank.regions[0], 'Careless'))).toThrow(
      /[Vv]alidation/,
    );
  });
});
