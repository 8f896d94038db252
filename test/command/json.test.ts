import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createLab } from '../support/dynamodb-lab.ts';
import { type HttpRegion, startHttpRegion } from '../support/http-region.ts';
import { newKey } from '../support/keys.ts';
import { expectDocumented, runHere, UNHURRIED } from './in-process.ts';

let region: HttpRegion;
beforeAll(async () => {
  const lab = await createLab();
  region = await startHttpRegion('us-east-1', lab.store, () => Date.now());
});
afterAll(() => region[Symbol.asyncDispose]());

type One =
  | 'deposit'
  | 'withdraw'
  | 'transfer'
  | 'hold'
  | 'capture'
  | 'void'
  | 'holds'
  | 'balance'
  | 'outcome'
  | 'cancel';

/** Runs a command with `--json` and gives what it printed, which has been held against the page of the command. */
async function json(command: One, ...args: string[]): Promise<Record<string, unknown>> {
  const line = [command, ...args, '--json', '-v', '--endpoint', `us-east-1=${region.url}`];
  const run = runHere(line, { world: UNHURRIED });
  const code = await run.code;
  expectDocumented(command, 'stdout', run.stdout);
  expectDocumented(command, 'stderr', run.stderr);
  expect(run.stdout.length).toBe(code === 0 ? 1 : 0);
  return JSON.parse(run.stdout[0] ?? run.stderr.at(-1) ?? '');
}

test('every command that makes one call prints the members that the page names, and no others', async () => {
  const key = newKey();
  const at = expect.stringMatching(/^\d{4}-.*Z$/);
  const moved = { account: 'joe', key, balance: '10', sequence: 1, at, region: 'us-east-1' };
  expect(await json('outcome', 'joe', key)).toEqual({
    outcome: 'none',
    account: 'joe',
    key,
    region: 'us-east-1',
  });
  expect(await json('deposit', 'joe', '10', '--key', key)).toEqual({ ...moved, replayed: false });
  expect(await json('outcome', 'joe', key)).toEqual({ outcome: 'executed', ...moved });
  expect(await json('cancel', 'joe', key)).toEqual({ outcome: 'executed', ...moved });
  expect(await json('balance', 'joe')).toEqual({
    account: 'joe',
    balance: '10',
    held: '0',
    region: 'us-east-1',
  });

  const refused = newKey();
  const refusal = { event: 'error', code: 'not_enough_money', key: refused };
  expect(await json('withdraw', 'joe', '11', '--key', refused)).toMatchObject(refusal);
  expect(await json('outcome', 'joe', refused)).toMatchObject({
    outcome: 'refused',
    code: 'not_enough_money',
  });
  expect(await json('cancel', 'joe', newKey())).toMatchObject({ outcome: 'cancelled', region: 'us-east-1' });
  expect(await json('balance', 'nobody')).toMatchObject({ event: 'error', code: 'no_such_account' });
  expect(await json('deposit', 'joe')).toMatchObject({ event: 'error', code: 'usage' });
});

test('and so does every command that transfers or holds money', async () => {
  const [transfer, hold, capture] = [newKey(), newKey(), newKey()];
  await json('deposit', 'max', '100');
  await json('deposit', 'ann', '1');
  expect(await json('transfer', 'max', 'ann', '10', '--key', transfer)).toMatchObject({
    to: 'ann',
    balance: '90',
  });
  expect(await json('outcome', 'max', transfer)).toMatchObject({ outcome: 'executed', to: 'ann' });
  expect(await json('hold', 'max', '50', '--key', hold)).toMatchObject({ balance: '40', held: '50' });
  const part = await json('capture', 'max', hold, '20', '--keep', '--to', 'ann', '--key', capture);
  expect(part).toMatchObject({ hold, amount: '20', to: 'ann', balance: '40' });
  expect(await json('holds', 'max')).toMatchObject({ hold, amount: '50', remaining: '30' });
  expect(await json('void', 'max', hold)).toMatchObject({ hold, amount: '30', balance: '70', held: '0' });
  expect(await json('cancel', 'max', capture)).toMatchObject({ outcome: 'executed', hold, amount: '20' });
  expect(await json('capture', 'max', hold)).toMatchObject({ event: 'error', code: 'hold_voided' });
  expect(await json('balance', 'ann')).toMatchObject({ balance: '31', held: '0' });
});

// Of the calls above.
test('a statement names the other account of a transfer, and shows how a hold ended', async () => {
  const entriesOf = async (account: string) => {
    const args = ['statement', account, '--json', '--endpoint', `us-east-1=${region.url}`];
    const run = runHere(args, { world: UNHURRIED });
    expect(await run.code).toBe(0);
    expectDocumented('statement', 'stdout', run.stdout);
    return run.stdout.map((line): Record<string, string> => JSON.parse(line));
  };
  // A payer may be answered before the end of its transfer is in its book.
  const payer = await vi.waitFor(async () => {
    const entries = await entriesOf('max');
    expect(entries).toHaveLength(7);
    return entries;
  });
  const payee = await entriesOf('ann');

  const rows = (entries: typeof payer) =>
    entries.map(({ type, change, heldChange = '', other = '' }) => [type, change, heldChange, other]).sort();
  expect(rows(payer)).toEqual([
    ['capture', '0', '', 'ann'],
    ['deposit', '100', '', ''],
    ['hold', '-50', '50', ''],
    ['settled', '0', '-10', 'ann'],
    ['settled', '0', '-20', 'ann'],
    ['transfer', '-10', '10', 'ann'],
    ['void', '30', '-30', ''],
  ]);
  expect(rows(payee)).toEqual([
    ['credit', '10', '', 'max'],
    ['credit', '20', '', 'max'],
    ['deposit', '1', '', ''],
  ]);
  const named = (entries: typeof payer, name: string, ...types: readonly string[]) =>
    entries
      .filter(({ type = '' }) => types.includes(type))
      .map(({ [name]: value }) => value)
      .sort();
  expect(named(payee, 'transfer', 'credit')).toEqual(named(payer, 'key', 'transfer', 'capture'));
  expect(named(payee, 'key', 'credit')).toEqual(named(payer, 'key', 'settled'));
  const [hold] = named(payer, 'key', 'hold');
  expect(named(payer, 'hold', 'hold', 'capture', 'void')).toEqual([hold, hold, hold]);
});
