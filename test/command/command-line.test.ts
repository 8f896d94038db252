import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { BankClient } from '../../client/client.ts';
import type { CallCommand } from '../../client/command/arguments.ts';
import { readCommand } from '../../client/command/program.ts';
import { UsageError } from '../../client/command/usage.ts';
import { buildCommand, KEY_PATTERN, runBank } from '../support/bank-command.ts';
import { newKey } from '../support/keys.ts';
import { runToEnd } from './in-process.ts';

const COMMANDS = [
  'deposit',
  'withdraw',
  'transfer',
  'hold',
  'capture',
  'void',
  'holds',
  'refund',
  'status',
  'balance',
  'statement',
  'accounts',
  'outcome',
  'cancel',
  'watch',
  'load',
];
const FOLDER = new URL('../../client/command/', import.meta.url);

/** Reads a command line. No file can be read. */
const read = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  readCommand({
    args,
    environment,
    version: '0',
    readFile: (path) => {
      throw new Error(`no file ${path}`);
    },
    out: () => {},
    err: () => {},
  });

const examplesIn = (lines: readonly string[]) =>
  lines.filter((line) => line.startsWith('  bank ')).map((line) => line.slice('  bank '.length));

beforeAll(buildCommand);

describe('bank', () => {
  test('alone prints a sentence, three examples and the commands, and ends with 2', async () => {
    const { code, stdout, stderr } = await runToEnd([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: [] });
    expect(stderr.filter((line) => line.endsWith('.'))).toHaveLength(2);
    expect(examplesIn(stderr)).toHaveLength(3);
    const commands = stderr.slice(stderr.indexOf('Commands:')).map((line) => /^ {2}(\w+)/.exec(line)?.[1]);
    expect(commands.filter((name) => name !== undefined)).toEqual(COMMANDS);
    expect(stderr.join('\n')).not.toContain('--endpoint');
  });

  test('--help names the commands, the exit codes, and every variable of the environment that is read', async () => {
    const { code, stdout, stderr } = await runToEnd(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: [] });
    const text = stdout.join('\n');
    for (const name of COMMANDS) {
      expect(text).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
    for (const exitCode of [0, 1, 2, 3, 4, 5]) {
      expect(text).toMatch(new RegExp(`^  ${exitCode}  \\w`, 'm'));
    }
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
    const source = files.map((name) => readFileSync(new URL(name, FOLDER), 'utf8')).join('\n');
    const variables = [...source.matchAll(/environment\['([A-Z_]+)'\]/g)].map(([, name = '']) => name);
    expect(variables.length).toBeGreaterThan(5);
    for (const name of variables) {
      expect(text).toContain(name);
    }
  });

  test.each(COMMANDS)(
    '%s --help is short: its examples, its own options, and where the others are',
    async (name) => {
      const { code, stdout } = await runToEnd([name, '--help']);
      expect(code).toBe(0);
      expect(stdout.length).toBeLessThan(30);
      for (const line of stdout) {
        expect(line).toMatch(/^.{0,80}$/);
      }
      expect(stdout.filter((line) => line.startsWith('  --endpoint'))).toEqual([]);
      expect(stdout.at(-1)).toMatch(/^bank --help has/);
      expect(examplesIn(stdout).length).toBeGreaterThan(0);
      for (const example of examplesIn(stdout)) {
        // A real key in an example would be too old when a user copies it, so examples say KEY.
        expect(example).not.toMatch(new RegExp(KEY_PATTERN));
        const typed = example.replace(/\bKEY\b/, newKey()).replace('--last', `--key ${newKey()}`);
        expect(read(typed.split(' '))).toMatchObject({ kind: name });
      }
    },
  );

  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('package.json', FOLDER), 'utf8'));
    expect(await runBank(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: [] });
  });
});

describe('endpoints', () => {
  test('are the local bank when none are given, us-east-1 first', () => {
    for (const environment of [{}, { BANK_ENDPOINTS: '' }]) {
      expect(read(['balance', 'joe'], environment)).toMatchObject({
        endpoints: [
          { region: 'us-east-1', url: 'http://127.0.0.1:3020' },
          { region: 'us-east-2', url: 'http://127.0.0.1:3030' },
        ],
      });
    }
  });

  test('may be preceded by their Region, are given as often as needed, and before the command as well', () => {
    const args = ['--endpoint', 'https://a.example/?', '--endpoint', 'eu-west-1=https://b.example'];
    const endpoints = [{ url: 'https://a.example/?' }, { region: 'eu-west-1', url: 'https://b.example' }];
    expect(read(['balance', 'joe', ...args])).toMatchObject({ endpoints });
    expect(read([...args, 'balance', 'joe'])).toMatchObject({ endpoints });
  });
});

describe('a hold', () => {
  test.each([
    ['1s', 1],
    ['90s', 90],
    ['15m', 900],
    ['1h', 3600],
    ['30d', 2_592_000],
  ])('expires after %s', async (time, expiresInSeconds) => {
    const hold = vi.fn();
    const { signal } = new AbortController();
    const command = read(['hold', 'joe', '10', '--expires', time]) as CallCommand;
    await command.send({ hold } as unknown as BankClient, signal);
    expect(hold).toHaveBeenCalledWith('joe', 10n, { expiresInSeconds, signal });
  });
});

describe('numbers', () => {
  test('have defaults', () => {
    expect(read(['load'])).toMatchObject({ clients: 16, seconds: 10, accounts: 16, seed: undefined });
    expect(read(['watch', 'joe'])).toMatchObject({ account: 'joe', intervalMs: 1000, seconds: undefined });
    expect(read(['statement', 'joe'])).toMatchObject({ limit: 20, timeoutMs: 5000 });
    expect(read(['statement', 'joe', '--all'])).toMatchObject({ limit: Number.POSITIVE_INFINITY });
    expect(read(['watch', 'joe', '--seconds', '9', '--interval-ms', '100'])).toMatchObject({
      intervalMs: 100,
      seconds: 9,
    });
  });
});

describe('a wrong command line', () => {
  test.each([
    { args: ['deposit', 'joe', '-10'], message: /^amount: .* without sign, .*, got "-10"$/ },
    { args: ['deposit', 'joe', '010'], message: /^amount: .*leading zero, got "010"$/ },
    { args: ['deposit', 'joe', '1000000000000000'], message: /^amount: .*1 to 15 decimal digits/ },
    {
      args: ['deposit', 'joe', '1.50'],
      message: /^amount: expected minor units, got "1\.50"; in hundredths that is 150$/,
    },
    { args: ['deposit', 'joe', '1.5'], message: /^amount: .*without sign, fraction .*, got "1\.5"$/ },
    { args: ['deposit', '', '10'], message: /^account: .*, got ""$/ },
    { args: ['balance', '../joe'], message: /^account: .*1 to 128 letters.*, got "\.\.\/joe"$/ },
    { args: ['deposit', 'joe', '10', '--key', newKey(), '--key', 'K2'], message: /^--key: given twice$/ },
    { args: ['--region=a', 'balance', 'joe', '--region', 'b'], message: /^--region: given twice$/ },
    { args: ['deposit', 'joe', '10', '--key', 'order-1'], message: /^--key: .*UUIDv7.*, got "order-1"$/ },
    { args: ['deposit', 'joe', '10', '--key'], message: /--key/ },
    { args: ['deposit', 'joe', '10', 'EUR'], message: /too many arguments for 'deposit'/ },
    { args: ['withdraw'], message: /missing required argument 'account'/ },
    { args: ['transfer', 'joe', '10'], message: /missing required argument 'amount'/ },
    { args: ['transfer', 'joe', '.ann', '10'], message: /^to: .*1 to 128 letters.*, got "\.ann"$/ },
    { args: ['transfer', '.joe', 'ann', '10'], message: /^from: .*1 to 128 letters.*, got "\.joe"$/ },
    ...['0s', '31d', '1', '1w', '1.5h', '99999999s', ''].map((time) => ({
      args: ['hold', 'joe', '10', '--expires', time],
      message: `--expires: expected a time from 1s to 30d, such as 90s, 15m or 1h, got "${time}"`,
    })),
    { args: ['capture', 'joe'], message: /missing required argument 'hold'/ },
    { args: ['capture', 'joe', 'HOLD'], message: /^hold: .*UUIDv7.*, got "HOLD"$/ },
    { args: ['capture', 'joe', newKey(), '0'], message: /^amount: .*, got "0"$/ },
    { args: ['capture', 'joe', newKey(), '--to', ''], message: /^--to: .*1 to 128 letters.*, got ""$/ },
    { args: ['void', 'joe', newKey(), '10'], message: /too many arguments for 'void'/ },
    { args: ['void', 'joe', newKey(), '--keep'], message: /unknown option '--keep'/ },
    { args: ['holds', 'joe', '--csv', '--json'], message: /--csv.* cannot be used with .*--json/ },
    { args: ['cancel', 'joe', 'order-1'], message: /^key: .*UUIDv7.*, got "order-1"$/ },
    { args: ['-v'], message: /the command is missing/ },
    { args: ['balence', 'joe'], message: /unknown command 'balence' \(Did you mean balance\?\)$/ },
    { args: ['toString'], message: /unknown command 'toString'/ },
    { args: ['balance', 'joe', '--jsn'], message: /unknown option '--jsn' \(Did you mean --json\?\)$/ },
    { args: ['balance', 'joe', '--clients', '3'], message: /unknown option '--clients'/ },
    { args: ['withdraw', 'joe', '1', '--must-exist'], message: /unknown option '--must-exist'/ },
    { args: ['load', '-v'], message: /'--verbose' cannot be used with load/ },
    { args: ['load', '--seed', '-1'], message: /^--seed: expected a whole number from 0 to .*, got "-1"$/ },
    {
      args: ['load', '--clients', '257'],
      message: /^--clients: expected a whole number from 1 to 256, got "257"$/,
    },
    { args: ['load', '--accounts', '1e2'], message: /^--accounts: .*from 1 to 256, got "1e2"$/ },
    { args: ['statement', 'joe', '--limit', '0'], message: /^--limit: .*from 1 to 1000000, got "0"$/ },
    { args: ['statement', 'joe', '--limit', '5', '--all'], message: /--limit.* cannot be used with .*--all/ },
    { args: ['accounts', '--csv', '--json'], message: /--csv.* cannot be used with .*--json/ },
    { args: ['balance', 'joe', '--at', '2026-02-30T00:00:00Z'], message: /^--at: .*RFC 3339\), got "2026/ },
    { args: ['deposit', 'joe', '1', '--reference', ''], message: /^--reference: .*1 to 64 printable ASCII/ },
    { args: ['balance', 'joe', '--bank', 'twinbank'], message: /^--bank: .*--outputs/ },
    {
      args: ['balance', 'joe', '--region', 'us-west-2'],
      message: /^--region: expected us-east-1 or us-east-2, got "us-west-2"$/,
    },
    {
      args: ['balance', 'joe', '--endpoint', 'http://a.example', '--outputs', 'o.json'],
      message: /--endpoint.* cannot be used with .*--outputs/,
    },
  ])('is refused with what is wrong about it: $args', ({ args, message }) => {
    expect(() => read(args)).toThrow(UsageError);
    expect(() => read(args)).toThrow(message);
  });

  test('ends with 2, and says whose help to read', async () => {
    const help = async (...args: string[]) => {
      const { code, stdout, stderr } = await runToEnd(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: [] });
      return stderr.at(-1);
    };
    expect(await help('deposit', 'joe')).toBe('See bank deposit --help.');
    expect(await help('--interval-ms', '1', 'watch', 'joe')).toBe('See bank watch --help.');
    expect(await help('transfer', 'joe')).toBe('See bank transfer --help.');
    expect(await help('borrow', 'joe')).toBe('See bank --help.');
    expect(await help('balance', 'joe', '--endpoint', 'nowhere')).toBe('See bank balance --help.');
    expect(JSON.parse((await help('--json')) ?? '')).toMatchObject({ event: 'error', code: 'usage' });
  });
});
