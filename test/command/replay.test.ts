import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Environment } from '../../client/environment.ts';
import { drop } from '../support/behaviours.ts';
import { createLab } from '../support/dynamodb-lab.ts';
import { type HttpRegion, startHttpRegion } from '../support/http-region.ts';
import { newKey } from '../support/keys.ts';
import { startTwoRegions } from '../support/two-regions.ts';
import { runToEnd, UNHURRIED } from './in-process.ts';

let region: HttpRegion;
/** Time that has passed only for the bank. */
let passedMs = 0;
beforeAll(async () => {
  const { store } = await createLab();
  region = await startHttpRegion('us-east-1', store, () => Date.now() + passedMs);
});
afterAll(() => region[Symbol.asyncDispose]());

const bankIn = (world: Environment, ...args: readonly string[]) =>
  runToEnd([...args, '--endpoint', `us-east-1=${region.url}`], { world });
const bank = (...args: readonly string[]) => bankIn(UNHURRIED, ...args);

const REPLAYED = 'replayed: this reply was already recorded under the key';

test('a replay prints the same number as the first call, and on standard error how old it is and the balance of now', async () => {
  const key = newKey();
  const deposit = ['deposit', 'max', '20', '--key', key];
  expect(await bank(...deposit)).toEqual({ code: 0, stdout: ['20'], stderr: [`key ${key}`] });
  await bank('deposit', 'max', '2000');
  passedMs += 14_000;
  expect(await bank(...deposit)).toEqual({
    code: 0,
    stdout: ['20'],
    stderr: [
      `key ${key}`,
      expect.stringMatching(/^replayed from 1\d s ago, nothing moved; balance now 2,020$/),
    ],
  });
});

test('a replay is said to have moved nothing only when its entry is certainly older than the call, by the clock of the bank', async () => {
  const key = newKey();
  const deposit = ['deposit', 'bob', '20', '--key', key];
  const anHourAhead = { ...UNHURRIED, wallClockMs: () => Date.now() + 3_600_000 };
  await bank(...deposit);
  const perhaps = [`key ${key}`, expect.stringMatching(/^replayed from \d+ (s|min) ago; balance now 20$/)];
  const certainly = [
    `key ${key}`,
    expect.stringMatching(/^replayed from \d+ (s|min) ago, nothing moved; balance now 20$/),
  ];
  // A proxy may have sent the request twice. Even if a clock is ahead, the entry may be the one of this call.
  expect((await bankIn(anHourAhead, ...deposit)).stderr).toEqual(perhaps);
  passedMs += 2 * 60_000;
  expect((await bank(...deposit)).stderr).toEqual(certainly);
  // Two minutes: the clocks of two Regions may differ that much, and the lost attempt may have been executed with the other clock.
  await using regions = await startTwoRegions();
  regions.west.usually = drop;
  const toBoth = async () => (await bank(...deposit, '--endpoint', `us-east-2=${regions.west.url}`)).stderr;
  expect(await toBoth()).toEqual([`key ${key}`, REPLAYED]);
  passedMs += 2 * 60_000;
  expect(await toBoth()).toEqual(certainly);
  const anHourBehind = { ...UNHURRIED, wallClockMs: () => Date.now() - 3_600_000 };
  expect((await bankIn(anHourBehind, ...deposit)).stderr).toEqual(certainly);
});

test('the command prints below a refusal that it is a replay', async () => {
  const key = newKey();
  const withdrawal = ['withdraw', 'max', '9999', '--key', key];
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

test('bank outcome prints how the call of a key ended, and bank cancel cancels the key, or prints the reply of the call', async () => {
  const [deposit, withdrawal, cancelled] = [newKey(), newKey(), newKey()];
  await bank('deposit', 'kim', '10', '--key', deposit);
  await bank('withdraw', 'kim', '99', '--key', withdrawal);
  const printed = (line: string) => ({ code: 0, stdout: [line], stderr: [] });
  expect(await bank('outcome', 'kim', deposit)).toEqual(printed('executed 10'));
  expect(await bank('cancel', 'kim', deposit)).toEqual(printed('executed 10'));
  expect(await bank('outcome', 'kim', withdrawal)).toEqual(printed('refused not_enough_money'));
  expect(await bank('outcome', 'kim', cancelled)).toEqual(printed('none'));
  expect(await bank('cancel', 'kim', cancelled)).toEqual(printed('cancelled'));
  const late = await bank('withdraw', 'kim', '5', '--key', cancelled);
  expect(late).toMatchObject({ code: 3, stdout: [] });
  expect(late.stderr).toContainEqual(expect.stringMatching(/^bank: cancelled: The key was cancelled/));
  expect((await bank('balance', 'kim')).stdout).toEqual(['10']);
});
