import { afterAll, beforeAll, expect, it } from 'vitest';
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

type One = 'deposit' | 'withdraw' | 'balance' | 'outcome' | 'cancel';

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

it('every command that makes one call prints the members that the page names, and no others', async () => {
  const key = newKey();
  const at = expect.stringMatching(/^\d{4}-.*Z$/);
  const moved = { account: 'joe', key, balance: '10', sequence: 1, at, region: 'us-east-1' };
  expect(await json('outcome', 'joe', key)).toEqual({ outcome: 'none', account: 'joe', key });
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
