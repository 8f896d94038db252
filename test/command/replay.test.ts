import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLab } from '../support/dynamodb-lab.ts';
import { type HttpRegion, startHttpRegion } from '../support/http-region.ts';
import { newKey } from '../support/keys.ts';
import { runHere, UNHURRIED } from './in-process.ts';

let region: HttpRegion;
beforeAll(async () => {
  const { store } = await createLab();
  region = await startHttpRegion('us-east-1', store, () => Date.now());
});
afterAll(() => region[Symbol.asyncDispose]());

/** Runs a command and gives what it printed. */
async function bank(...args: readonly string[]) {
  const { stdout, stderr, code } = runHere([...args, '--endpoint', `us-east-1=${region.url}`], {
    world: UNHURRIED,
  });
  return { code: await code, stdout, stderr };
}

const REPLAYED = 'replayed: this reply was already recorded under the key';

it('a replay prints the same number as the first call, and standard error says what it is', async () => {
  const key = newKey();
  const deposit = ['deposit', 'joe', '20', '--key', key];
  expect(await bank(...deposit)).toEqual({ code: 0, stdout: ['20'], stderr: [`key ${key}`] });
  expect(await bank(...deposit)).toEqual({ code: 0, stdout: ['20'], stderr: [`key ${key}`, REPLAYED] });
});

it('a replay of a refusal says so below the refusal', async () => {
  const key = newKey();
  const withdrawal = ['withdraw', 'joe', '999', '--key', key];
  const { stderr, ...first } = await bank(...withdrawal);
  expect(first).toEqual({ code: 3, stdout: [] });
  expect(stderr).toEqual([`key ${key}`, expect.stringMatching(/^bank: not enough money: /)]);
  expect(await bank(...withdrawal)).toEqual({ ...first, stderr: [...stderr, REPLAYED] });
});

it('--json says whether a deposit, a withdrawal or a refusal is a replay, and prints no line beside', async () => {
  const [key, refused] = [newKey(), newKey()];
  for (const replayed of [false, true]) {
    const moved = await bank('deposit', 'ann', '20', '--key', key, '--json');
    expect(JSON.parse(moved.stdout.join())).toMatchObject({ balance: '20', replayed });
    expect(moved.stderr).toHaveLength(1);
    const { stdout, stderr } = await bank('withdraw', 'ann', '21', '--key', refused, '--json');
    expect(stdout).toEqual([]);
    const refusal = { event: 'error', code: 'not_enough_money', message: expect.any(String), key: refused };
    expect(JSON.parse(stderr[1] ?? '')).toEqual({ ...refusal, ...(replayed ? { replayed } : {}) });
    expect(stderr).toHaveLength(2);
  }
});
