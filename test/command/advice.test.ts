import { expect, test } from 'vitest';
import { adviceOn } from '../../client/command/fail.ts';
import { paintFor } from '../../client/command/terminal.ts';
import type { FailureReason } from '../../client/failure.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { expectDocumented, ONE_ROUND, runToEnd } from './in-process.ts';

test('a local bank that is not there is answered with how to start one', async () => {
  const url = await refusingUrl();
  const args = ['balance', 'joe', '--endpoint', `us-east-1=${url}`];
  const { code, stdout, stderr } = await runToEnd(args, { world: ONE_ROUND });
  expect({ code, stdout }).toEqual({ code: 5, stdout: [] });
  expect(stderr).toEqual([
    expect.stringMatching(/^bank: unavailable: .*us-east-1: cannot connect/),
    `No server listens at ${url}. Start a bank with npm start, or set its address with --endpoint.`,
  ]);

  const json = await runToEnd([...args, '--json'], { world: ONE_ROUND });
  expectDocumented('balance', 'stderr', json.stderr);
  expect(JSON.parse(json.stderr[0] ?? '')).toMatchObject({
    event: 'error',
    code: 'unavailable',
    advice: stderr[1],
  });
});

test('a bank elsewhere that cannot be reached is not one to be started here', () => {
  const failure = (url: string, reason: FailureReason = 'cannot_connect') => ({
    endpoint: { url, name: url, region: undefined },
    reason,
    executed: 'no' as const,
    cause: undefined,
  });
  const [near, far] = [failure('http://[::1]:3020'), failure('https://bank.example')];
  expect(adviceOn([near, near])).toEqual([
    expect.stringMatching(/^No server listens at http:\S+\. Start a bank/),
  ]);
  expect(adviceOn([near, far])).toEqual([
    'Check the network and the address http://[::1]:3020 and https://bank.example. --endpoint or --outputs sets the address.',
  ]);
  expect(adviceOn([near, failure('http://[::1]:3030', 'timed_out')])).toEqual([]);
  expect(adviceOn([])).toEqual([]);
});

test('colour is only on a terminal, and not where NO_COLOR is set', () => {
  const paint = (isTerminal: boolean, environment: NodeJS.ProcessEnv) =>
    paintFor(isTerminal, environment)('bad', 'no');
  expect(paint(true, {})).toBe('\x1b[31mno\x1b[0m');
  expect(paint(true, { NO_COLOR: '' })).toBe('\x1b[31mno\x1b[0m');
  expect(paint(true, { NO_COLOR: '1' })).toBe('no');
  expect(paint(true, { TERM: 'dumb' })).toBe('no');
  expect(paint(false, { FORCE_COLOR: '1', TERM: 'xterm-256color' })).toBe('no');
});
