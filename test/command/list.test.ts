import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { both, buildCommand, startBank } from '../support/bank-command.ts';
import { sendJson } from '../support/behaviours.ts';
import { createLab } from '../support/dynamodb-lab.ts';
import { type HttpRegion, startHttpRegion } from '../support/http-region.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { type TwoRegions, test } from '../support/two-regions.ts';
import { expectDocumented, runHere, runToEnd, UNHURRIED } from './in-process.ts';

const BEGAN_MS = Date.UTC(2026, 10, 27, 13);
const KEYS = [1, 2, 3, 4, 5, 6].map(() => keyAt(BEGAN_MS));
let nowMs = BEGAN_MS;
let region: HttpRegion;

beforeAll(async () => {
  const { store } = await createLab();
  region = await startHttpRegion('us-east-1', store, () => nowMs);
  const calls = [
    ['deposit', 'joe', '1250', '--reference', 'salary, "May"'],
    ['withdraw', 'joe', '9999'],
    ['withdraw', 'joe', '250'],
    ['deposit', 'ann', '7'],
    ['deposit', 'nobody', '7', '--must-exist'],
  ];
  for (const [index, call] of calls.entries()) {
    await bank(...call, '--key', KEYS[index] ?? '');
    nowMs += 1000;
  }
  await bank('cancel', 'joe', KEYS[5] ?? '');
});
afterAll(() => region[Symbol.asyncDispose]());

const bank = (...args: readonly string[]) =>
  runToEnd([...args, '--endpoint', `us-east-1=${region.url}`], {
    world: { ...UNHURRIED, wallClockMs: () => nowMs },
  });

const printed = async (...args: readonly string[]) => {
  const { stdout, ...rest } = await bank(...args);
  expect(rest).toEqual({ code: 0, stderr: [] });
  return stdout;
};

describe('bank statement', () => {
  test('prints a table of what moved money, newest first', async () => {
    expect(await printed('statement', 'joe')).toEqual([
      'SEQUENCE  TIME                      TYPE        CHANGE  HELD  BALANCE  OTHER  HOLD  CALL  REFERENCE',
      '       3  2026-11-27T13:00:02.000Z  withdrawal    -250           1000',
      '       1  2026-11-27T13:00:00.000Z  deposit      +1250           1250                     salary, "May"',
    ]);
  });

  test('with --refusals prints also what moved nothing, and why', async () => {
    const rows = await printed('statement', 'joe', '--refusals', '--oldest-first');
    expect(rows.slice(1).map((row) => row.split(/ {2,}/).slice(1))).toEqual([
      ['1', expect.any(String), 'deposit', '+1250', '1250', 'salary, "May"'],
      ['2', expect.any(String), 'refused not_enough_money', '0', '1250'],
      ['3', expect.any(String), 'withdrawal', '-250', '1000'],
      ['4', expect.any(String), 'cancelled', '0', '1000'],
    ]);
  });

  test('prints as many entries as --limit says, from the end that is asked for', async () => {
    const numbers = async (...args: readonly string[]) =>
      (await printed('statement', 'joe', '--refusals', '--json', ...args)).map(
        (line) => JSON.parse(line).sequence,
      );
    expect(await numbers('--limit', '3')).toEqual([4, 3, 2]);
    expect(await numbers('--limit', '3', '--oldest-first')).toEqual([1, 2, 3]);
  });

  test('asks for no more entries than it prints', async ({ regions }) => {
    await regions.client().deposit('joe', 10n);
    expect(await runToEnd(['statement', 'joe', '--limit', '3', ...both(regions)])).toMatchObject({ code: 0 });
    expect(regions.arrivals.at(-1)?.path).toMatch(/[?]limit=3\b/);
  });

  test('with --json prints an entry a line, with the members that the page names', async () => {
    const lines = await printed('statement', 'joe', '--json', '--refusals');
    expectDocumented('statement', 'stdout', lines);
    expect(lines.map((line) => JSON.parse(line)).slice(2)).toEqual([
      {
        sequence: 2,
        at: '2026-11-27T13:00:01.000Z',
        key: KEYS[1],
        type: 'refused',
        code: 'not_enough_money',
        amount: '9999',
        change: '0',
        balance: '1250',
      },
      {
        sequence: 1,
        at: '2026-11-27T13:00:00.000Z',
        key: KEYS[0],
        type: 'deposit',
        amount: '1250',
        change: '1250',
        balance: '1250',
        reference: 'salary, "May"',
      },
    ]);
  });

  test('with --csv prints RFC 4180: a header, lines that end with CR and LF, and quotes where a field needs them', async () => {
    expect(await printed('statement', 'joe', '--csv', '--refusals', '--oldest-first')).toEqual([
      'sequence,at,key,type,code,amount,change,balance,reference,heldChange,other,transfer,hold,debits,credits,call,refund\r',
      `1,2026-11-27T13:00:00.000Z,${KEYS[0]},deposit,,1250,1250,1250,"salary, ""May""",,,,,,,,\r`,
      `2,2026-11-27T13:00:01.000Z,${KEYS[1]},refused,not_enough_money,9999,0,1250,,,,,,,,,\r`,
      `3,2026-11-27T13:00:02.000Z,${KEYS[2]},withdrawal,,250,-250,1000,,,,,,,,,\r`,
      `4,2026-11-27T13:00:05.000Z,${KEYS[5]},cancelled,,,0,1000,,,,,,,,,\r`,
    ]);
  });

  test('has a header and no entry where only refusals are, and is refused where nothing ever was', async () => {
    expect(await printed('statement', 'nobody', '--csv')).toHaveLength(1);
    expect(await printed('statement', 'nobody')).toHaveLength(1);
    expect(await printed('statement', 'nobody', '--refusals')).toEqual([
      expect.any(String),
      expect.stringMatching(/ refused no_such_account +0 +0$/),
    ]);
    for (const form of [[], ['--csv'], ['--json']]) {
      const { code, stdout, stderr } = await bank('statement', 'ghost', ...form);
      expect({ code, stdout }).toEqual({ code: 3, stdout: [] });
      expect(stderr.join()).toMatch(/no.such.account/);
    }
  });
});

describe('bank accounts', () => {
  test('prints names and balances, and no account without a deposit', async () => {
    expect((await printed('accounts')).toSorted()).toEqual([
      'ACCOUNT  BALANCE',
      'ann            7',
      'joe         1000',
    ]);
    expect((await printed('accounts', '--csv')).toSorted()).toEqual([
      'account,balance\r',
      'ann,7\r',
      'joe,1000\r',
    ]);
    const lines = await printed('accounts', '--json');
    expectDocumented('accounts', 'stdout', lines);
    expect(lines.toSorted()).toEqual([
      '{"account":"ann","balance":"7"}',
      '{"account":"joe","balance":"1000"}',
    ]);
  });
});

describe('bank balance --at', () => {
  test('is the balance after the last entry that is not later, and 0 before the first one', async () => {
    const at = async (time: string) => await printed('balance', 'joe', '--at', time);
    expect(await at('2026-11-27T13:00:01.999Z')).toEqual(['1250']);
    expect(await at('2026-11-27T15:00:02+02:00')).toEqual(['1000']);
    expect(await at('2026-11-27T12:59:59Z')).toEqual(['0']);
  });

  test('ends with 2 for what is no time, and with 3, refused, for a time in the future', async () => {
    const asked = region.lines.length;
    const wrong = await bank('balance', 'joe', '--at', 'yesterday');
    expect(wrong).toMatchObject({ code: 2, stdout: [] });
    expect(wrong.stderr[0]).toMatch(/^bank: usage: --at: .*RFC 3339.*, got "yesterday"/);
    expect(region.lines).toHaveLength(asked);
    const future = await bank('balance', 'joe', '--at', '2027-01-01T00:00:00Z');
    expect(future).toMatchObject({ code: 3, stdout: [] });
    expect(future.stderr[0]).toMatch(/^bank: bad request: .*future/);
  });
});

const MANY = 200;

/** Has a statement of many pages that seems to never end. It does end, so that a command that does not stop fails the test. */
function beEndless({ east, arrivals }: TwoRegions): void {
  const entries = Array.from({ length: 100 }, (_, index) => ({
    sequence: index + 1,
    key: newKey(),
    type: 'deposit',
    amount: '1',
    change: '1',
    balance: '1',
    at: '2026-11-27T13:00:00Z',
  }));
  east.usually = ({ request, response }) => {
    const account = request.path.split('/')[2];
    const next = readOf(arrivals, account) < MANY ? 100 : undefined;
    sendJson(response, request.region, 200, { account, entries, next });
  };
}

/** How many pages of an account were read. */
const readOf = (arrivals: TwoRegions['arrivals'], account = 'joe') =>
  arrivals.filter(({ path }) => path.startsWith(`/accounts/${account}/`)).length;

describe('a statement without an end', () => {
  test.for([[], ['--json'], ['--csv']])(
    'is printed as it is read, until the output is closed: %s',
    async (form, { regions }) => {
      beEndless(regions);
      const leaving = new AbortController();
      const args = ['statement', 'joe', '--all', ...form, ...both(regions)];
      const { stdout, stderr, code } = runHere(args, { readerGone: leaving.signal });
      await vi.waitFor(() => expect(stdout.length).toBeGreaterThan(500), { timeout: 30_000 });
      leaving.abort();
      expect({ code: await code, stderr }).toEqual({ code: 0, stderr: [] });
      expect(readOf(regions.arrivals)).toBeLessThan(MANY);
    },
  );

  test('ends when the user interrupts it, and reports that', async ({ regions }) => {
    beEndless(regions);
    const ending = new AbortController();
    const args = ['statement', 'joe', '--all', ...both(regions)];
    const { stdout, stderr, code } = runHere(args, { signal: ending.signal });
    await vi.waitFor(() => expect(stdout.length).toBeGreaterThan(100), { timeout: 30_000 });
    ending.abort(new Error('interrupted'));
    expect({ code: await code, stderr }).toEqual({ code: 1, stderr: ['bank: failed: interrupted'] });
  });

  test('is read by a program no faster than it is taken, until its pipe is closed', async ({ regions }) => {
    await buildCommand();
    beEndless(regions);
    const read = (account: string) => startBank(['statement', account, '--all', '--json', ...both(regions)]);
    const { child, ended } = read('joe');
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.stdout?.pause();
    // In the time in which another one is read to its end, all of this one could be read as well.
    expect(await read('ann').ended).toMatchObject({ code: 0 });
    expect(readOf(regions.arrivals, 'ann')).toBe(MANY);
    const before = readOf(regions.arrivals);
    expect(before).toBeLessThan(MANY / 2);
    child.stdout?.resume();
    await vi.waitFor(() => expect(readOf(regions.arrivals)).toBeGreaterThan(before + 5), 30_000);
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0, stderr: [] });
    expect(readOf(regions.arrivals)).toBeLessThan(MANY);
  });
});
