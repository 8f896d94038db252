import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCommand, runBank } from '../support/bank-command.ts';
import { createLab, type Lab } from '../support/dynamodb-lab.ts';
import { type HttpRegion, startHttpRegion } from '../support/http-region.ts';
import { newKey } from '../support/keys.ts';

let lab: Lab;
let region: HttpRegion;

beforeAll(async () => {
  await buildCommand();
  lab = await createLab();
  region = await startHttpRegion('us-east-1', lab.store, () => Date.now());
});
afterAll(() => region[Symbol.asyncDispose]());

const bank = (...args: string[]) => runBank([...args, '--endpoint', `us-east-1=${region.url}`]);
const keyIn = (stderr: readonly string[]) => stderr[0]?.replace(/^key /, '') ?? '';

test('bank outcome prints how the call of a key ended: executed, refused, cancelled or none', async () => {
  const deposit = await bank('deposit', 'joe', '10');
  const refusal = await bank('withdraw', 'joe', '99');
  expect(await bank('outcome', 'joe', keyIn(deposit.stderr))).toEqual({
    code: 0,
    stdout: 'executed 10\n',
    stderr: [],
  });
  expect(await bank('outcome', 'joe', keyIn(refusal.stderr))).toMatchObject({
    code: 0,
    stdout: 'refused not_enough_money\n',
  });
  expect(await bank('outcome', 'joe', newKey())).toMatchObject({ code: 0, stdout: 'none\n' });
});

test('bank cancel cancels the key, or prints the reply of the call', async () => {
  const deposit = await bank('deposit', 'ann', '10');
  expect(await bank('cancel', 'ann', keyIn(deposit.stderr))).toMatchObject({
    code: 0,
    stdout: 'executed 10\n',
  });
  const key = newKey();
  expect(await bank('cancel', 'ann', key)).toEqual({ code: 0, stdout: 'cancelled\n', stderr: [] });
  const late = await bank('withdraw', 'ann', '5', '--key', key);
  expect(late).toMatchObject({ code: 3, stdout: '' });
  expect(late.stderr).toContainEqual(expect.stringMatching(/^bank: cancelled: The key was cancelled/));
});

test('keeps the replies of the calls it made, so that a retry by hand is answered and not executed', async () => {
  const { stderr } = await bank('deposit', 'kim', '10');
  expect(await bank('deposit', 'kim', '10', '--key', keyIn(stderr))).toMatchObject({ stdout: '10\n' });
  expect(await bank('balance', 'kim')).toMatchObject({ stdout: '10\n' });
});
