import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCommand } from '../../client/command/arguments.ts';
import { EXIT } from '../../client/command/run.ts';
import { UsageError } from '../../client/command/usage.ts';
import { buildCommand, runBank } from '../support/bank-command.ts';

const OPTIONS = [
  '--key',
  '--endpoint',
  '--outputs',
  '--bank',
  '--region',
  '--timeout-ms',
  '--json',
  '--verbose',
  '-v',
  '--help',
  '-h',
  '--version',
];

/** A disk with nothing on it. */
const noFile = (path: string): string => {
  throw new Error(`no file ${path}`);
};
/** Reads a command line where no file can be read. */
const read = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  readCommand(args, environment, noFile);

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
    expect(stdout).toContain('BANK_OUTPUTS');
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
      expect(() => read(example.split(' '))).not.toThrow();
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
      expect(read(['balance', 'joe'], environment)).toMatchObject({
        endpoints: [
          { region: 'us-east-1', url: 'http://127.0.0.1:3020' },
          { region: 'us-east-2', url: 'http://127.0.0.1:3030' },
        ],
      });
    }
  });

  it('may be preceded by their Region', () => {
    const args = ['--endpoint', 'https://a.example/?', '--endpoint', 'eu-west-1=https://b.example'];
    expect(read(['balance', 'joe', ...args])).toMatchObject({
      endpoints: [{ url: 'https://a.example/?' }, { region: 'eu-west-1', url: 'https://b.example' }],
    });
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
    { args: ['balance', 'joe', '--bank', 'twinbank'], message: /--bank.*--outputs/ },
    { args: ['balance', 'joe', '--region', 'us-west-2'], message: /"us-west-2".*us-east-1 and us-east-2/ },
    {
      args: ['balance', 'joe', '--endpoint', 'http://a.example', '--outputs', 'o.json'],
      message: /either --endpoint or --outputs/,
    },
  ])('is answered with what is wrong about it: $args', ({ args, message }) => {
    expect(() => read(args)).toThrow(UsageError);
    expect(() => read(args)).toThrow(message);
  });
});
