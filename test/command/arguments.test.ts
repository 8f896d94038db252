import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCommand, UsageError } from '../../client/command/arguments.ts';
import { EXIT } from '../../client/command/run.ts';
import { buildCommand, runBank } from '../support/bank-command.ts';

const OPTIONS = [
  '--key',
  '--endpoint',
  '--timeout-ms',
  '--json',
  '--verbose',
  '-v',
  '--help',
  '-h',
  '--version',
];
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };

beforeAll(buildCommand);

describe('bank --help', () => {
  it('has examples and names every option and every exit code', async () => {
    const { code, stdout, stderr } = await runBank(['--help']);

    expect({ code, stderr }).toEqual({ code: 0, stderr: [] });
    expect(await runBank(['-h'])).toMatchObject({ code: 0, stdout });
    for (const option of OPTIONS) {
      expect(stdout).toMatch(new RegExp(`(^|[ ,])${option}[ ,\\n]`, 'm'));
    }
    for (const exitCode of Object.values(EXIT)) {
      expect(stdout).toMatch(new RegExp(`^ {2}${exitCode} {2}\\w`, 'm'));
    }
    expect(stdout).toContain('BANK_ENDPOINTS');
    expect(stdout).toMatch(/^Examples$/m);
  });

  it('names no option that does not exist, and its examples are right', async () => {
    const { stdout } = await runBank(['--help']);
    const named = stdout.match(/(?<=^|[ ,])--?[a-z][a-z-]*/gm) ?? [];
    expect(OPTIONS).toEqual(expect.arrayContaining([...new Set(named)]));

    const examples = stdout
      .slice(stdout.indexOf('\nExamples\n'), stdout.indexOf('\nExit codes\n'))
      .match(/(?<=^ {2}bank ).*$/gm);
    expect(examples?.length).toBeGreaterThan(3);
    for (const example of examples ?? []) {
      expect(() => readCommand(example.split(' '), {})).not.toThrow();
    }
  });

  it('is what --help anywhere asks for, and sends nothing', async () => {
    expect(await runBank(['deposit', 'joe', '10', '--help'])).toMatchObject({ code: 0, stderr: [] });
  });
});

describe('bank --version', () => {
  it('is the version of the package', async () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../client/package.json', import.meta.url), 'utf8'),
    );
    expect(await runBank(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: [] });
  });
});

describe('endpoints', () => {
  it('are the local bank when nobody says otherwise, us-east-1 first', () => {
    for (const environment of [{}, { BANK_ENDPOINTS: '' }]) {
      expect(readCommand(['balance', 'joe'], environment)).toMatchObject({
        endpoints: [
          { region: 'us-east-1', url: 'http://127.0.0.1:3020' },
          { region: 'us-east-2', url: 'http://127.0.0.1:3030' },
        ],
      });
    }
  });

  it('may be preceded by their Region', () => {
    const args = ['--endpoint', 'https://a.example/?', '--endpoint', 'eu-west-1=https://b.example'];
    expect(readCommand(['balance', 'joe', ...args], {})).toMatchObject({
      endpoints: [{ url: 'https://a.example/?' }, { region: 'eu-west-1', url: 'https://b.example' }],
    });
  });
});

describe('credentials of the environment', () => {
  const endpoints = (...urls: string[]) => ({
    BANK_ENDPOINTS: urls.map((url) => `us-east-1=${url}`).join(','),
  });

  it('sign requests when every endpoint is https', () => {
    const environment = { ...CREDENTIALS, ...endpoints('https://a.example', 'https://b.example') };
    expect(readCommand(['balance', 'joe'], environment)).toMatchObject({
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' },
    });
  });

  it.each([
    {
      name: 'one endpoint is http',
      environment: { ...CREDENTIALS, ...endpoints('https://a.example', 'http://b.example') },
    },
    {
      name: 'there is no secret',
      environment: { AWS_ACCESS_KEY_ID: 'id', ...endpoints('https://a.example') },
    },
    {
      name: 'they are empty',
      environment: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', ...endpoints('https://a.example') },
    },
  ])('are left alone when $name', ({ environment }) => {
    expect(readCommand(['balance', 'joe'], environment)).toMatchObject({ credentials: undefined });
  });
});

describe('a wrong command line', () => {
  it.each([
    { args: ['deposit', 'joe', '-10'], message: /AMOUNT.*-10.*no sign/ },
    { args: ['deposit', 'joe', '010'], message: /AMOUNT.*010.*leading zero/ },
    { args: ['deposit', '', '10'], message: /ACCOUNT/ },
    { args: ['deposit', 'joe', '10', '--key'], message: /--key/ },
    { args: ['deposit', 'joe', '10', 'EUR'], message: /EUR.*too much/ },
    { args: ['balance', 'joe', '--timeout-ms', '0'], message: /--timeout-ms.*"0"/ },
  ])('is answered with what is wrong about it: $args', ({ args, message }) => {
    expect(() => readCommand(args, {})).toThrow(UsageError);
    expect(() => readCommand(args, {})).toThrow(message);
  });
});
