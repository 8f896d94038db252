import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { NoCredentialsError } from '../../client/command/credentials.ts';
import { openTerminal } from '../../client/command/terminal.ts';
import {
  choiceOption,
  exitCodeOf,
  numberOption,
  parse,
  program,
  seedOption,
  textOption,
  UsageError,
  wholeOption,
} from '../../infra/tools/program.ts';

const read = (...words: readonly string[]) =>
  parse<object>(
    program('npm run it --', 'Does it.')
      .addOption(wholeOption('--clients <number>', 'how many', 1, 256).default(8))
      .addOption(numberOption('--minutes <number>', 'how long', 0.1, 60))
      .addOption(choiceOption('--fault <fault>', 'what fails', ['function', 'none']))
      .addOption(textOption('--to <prefix>', 'the bank'))
      .addOption(seedOption()),
    words,
  );

describe('the options of a program', () => {
  test('are read as numbers and names, with defaults', () => {
    expect(read()).toEqual({ clients: 8 });
    expect(
      read('--clients=256', '--minutes', '0.1', '--fault', 'none', '--to', 'b', '--seed', '2147483647'),
    ).toEqual({ clients: 256, minutes: 0.1, fault: 'none', to: 'b', seed: 2_147_483_647 });
  });

  test.each([
    [['--clients', 'x'], '--clients: expected a whole number from 1 to 256, got "x"'],
    [['--clients', '257'], '--clients: expected a whole number from 1 to 256, got "257"'],
    [['--clients', '1.5'], '--clients: expected a whole number from 1 to 256, got "1.5"'],
    [['--minutes', '0'], '--minutes: expected a number from 0.1 to 60, got "0"'],
    [['--minutes', '1e1'], '--minutes: expected a number from 0.1 to 60, got "1e1"'],
    [['--seed', '2147483648'], '--seed: expected a whole number from 0 to 2147483647, got "2147483648"'],
    [['--fault', 'fire'], '--fault: expected one of function, none, got "fire"'],
    [['--to', ''], '--to: expected a name, got ""'],
    [['--to'], "option '--to <prefix>' argument missing (--help lists the options)"],
    [['--loud'], "unknown option '--loud' (--help lists the options)"],
    [['more'], 'too many arguments. Expected 0 arguments but got 1. (--help lists the options)'],
  ])('are refused with what was expected: %j', (words, message) => {
    expect(() => read(...words)).toThrow(new UsageError(message));
  });
});

test('ends with 2 when the command line is not valid or there are no credentials, with 1 after anything else', () => {
  expect(exitCodeOf(new NoCredentialsError('there are none'))).toBe(2);
  expect(exitCodeOf(Object.assign(new Error('none'), { name: 'CredentialsProviderError' }))).toBe(2);
  expect(exitCodeOf(new UsageError('--to is missing'))).toBe(2);
  expect(exitCodeOf(new Error('the disk is full'))).toBe(1);
  expect(exitCodeOf(null)).toBe(1);
});

test('goes on when the reader of its output has gone', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'infra/tools/audit.ts', '--help']);
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('shows progress on one line of a terminal, cut to its width, and nowhere else', () => {
  const written: string[] = [];
  const write = (text: string) => written.push(text);
  const progressOn = (terminal: { isTTY?: boolean; columns?: number }) =>
    openTerminal({ write }, { ...terminal, write }).progress;
  progressOn({ isTTY: true, columns: 6 })('10 of 20');
  progressOn({ isTTY: true })('');
  progressOn({})('10 of 20');
  expect(written).toEqual(['\r\x1b[K10 of', '\r\x1b[K']);
});
