import { existsSync, openSync } from 'node:fs';
import { beforeAll, describe, expect } from 'vitest';
import { both, buildCommand, KEY_PATTERN, startBank } from '../support/bank-command.ts';
import { answer, drop, hang, loseReply, refuse } from '../support/behaviours.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { test } from '../support/two-regions.ts';
import { ONE_ROUND, runToEnd } from './in-process.ts';

beforeAll(buildCommand);

describe('the exit code', () => {
  test('is 4 when the outcome is unknown, which the command with --key resolves', async ({ regions }) => {
    regions.east.usually = loseReply;
    const command = ['deposit', 'joe', '10', '--endpoint', regions.east.url];

    const lost = await runToEnd(command, { world: ONE_ROUND });
    expect(lost).toMatchObject({ code: 4, stdout: [] });
    const [, key = ''] = new RegExp(`--key (${KEY_PATTERN})$`).exec(lost.stderr.at(-1) ?? '') ?? [];
    expect(lost.stderr[0]).toBe(`key ${key}`);

    regions.east.usually = answer;
    for (const given of [key, key.toUpperCase()]) {
      expect(await runToEnd([...command, '--key', given])).toMatchObject({ code: 0, stdout: ['10'] });
    }
    expect(regions.bank.executions).toHaveLength(1);
  });

  test.for([
    ['the user interrupts', 'SIGINT'],
    ['a program like timeout ends', 'SIGTERM'],
    ['the end of the terminal ends', 'SIGHUP'],
  ] as const)('is 4, with the key, when %s a call in flight', async ([, signal], { regions }) => {
    regions.east.usually = hang;
    const deposit = ['deposit', 'joe', '10', '-v', '--timeout-ms', '60000'];
    const { child, ended } = startBank([...deposit, ...both(regions)]);
    const { key } = await regions.east.received(1);
    child.kill(signal);

    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr[0]).toBe(`key ${key}`);
    expect(stderr.at(-1)).toContain(`--key ${key}`);
    expect(stderr.join('\n')).not.toContain('timeout');
    expect(regions.arrivals).toHaveLength(1);
  });

  test('is 5 when the bank is unavailable and certainly nothing was executed', async ({ regions }) => {
    regions.east.usually = refuse('unavailable', { executed: false });
    const endpoints = ['--endpoint', regions.east.url, '--endpoint', await refusingUrl()];
    const command = (...args: readonly string[]) => runToEnd([...args, ...endpoints], { world: ONE_ROUND });

    const deposit = await command('deposit', 'joe', '10');
    expect(deposit).toMatchObject({ code: 5, stdout: [] });
    // A caller that retried an unknown outcome with this key must keep the key.
    expect(deposit.stderr.at(-1)).toBe(`To try again, keep the key: --key ${regions.arrivals[0]?.key}`);
    expect(regions.bank.executions).toEqual([]);
    regions.east.usually = drop;
    expect(await command('balance', 'joe')).toMatchObject({ code: 5, stdout: [] });
  });

  test.runIf(existsSync('/dev/full'))(
    'is 1 when the answer cannot be written; a retry with the key gets it',
    async ({ regions }) => {
      const stdio = ['ignore', openSync('/dev/full', 'w'), 'pipe'] as const;
      const { code, stderr } = await startBank(['deposit', 'joe', '10', ...both(regions)], {
        stdio: [...stdio],
      }).ended;

      expect(code).toBe(1);
      expect(stderr).toHaveLength(2);
      expect(stderr[1]).toMatch(/^bank: failed: the output could not be written: .*ENOSPC/);
      expect(regions.bank.balanceOf('joe')).toBe(10n);
    },
  );

  test('is that of the call when the output of the command is closed', async ({ regions }) => {
    const { child, ended } = startBank(['deposit', 'joe', '10', ...both(regions)]);
    child.stdout?.destroy();

    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: [`key ${regions.arrivals[0]?.key}`] });

    const deaf = startBank(['withdraw', 'joe', '11', ...both(regions)]);
    deaf.child.stderr?.destroy();
    expect(await deaf.ended).toMatchObject({ code: 3, stdout: '' });
  });
});
