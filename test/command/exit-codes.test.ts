import { existsSync, openSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { both, buildCommand, KEY_PATTERN, runBank, startBank } from '../support/bank-command.ts';
import { answer, drop, hang, loseReply, refuse } from '../support/behaviours.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { keyAt } from '../support/keys.ts';
import { startTwoRegions } from '../support/two-regions.ts';

beforeAll(buildCommand);

describe('the exit code', () => {
  it('is 3 when the bank refuses, and nothing is on standard output', async () => {
    await using regions = await startTwoRegions();

    const { code, stdout, stderr } = await runBank(['withdraw', 'joe', '12', ...both(regions)]);

    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr.at(-1)).toMatch(/^bank: no such account: /);
    expect(await runBank(['balance', 'joe', ...both(regions)])).toMatchObject({ code: 3, stdout: '' });
  });

  it('is 4 when the outcome is unknown; the same command with --key settles it, and it takes effect once', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = loseReply;
    const command = ['deposit', 'joe', '10', '--endpoint', regions.east.url];

    const lost = await runBank([...command, '--timeout-ms', '300']);
    const [, key = ''] = new RegExp(`--key (${KEY_PATTERN})$`).exec(lost.stderr.at(-1) ?? '') ?? [];
    expect(lost).toMatchObject({ code: 4, stdout: '' });
    expect(lost.stderr[0]).toBe(`key ${key}`);

    regions.east.usually = answer;
    expect(await runBank([...command, '--key', key])).toMatchObject({ code: 0, stdout: '10\n' });
    expect(await runBank([...command, '--key', key.toUpperCase()])).toMatchObject({
      code: 0,
      stdout: '10\n',
    });
    expect(regions.bank.executions).toHaveLength(1);
  });

  it('is 4, with the key, when the user interrupts a call in flight', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = hang;
    const { child, ended } = startBank([
      'deposit',
      'joe',
      '10',
      '-v',
      '--timeout-ms',
      '60000',
      ...both(regions),
    ]);
    const { key } = await regions.east.received(1);
    child.kill('SIGINT');

    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr[0]).toBe(`key ${key}`);
    expect(stderr.at(-1)).toContain(`--key ${key}`);
    expect(stderr.join('\n')).not.toContain('timeout');
    expect(regions.arrivals).toHaveLength(1);
  });

  it('is 5 when the bank is unavailable and certainly nothing was executed', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = refuse('unavailable', { executed: false });
    const endpoints = [
      '--endpoint',
      regions.east.url,
      '--endpoint',
      await refusingUrl(),
      '--timeout-ms',
      '300',
    ];

    const { code, stdout, stderr } = await runBank(['deposit', 'joe', '10', ...endpoints]);
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    // Whoever had retried an unknown outcome with this key must not take a new one now.
    expect(stderr.at(-1)).toBe(`To try again, keep the key: --key ${regions.arrivals[0]?.key}`);
    expect(regions.bank.executions).toEqual([]);
    regions.east.usually = drop;
    expect(await runBank(['balance', 'joe', ...endpoints])).toMatchObject({ code: 5, stdout: '' });
  });

  it.runIf(existsSync('/dev/full'))(
    'is 1 when the answer cannot be written; the key tells it to whoever asks again',
    async () => {
      await using regions = await startTwoRegions();
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

  it('is that of the call when nobody reads what the command writes', async () => {
    await using regions = await startTwoRegions();
    const { child, ended } = startBank(['deposit', 'joe', '10', ...both(regions)]);
    child.stdout?.destroy();

    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: [`key ${regions.arrivals[0]?.key}`] });

    const deaf = startBank(['withdraw', 'joe', '11', ...both(regions)]);
    deaf.child.stderr?.destroy();
    expect(await deaf.ended).toMatchObject({ code: 3, stdout: '' });
  });

  it.each([
    { name: 'nothing', args: [] },
    { name: 'an unknown operation', args: ['transfer', 'joe', '10'] },
    { name: 'no account', args: ['deposit'] },
    { name: 'no amount', args: ['deposit', 'joe'] },
    { name: 'an account that will not do', args: ['deposit', '../joe', '10'] },
    { name: 'a negative amount', args: ['deposit', 'joe', '-10'] },
    { name: 'half an amount', args: ['deposit', 'joe', '1.5'] },
    { name: 'too large an amount', args: ['deposit', 'joe', '1000000000000000'] },
    { name: 'too much', args: ['deposit', 'joe', '10', '20'] },
    { name: 'an amount for a balance', args: ['balance', 'joe', '10'] },
    { name: 'a key for a balance', args: ['balance', 'joe', '--key', keyAt(0)] },
    { name: 'a key that is no UUIDv7', args: ['deposit', 'joe', '10', '--key', 'order-1'] },
    { name: 'an unknown option', args: ['deposit', 'joe', '10', '--fast'] },
    { name: 'an endpoint that is no URL', args: ['deposit', 'joe', '10', '--endpoint', 'nowhere'] },
    { name: 'a time that is none', args: ['deposit', 'joe', '10', '--timeout-ms', 'soon'] },
  ])('is 2 when the command line is wrong, and nothing is sent: $name', async ({ args }) => {
    await using regions = await startTwoRegions();
    const environment = { BANK_ENDPOINTS: regions.east.url };

    const { code, stdout, stderr } = await runBank(args, environment);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr[0]).toMatch(/^bank: usage: /);
    expect(stderr.at(-1)).toMatch(/^See bank( (deposit|balance))? --help\.$/);

    const [line = '', ...others] = (await runBank([...args, '--json'], environment)).stderr;
    expect(others).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({ event: 'error', code: 'usage' });
    expect(regions.arrivals).toEqual([]);
  });
});
