import { expect } from 'vitest';
import { newKey } from '../support/keys.ts';
import { HOLD } from '../support/operation-examples.ts';
import { test } from './example-bank.ts';
import { expectDocumented } from './in-process.ts';

test('a command that asks, cancels or fails prints the members that the page names, and no others', async ({
  bank,
}) => {
  const region = 'us-east-1';
  const [unused, refused] = [newKey(), newKey()];
  const none = { outcome: 'none', account: 'joe', key: unused, region };
  expect(await bank.json('outcome', 'joe', unused)).toEqual([none]);
  expect(await bank.json('balance', 'joe')).toEqual([{ account: 'joe', balance: '15', held: '10', region }]);
  expect(await bank.json('cancel', 'joe', newKey())).toMatchObject([{ outcome: 'cancelled', region }]);

  const error = async (command: string, ...args: readonly string[]) => {
    const { stdout, stderr } = await bank.run(command, ...args, '--json', '-v');
    expect(stdout).toEqual([]);
    expectDocumented(command, 'stderr', stderr);
    return JSON.parse(stderr.at(-1) ?? '');
  };
  const refusal = { event: 'error', code: 'not_enough_money', key: refused };
  expect(await error('withdraw', 'joe', '16', '--key', refused)).toMatchObject(refusal);
  const [outcome] = await bank.json('outcome', 'joe', refused);
  expect(outcome).toMatchObject({ outcome: 'refused', code: 'not_enough_money' });
  expect(await error('balance', 'nobody')).toMatchObject({ event: 'error', code: 'no_such_account' });
  expect(await error('deposit', 'joe')).toMatchObject({ event: 'error', code: 'usage' });
  await bank.run('void', 'joe', HOLD);
  expect(await error('capture', 'joe', HOLD)).toMatchObject({ event: 'error', code: 'hold_voided' });
});

test('a statement names the other account of a transfer, and shows how a hold ended', async ({ bank }) => {
  await bank.run('transfer', 'joe', 'ann', '5');
  const part = ['capture', 'joe', HOLD, '4', '--keep', '--to', 'ann'] as const;
  expect(await bank.json(...part)).toMatchObject([{ hold: HOLD, amount: '4', to: 'ann', balance: '10' }]);
  expect(await bank.json('void', 'joe', HOLD)).toMatchObject([{ amount: '6', balance: '16', held: '0' }]);
  const [payer, payee] = [await bank.json('statement', 'joe'), await bank.json('statement', 'ann')];

  const rows = (entries: typeof payer) =>
    entries.map(({ type, change, heldChange = '', other = '' }) => [type, change, heldChange, other]).sort();
  expect(rows(payer)).toEqual([
    ['capture', '0', '', 'ann'],
    ['deposit', '31', '', ''],
    ['hold', '-10', '10', ''],
    ['settled', '0', '-4', 'ann'],
    ['settled', '0', '-5', 'ann'],
    ['transfer', '-5', '5', 'ann'],
    ['void', '6', '-6', ''],
    ['withdrawal', '-6', '', ''],
  ]);
  expect(rows(payee)).toEqual([
    ['credit', '4', '', 'joe'],
    ['credit', '5', '', 'joe'],
    ['deposit', '1', '', ''],
  ]);
  const named = (entries: typeof payer, name: string, ...types: readonly string[]) =>
    entries
      .filter(({ type }) => types.includes(String(type)))
      .map(({ [name]: value }) => value)
      .sort();
  expect(named(payee, 'transfer', 'credit')).toEqual(named(payer, 'key', 'transfer', 'capture'));
  expect(named(payee, 'key', 'credit')).toEqual(named(payer, 'key', 'settled'));
  expect(named(payer, 'hold', 'hold', 'capture', 'void')).toEqual([HOLD, HOLD, HOLD]);
});
