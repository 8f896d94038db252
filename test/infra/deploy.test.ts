import { describe, expect, test } from 'vitest';
import { deployments, readGiven } from '../../infra/tools/deploy/plan.ts';

const RETAINED = { removalPolicy: 'retain', deletionProtection: true } as const;
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
    'of a bank that is to have no protection ($removalPolicy) switches none on',
    (configuration) => {
      expect(deployments(readGiven([]), configuration, false)).toEqual([COMMAND]);
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

test('a value may have an equals sign in it', () => {
  expect(readGiven(['-c', 'alarmEmail=a=b@example.org']).context).toEqual({ alarmEmail: 'a=b@example.org' });
});
