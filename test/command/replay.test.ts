import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Environment } from '../../client/environment.ts';
import { createLab } from '../support/dynamodb-lab.ts';
import { type HttpRegion, startHttpRegion } from '../support/http-region.ts';
import { newKey } from '../support/keys.ts';
import { runHere, UNHURRIED } from './in-process.ts';

let region: HttpRegion;
/** Time that has passed for the bank alone. */
let passedMs = 0;
beforeAll(async () => {
  const { store } = await createLab();
  region = await startHttpRegion('us-east-1', store, () => Date.now() + passedMs);
});
afterAll(() => region[Symbol.asyncDispose]());

/** Runs a command and gives what it printed. */
async function bank(...args: readonly string[]) {
  return await bankIn(UNHURRIED, ...args);
}

async function bankIn(world: Environment, ...args: readonly string[]) {
  const { stdout, stderr, code } = runHere([...args, '--endpoint', `us-east-1=${region.url}`], { world });
  return { code: await code, stdout, stderr };
}

const REPLAYED = 'replayed: this reply was already recorded under the key';
const MOVED_BEFORE = `${REPLAYED}, before this call, which moved nothing`;

test('a replay prints the same number as the first call, and standard error says what it is', async () => {
  const key = newKey();
  const deposit = ['deposit', 'joe', '20', '--key', key];
  expect(await bank(...deposit)).toEqual({ code: 0, stdout: ['20'], stderr: [`key ${key}`] });
  expect(await bank(...deposit)).toEqual({ code: 0, stdout: ['20'], stderr: [`key ${key}`, REPLAYED] });
});

test('a replay is said to have moved nothing when its entry is older than the call by the clock of the bank', async () => {
  const key = newKey();
  const deposit = ['deposit', 'bob', '20', '--key', key];
  const anHourAhead = { ...UNHURRIED, wallClockMs: () => Date.now() + 3_600_000 };
  await bank(...deposit);
  // The reply may be one to this very call, whose first answer was lost: a clock that is ahead must not hide that.
  expect((await bankIn(anHourAhead, ...deposit)).stderr).toEqual([`key ${key}`, REPLAYED]);
  // Two minutes: the clocks of two Regions may differ by that, and the entry has the time of one of them.
  passedMs += 2 * 60_000;
  expect((await bank(...deposit)).stderr).toEqual([`key ${key}`, REPLAYED]);
  passedMs += 2 * 60_000;
  expect((await bank(...deposit)).stderr).toEqual([`key ${key}`, MOVED_BEFORE]);
  const anHourBehind = { ...UNHURRIED, wallClockMs: () => Date.now() - 3_600_000 };
  expect((await bankIn(anHourBehind, ...deposit)).stderr).toEqual([`key ${key}`, MOVED_BEFORE]);
});

test('a replay of a refusal says so below the refusal', async () => {
  const key = newKey();
  const withdrawal = ['withdraw', 'joe', '999', '--key', key];
  const { stderr, ...first } = await bank(...withdrawal);
  expect(first).toEqual({ code: 3, stdout: [] });
  expect(stderr).toEqual([`key ${key}`, expect.stringMatching(/^bank: not enough money: /)]);
  expect(await bank(...withdrawal)).toEqual({ ...first, stderr: [...stderr, REPLAYED] });
});

test('--json says whether a deposit, a withdrawal or a refusal is a replay, and prints no line beside', async () => {
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
