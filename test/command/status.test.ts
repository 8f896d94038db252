import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLab } from '../support/dynamodb-lab.ts';
import { type HttpRegion, startHttpRegion } from '../support/http-region.ts';
import { newKey } from '../support/keys.ts';
import { jsonOn, runOn } from './in-process.ts';

let region: HttpRegion;
let account: string;

beforeAll(async () => {
  const lab = await createLab();
  region = await startHttpRegion('us-east-1', lab.store, () => Date.now());
});
afterAll(() => region[Symbol.asyncDispose]());
beforeEach(async () => {
  account = `account-${newKey()}`;
  await bank('deposit', account, '10');
});

const bank = (...args: readonly string[]) => runOn(region.url, ...args);
const json = (...args: readonly string[]) => jsonOn(region.url, ...args);

test('freezes and opens an account, and prints its balance and below it what was changed', async () => {
  const key = newKey();
  const freeze = ['status', account, '--debits', 'frozen', '--key', key];
  expect(await bank(...freeze)).toEqual({
    code: 0,
    stdout: ['10', 'frozen for debits'],
    stderr: [`key ${key}`],
  });
  expect((await bank('status', account, '--debits', 'frozen', '--credits', 'frozen')).stdout).toEqual([
    '10',
    'frozen for debits and credits',
  ]);
  expect((await bank('status', account, '--debits', 'open', '--credits', 'frozen')).stdout).toEqual([
    '10',
    'open for debits, frozen for credits',
  ]);
  expect((await bank(...freeze)).stdout, 'the retry').toEqual(['10', 'frozen for debits']);
});

test('shows in the balance, whose first line stays as it was, and in the refusals', async () => {
  await bank('hold', account, '4');
  await bank('status', account, '--debits', 'frozen');

  expect((await bank('balance', account)).stdout).toEqual(['6 (4 held)', 'frozen for debits']);
  const refused = await bank('withdraw', account, '1');
  expect(refused).toMatchObject({ code: 3, stdout: [] });
  expect(refused.stderr.at(-1)).toMatch(/^bank: account frozen: The account is frozen for debits, so 1 /);

  await bank('status', account, '--debits', 'open');
  expect((await bank('balance', account)).stdout).toEqual(['6 (4 held)']);
});

test('is an entry of the statement that says what was changed', async () => {
  await bank('status', account, '--debits', 'frozen', '--credits', 'open', '--reference', 'case 7');

  const [, newest = ''] = (await bank('statement', account)).stdout;
  expect(newest.trim().split(/ {2,}/).slice(2)).toEqual([
    'status frozen for debits, open for credits',
    '0',
    '10',
    'case 7',
  ]);
  const [, values = ''] = (await bank('statement', account, '--csv')).stdout;
  expect(values).toMatch(/,status,.*,frozen,open,,\r$/);
});

test('prints the members that the page names with --json', async () => {
  const key = newKey();
  const at = expect.stringMatching(/^\d{4}-.*Z$/);
  const moved = { account, key, balance: '10', sequence: 2, at, region: 'us-east-1' };
  expect(await json('status', account, '--credits', 'frozen', '--key', key)).toEqual([
    { ...moved, credits: 'frozen', replayed: false },
  ]);
  for (const command of ['outcome', 'cancel']) {
    expect(await json(command, account, key)).toEqual([{ outcome: 'executed', ...moved, credits: 'frozen' }]);
  }
  expect(await json('balance', account)).toMatchObject([{ balance: '10', credits: 'frozen' }]);
  expect(await json('statement', account)).toMatchObject([
    { type: 'status', key, credits: 'frozen', change: '0' },
    { type: 'deposit' },
  ]);
});

test.each([
  { args: [], says: 'status: expected --debits, --credits or both, each with open or frozen' },
  { args: ['--debits', 'shut'], says: '--debits: expected open or frozen, got "shut"' },
  { args: ['--credits', 'open', '--credits', 'open'], says: '--credits: given twice' },
])('ends with 2 and sends nothing where it is not said what to change: $args', async ({ args, says }) => {
  const asked = region.lines.length;
  expect(await bank('status', account, ...args)).toEqual({
    code: 2,
    stdout: [],
    stderr: [`bank: usage: ${says}`, 'See bank status --help.'],
  });
  expect(region.lines).toHaveLength(asked);
});
