import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCloudFormation } from '../../functions/dynamodb/protection.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { checkKeysNotBefore, keysNotBeforeOf } from '../../infra/tools/deploy/keys-not-before.ts';
import { deployments, readGiven } from '../../infra/tools/deploy/plan.ts';
import { listen } from '../support/dead-endpoints.ts';
import { startProgram } from '../support/program.ts';
import { synthesize } from '../support/synthesize.ts';

const RETAINED = { prefix: 'twinbank', removalPolicy: 'retain', deletionProtection: true } as const;
const COMMAND = ['deploy', '--all', '--outputs-file', 'cdk-outputs.json', '-c', 'deploy=true'];

describe('a deployment', () => {
  test('of a bank without protection switches it on after it has succeeded', () => {
    const given = readGiven(['-c', 'prefix=staging']);
    const command = [...COMMAND, '-c', 'prefix=staging'];
    expect(deployments(given, RETAINED, false)).toEqual([
      [...command, '-c', 'deletionProtection=false'],
      command,
    ]);
  });

  test('of a bank of which anything is protected never takes that away', () => {
    expect(deployments(readGiven([]), RETAINED, true)).toEqual([COMMAND]);
  });

  test.each([
    { removalPolicy: 'destroy', deletionProtection: true },
    { removalPolicy: 'retain', deletionProtection: false },
  ] as const)(
    'of a bank that is to have no protection ($removalPolicy) switches none on, and takes none away',
    (without) => {
      const deploy = (hasProtection: boolean) =>
        deployments(readGiven([]), { ...RETAINED, ...without }, hasProtection);
      expect(deploy(false)).toEqual([COMMAND]);
      expect(() => deploy(true)).toThrow(expect.objectContaining({ code: 'would_unprotect' }));
      expect(() => deploy(true)).toThrow(/^Nothing was deployed: the tables of twinbank are protected/);
    },
  );
});

test.each([
  ['-c', 'prefix=staging', '--require-approval', 'never', '--profile', 'on-call'],
  ['--profile=on-call', '--context', 'prefix=staging', '-v'],
  ['--hotswap', '--context=prefix=staging', '--profile', 'on-call'],
  ['-cprefix=other', '-cprefix=staging', '--profile', 'on-call'],
])('what is given to the CDK is understood, however it is written: %j', (...words) => {
  expect(readGiven(words)).toEqual({ words, context: { prefix: 'staging' }, profile: 'on-call' });
});

test.each([
  ['-c', 'call', 'prefix=twinbank-2'],
  ['--context', 'context', 'prefix=twinbank-2'],
  ['--profile', 'profile', 'on-call'],
])(
  'an option %s that npm took for itself, because "--" was forgotten, stops the deployment',
  (option, name, value) => {
    expect(() => readGiven([], { [`npm_config_${name}`]: value })).toThrow(
      `npm took ${option} ${value} for itself, so the deployment would do without it. Write "--" before the options`,
    );
  },
);

test('a deployment without credentials says so in one sentence', async () => {
  const program = ['--import', 'tsx', 'infra/tools/deploy/main.ts'];
  const env = { PATH: process.env['PATH'], HOME: '/nowhere', AWS_EC2_METADATA_DISABLED: 'true' };
  const { code, stderr } = await startProgram([process.execPath, ...program], { env }).ended;
  expect(stderr).toMatch(
    /^Nothing was deployed: AWS did not say what is deployed already\. CredentialsProviderError: .*\n$/,
  );
  expect(code).toBe(1);
});

test('a value may have an equals sign in it', () => {
  expect(readGiven(['-c', 'alarmEmail=a=b@example.org']).context).toEqual({ alarmEmail: 'a=b@example.org' });
});

const RECOVERED = '2026-11-22T13:00:00Z';
const LATER = Date.parse('2026-11-24T00:00:00Z');

describe('keysNotBefore of a recovered bank', () => {
  test.each([
    ['is removed', null, [RECOVERED], 'would leave it out'],
    [
      'is set to an earlier time',
      '2026-11-22T12:59:59Z',
      [RECOVERED],
      'would lower it to 2026-11-22T12:59:59Z',
    ],
    [
      'is set to that of the Region that has the earlier one',
      RECOVERED,
      [RECOVERED, '2026-11-23T13:00:00Z'],
      'keysNotBefore=2026-11-23T13:00:00Z',
    ],
    ['cannot be compared', RECOVERED, ['in the morning'], 'keysNotBefore=in the morning'],
  ])('stops a deployment in which it %s', (_, keysNotBefore, deployed, says) => {
    const deploys = () => checkKeysNotBefore({ prefix: 'twinbank-2', keysNotBefore }, deployed, LATER);
    expect(deploys).toThrow(expect.objectContaining({ code: 'keys_not_before_lowered' }));
    expect(deploys).toThrow(/^Nothing was deployed: .* execute calls again .* -c keysNotBefore=/);
    expect(deploys).toThrow(says);
  });

  test('stops a deployment before that time, because the bank would refuse every call', () => {
    const nowMs = Date.parse(RECOVERED);
    const deploys = (ms: number) => () =>
      checkKeysNotBefore({ prefix: 'twinbank-2', keysNotBefore: RECOVERED }, [], ms);
    expect(deploys(nowMs - 1)).toThrow(expect.objectContaining({ code: 'keys_not_before_ahead' }));
    expect(deploys(nowMs - 1)).toThrow(/^Nothing was deployed: .* is still to come\./);
    expect(deploys(nowMs)).not.toThrow();
  });

  test.each([
    ['there is none', null, []],
    ['it is the first', RECOVERED, []],
    ['it stays', RECOVERED, [RECOVERED, RECOVERED]],
    ['it is written with another offset', '2026-11-22T14:00:00+01:00', [RECOVERED]],
    ['it becomes later', '2026-11-22T13:00:01Z', [RECOVERED]],
  ])('lets a deployment pass if %s', (_, keysNotBefore, deployed) => {
    expect(() => checkKeysNotBefore({ prefix: 'twinbank-2', keysNotBefore }, deployed, LATER)).not.toThrow();
  });
});

describe('keysNotBefore of a deployed stack', () => {
  /** Answers GetTemplate as CloudFormation does. It has one stack. */
  const [{ stackName, text: template }] = synthesize({ keysNotBefore: RECOVERED }).regions;
  const server = createServer(async (request, response) => {
    const name = new URLSearchParams(await text(request)).get('StackName');
    response.writeHead(name === stackName ? 200 : 400, { 'content-type': 'text/xml' }).end(
      name === stackName
        ? `<GetTemplateResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><GetTemplateResult>
             <TemplateBody>${template.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</TemplateBody>
           </GetTemplateResult></GetTemplateResponse>`
        : `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>
             <Code>${name === 'nowhere' ? 'ValidationError' : 'AccessDenied'}</Code>
             <Message>Stack with id ${name} does not exist</Message></Error></ErrorResponse>`,
    );
  });
  beforeAll(async () => {
    Object.assign(process.env, awsEnvironment('http://127.0.0.1:1', 'us-east-1'), {
      AWS_ENDPOINT_URL_CLOUDFORMATION: await listen(server),
    });
  });
  afterAll(() => server.close());

  const deployed = (stack: string) =>
    keysNotBeforeOf(createCloudFormation('us-east-1'), stack, AbortSignal.timeout(20_000));

  test('is that of both functions that execute calls', async () => {
    expect(await deployed(stackName)).toEqual([RECOVERED, RECOVERED]);
  });

  test('is none where no stack is', async () => {
    expect(await deployed('nowhere')).toEqual([]);
  });

  test('is not none where CloudFormation refuses to say it', async () => {
    await expect(deployed('secret')).rejects.toThrow(expect.objectContaining({ name: 'AccessDenied' }));
  });
});
