import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect } from 'vitest';
import { both, buildCommand, KEY_PATTERN, runBank, startBank } from '../support/bank-command.ts';
import { answer } from '../support/behaviours.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { test } from '../support/two-regions.ts';
import { expectDocumented, runToEnd } from './in-process.ts';

beforeAll(buildCommand);

describe('bank', () => {
  test('prints only the balance of a deposit, a withdrawal and a question', async ({ regions }) => {
    expect(await runBank(['deposit', 'joe', '25', ...both(regions)])).toEqual({
      code: 0,
      stdout: '25\n',
      stderr: [expect.stringMatching(`^key ${KEY_PATTERN}$`)],
    });
    expect(await runBank(['withdraw', 'joe', '12', ...both(regions)])).toMatchObject({
      code: 0,
      stdout: '13\n',
    });
    expect(await runBank(['balance', 'joe', ...both(regions)])).toEqual({
      code: 0,
      stdout: '13\n',
      stderr: [],
    });
  });

  test('writes JSON lines on standard error with --json', async ({ regions }) => {
    const { stderr } = await runToEnd(['deposit', 'joe', '25', '--json', '-v', ...both(regions)]);
    expect(stderr.map((line) => JSON.parse(line))).toEqual([
      { event: 'key', key: regions.arrivals[0]?.key },
      { event: 'attempt', endpoint: 'us-east-1', status: 200, durationMs: expect.any(Number) },
    ]);
    expectDocumented('deposit', 'stderr', stderr);
  });

  test('prints a line an attempt with -v: where, how it ended, how long it took', async ({ regions }) => {
    const endpoints = [`us-east-1=${await refusingUrl()}`, `us-east-2=${regions.west.url}`];

    const { code, stdout, stderr } = await runToEnd(['deposit', 'joe', '10', '-v'], {
      environment: { BANK_ENDPOINTS: endpoints.join(', ') },
    });

    expect({ code, stdout }).toEqual({ code: 0, stdout: ['10'] });
    expect(stderr.slice(1)).toEqual([
      expect.stringMatching(/^us-east-1 {2}cannot connect +\d+ ms$/),
      expect.stringMatching(/^us-east-2 {2}replied 200 +\d+ ms$/),
    ]);
  });

  test('prints the waits of a call that no Region answers with -v, in JSON as well', async () => {
    const endpoint = await refusingUrl();
    const args = ['balance', 'joe', '-v', '--timeout-ms', '300', '--endpoint', `us-east-1=${endpoint}`];
    const { stderr } = await runToEnd(args);
    expect(stderr[1]).toMatch(/^ {11}waiting +\d+ ms$/);
    const json = (await runToEnd([...args, '--json'])).stderr;
    expectDocumented('balance', 'stderr', json);
    expect(json.slice(0, 2).map((line) => JSON.parse(line))).toEqual([
      { event: 'attempt', endpoint: 'us-east-1', reason: 'cannot_connect', durationMs: expect.any(Number) },
      { event: 'waiting', delayMs: expect.any(Number) },
    ]);
  });

  test('has the key on standard error before the request arrives', async ({ regions }) => {
    const folder = mkdtempSync(join(tmpdir(), 'bank-'));
    const path = join(folder, 'stderr');
    let seen = '';
    regions.east.next((exchange) => {
      seen = readFileSync(path, 'utf8');
      answer(exchange);
    });
    try {
      // A file shows what was written before the request. A pipe could deliver it later.
      const stdio = ['ignore', 'ignore', openSync(path, 'w')] as const;
      await startBank(['deposit', 'joe', '10', ...both(regions)], { stdio: [...stdio] }).ended;
    } finally {
      rmSync(folder, { recursive: true });
    }

    expect(seen).toBe(`key ${regions.arrivals[0]?.key}\n`);
  });

  test('sends credentials of the environment to no http endpoint', async ({ regions }) => {
    await runBank(['deposit', 'joe', '10', ...both(regions)], {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'a-secret',
      AWS_SESSION_TOKEN: 'a-token',
    });

    const sent = JSON.stringify(regions.arrivals);
    expect(regions.arrivals).toHaveLength(1);
    expect(sent).not.toMatch(/AKIDEXAMPLE|a-secret|a-token|authorization/i);
  });
});
