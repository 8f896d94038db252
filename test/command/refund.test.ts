import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLab } from '../support/dynamodb-lab.ts';
import { type HttpRegion, startHttpRegion } from '../support/http-region.ts';
import { newKey } from '../support/keys.ts';
import { jsonOn, runOn } from './in-process.ts';

let region: HttpRegion;
let account: string;
let payee: string;

beforeAll(async () => {
  const lab = await createLab();
  region = await startHttpRegion('us-east-1', lab.store, () => Date.now());
});
afterAll(() => region[Symbol.asyncDispose]());
beforeEach(async () => {
  account = `account-${newKey()}`;
  payee = `payee-${newKey()}`;
  await bank('deposit', account, '10');
  await bank('deposit', payee, '1');
});

const bank = (...args: readonly string[]) => runOn(region.url, ...args);
const json = (...args: readonly string[]) => jsonOn(region.url, ...args);

/** Withdraws 6 of the 10. */
async function withdrawn(): Promise<string> {
  const key = newKey();
  await bank('withdraw', account, '6', '--key', key);
  return key;
}

/** Transfers 6 of the 10, and gives the key of the credit, which the payee's statement has. */
async function credited(): Promise<string> {
  await bank('transfer', account, payee, '6');
  const [credit] = await json('statement', payee);
  return String(credit?.['key']);
}

test('refunds a part, then the rest, and `bank outcome` prints the refunded amount', async () => {
  const call = await withdrawn();
  expect(await bank('outcome', account, call)).toMatchObject({ stdout: ['executed 4'] });
  const key = newKey();
  const part = ['refund', account, call, '2', '--key', key];
  expect(await bank(...part)).toEqual({ code: 0, stdout: ['6'], stderr: [`key ${key}`] });
  expect((await bank(...part)).stdout, 'the retry').toEqual(['6']);
  expect((await bank('outcome', account, call)).stdout).toEqual(['executed 4 (2 refunded)']);

  expect((await bank('refund', account, call)).stdout).toEqual(['10']);
  expect((await bank('outcome', account, call)).stdout).toEqual(['executed 4 (6 refunded)']);
  const refused = await bank('refund', account, call, '1');
  expect(refused).toMatchObject({ code: 3, stdout: [] });
  expect(refused.stderr.at(-1)).toMatch(
    /^bank: refund exceeded: Less than 1 of the call was left to refund\./,
  );
});

test('is two entries of the statement: what was asked for, and that the money came', async () => {
  const call = await withdrawn();
  await bank('refund', account, call, '2', '--reference', 'broken');

  const [header = '', ...rows] = (await bank('statement', account, '--limit', '2')).stdout;
  const cells = rows.map((row) => row.trim().split(/ {2,}/).slice(2));
  expect(header).toMatch(/ BALANCE +OTHER +HOLD +CALL +REFERENCE$/);
  expect(cells).toEqual([
    ['refunded', '+2', '6', call],
    ['refund', '0', '4', call, 'broken'],
  ]);
  const [names = '', ended = '', begun = ''] = (await bank('statement', account, '--csv')).stdout;
  expect(names).toMatch(/,credits,call,refund\r$/);
  const [, , key] = begun.split(',');
  expect(begun.endsWith(`,${call},\r`)).toBe(true);
  expect(ended.endsWith(`,${call},${key}\r`)).toBe(true);
});

test('takes back a transfer, which the payer has again, or which comes back to an account whose payer is frozen', async () => {
  const call = await credited();
  expect((await bank('refund', payee, call, '2')).stdout).toEqual(['5']);
  expect((await bank('balance', account)).stdout).toEqual(['6']);

  await bank('status', account, '--credits', 'frozen');
  const refused = await bank('refund', payee, call);
  expect(refused).toMatchObject({ code: 3, stdout: [] });
  expect(refused.stderr.at(-1)).toMatch(/^bank: destination frozen: /);
  const [, returned = ''] = (await bank('statement', payee)).stdout;
  expect(returned).toMatch(/ returned destination_frozen +\+4 +-4 +5 /);
  expect(returned).toContain(call);
});

test('prints the members that the page names with --json', async () => {
  const call = await credited();
  const key = newKey();
  const moved = { account: payee, key, balance: '5', sequence: 4, at: expect.any(String) };
  const refund = { ...moved, call, amount: '2', to: account, region: 'us-east-1' };
  expect(await json('refund', payee, call, '2', '--key', key)).toEqual([{ ...refund, replayed: false }]);
  for (const command of ['outcome', 'cancel']) {
    expect(await json(command, payee, key)).toEqual([{ outcome: 'executed', ...refund }]);
  }
  expect(await json('statement', payee, '--limit', '2')).toMatchObject([
    { type: 'refunded', call, refund: key, amount: '2', other: account },
    { type: 'refund', key, call, amount: '2', other: account },
  ]);
  const withdrawal = await withdrawn();
  await bank('refund', account, withdrawal, '3');
  expect(await json('outcome', account, withdrawal)).toMatchObject([
    { outcome: 'executed', key: withdrawal, refunded: '3' },
  ]);
});

test.each([
  { args: [], says: "missing required argument 'call'" },
  { args: ['order-1'], says: 'call: the key of an entry is a UUID in lower case, got "order-1"' },
  { args: [newKey(), '1.50'], says: 'amount: expected minor units, got "1.50"; in hundredths that is 150' },
])('ends with 2 and sends nothing where it is not said what to refund: $args', async ({ args, says }) => {
  const asked = region.lines.length;
  expect(await bank('refund', account, ...args)).toEqual({
    code: 2,
    stdout: [],
    stderr: [`bank: usage: ${says}`, 'See bank refund --help.'],
  });
  expect(region.lines).toHaveLength(asked);
});
