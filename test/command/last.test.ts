import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { both, buildCommand, runBank } from '../support/bank-command.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { test } from '../support/two-regions.ts';

let home: string;
beforeAll(buildCommand);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bank-last-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** Runs the command for a user with a home folder. */
const bank = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  runBank(args, { HOME: home, ...environment });

test('--last finishes the call before, with its key, in any of its Regions', async ({ regions }) => {
  const deposit = ['deposit', 'joe', '20'];
  expect((await bank([...deposit, '--endpoint', await refusingUrl(), ...both(regions)])).stdout).toBe('20\n');
  const again = await bank([...deposit, '--last', ...both(regions)]);
  expect(again).toMatchObject({ code: 0, stdout: '20\n' });
  expect(again.stderr.at(-1)).toMatch(/^replayed from .* balance now 20$/);
  const [first, second] = regions.arrivals;
  expect(second?.key).toBe(first?.key);
  expect(regions.bank.executions).toHaveLength(1);
});

test('the key is stored before the call is sent, and only the user can read it', async ({ regions }) => {
  const file = join(home, '.local', 'state', 'twinbank', 'last.json');
  const dead = await refusingUrl();
  const { code, stderr } = await bank([
    ...['deposit', 'joe', '20', '--timeout-ms', '300', '--endpoint', dead],
  ]);
  expect(code).not.toBe(0);
  expect(stderr[0]).toBe(`key ${JSON.parse(readFileSync(file, 'utf8')).key}`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await bank(['withdraw', 'joe', '1', ...both(regions)]);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ kind: 'withdraw', account: 'joe' });
});

test('--last refuses another command, account, bank and amount', async ({ regions }) => {
  await bank(['deposit', 'joe', '20', ...both(regions)]);
  const refused = async (...args: string[]) => {
    const { code, stderr } = await bank([...args, '--last']);
    return `${code} ${stderr.find((line) => line.startsWith('bank: '))}`;
  };
  const wasLast = '2 bank: usage: --last: the last call was deposit joe. Repeat that command, or use --key';
  expect(await refused('withdraw', 'joe', '20', ...both(regions))).toBe(wasLast);
  expect(await refused('deposit', 'ann', '20', ...both(regions))).toBe(wasLast);
  expect(await refused('deposit', 'joe', '20')).toMatch(/^2 .* the last call went to another bank, at http/);
  expect(await refused('deposit', 'joe', '21', ...both(regions))).toMatch(/^3 bank: key reused: /);
  expect(regions.bank.executions).toHaveLength(1);
});

test('--last says where it looked when no call is stored, and the state has its own folder where one is set', async () => {
  const state = join(home, 'state');
  const { code, stderr } = await bank(['deposit', 'joe', '20', '--last'], { XDG_STATE_HOME: state });
  expect({ code, first: stderr[0] }).toEqual({
    code: 2,
    first: `bank: usage: --last: no call is stored in ${join(state, 'twinbank', 'last.json')}`,
  });
});

test('a call goes on, and warns, where its key cannot be stored', async ({ regions }) => {
  const file = join(home, 'file');
  writeFileSync(file, '');
  const { code, stdout, stderr } = await bank(['deposit', 'joe', '20', ...both(regions)], { HOME: file });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '20\n' });
  expect(stderr[0]).toMatch(/^bank: the key could not be stored for --last: ENOTDIR/);
  expect((await runBank(['deposit', 'joe', '20', ...both(regions)])).stderr).toHaveLength(1);
  expect(existsSync(join(home, '.local'))).toBe(false);
});
