import { describe, expect, test } from 'vitest';
import { both } from '../support/bank-command.ts';
import { type Behaviour, refuse, sendJson } from '../support/behaviours.ts';
import { newKey } from '../support/keys.ts';
import { startTwoRegions, type TwoRegions } from '../support/two-regions.ts';
import { expectDocumented, runHere } from './in-process.ts';

const [KEY, HOLD] = [newKey(), newKey()];
const at = '2026-11-27T13:00:00.000Z';
const expiresAt = '2026-11-27T14:00:00.000Z';
const moved = { account: 'joe', balance: '15', sequence: 3, at };
const captured = { ...moved, held: '5', hold: HOLD, amount: '10' };

/** Answers a call under its own key, as the bank does. */
function reply(body: object, status = 200): Behaviour {
  return ({ request, response }) => {
    sendJson(response, request.region, status, { key: request.key, ...body });
  };
}

async function bank(regions: TwoRegions, ...args: readonly string[]) {
  const { stdout, stderr, code } = runHere([...args, ...both(regions)]);
  return { code: await code, stdout, stderr };
}

/** Commands with what they send, what they are answered, and what they print for people. */
const CALLS = [
  {
    args: ['transfer', 'joe', 'ann', '10', '--reference', 'rent'],
    path: '/accounts/joe/transfers/ann',
    body: { amount: '10', reference: 'rent' },
    answer: { ...moved, to: 'ann' },
    printed: '15',
  },
  {
    args: ['hold', 'joe', '10', '--expires', '1h'],
    path: '/accounts/joe/holds',
    body: { amount: '10', expiresInSeconds: 3600 },
    answer: { ...moved, held: '10', expiresAt },
    printed: '15 (10 held)',
  },
  {
    args: ['capture', 'joe', HOLD],
    path: `/accounts/joe/holds/${HOLD}/captures`,
    body: {},
    answer: { ...captured, held: '0' },
    printed: '15',
  },
  {
    args: ['capture', 'joe', HOLD, '10', '--keep', '--to', 'ann'],
    path: `/accounts/joe/holds/${HOLD}/captures/ann`,
    body: { amount: '10', final: false },
    answer: { ...captured, to: 'ann' },
    printed: '15 (5 held)',
  },
  {
    args: ['void', 'joe', HOLD, '--reference', 'no show'],
    path: `/accounts/joe/holds/${HOLD}/voids`,
    body: { reference: 'no show' },
    answer: captured,
    printed: '15 (5 held)',
  },
] as const;

describe('a command that moves or holds money', () => {
  test.each(CALLS)(
    'makes the call and prints the balance: $args',
    async ({ args, path, body, answer, printed }) => {
      await using regions = await startTwoRegions();
      regions.east.next(reply(answer));

      expect(await bank(regions, ...args, '--key', KEY)).toEqual({
        code: 0,
        stdout: [printed],
        stderr: [`key ${KEY}`],
      });
      expect(regions.arrivals).toMatchObject([{ method: 'POST', path, key: KEY }]);
      expect(JSON.parse(regions.arrivals[0]?.body ?? '')).toEqual(body);
    },
  );

  test.each(CALLS)('prints the members that the page names with --json: $args', async ({ args, answer }) => {
    await using regions = await startTwoRegions();
    regions.east.next(reply(answer));

    const { code, stdout, stderr } = await bank(regions, ...args, '--json');

    const { key } = regions.arrivals[0] ?? {};
    expect(code).toBe(0);
    expectDocumented(args[0], 'stdout', stdout);
    expectDocumented(args[0], 'stderr', stderr);
    expect(JSON.parse(stdout.join())).toEqual({ ...answer, key, region: 'us-east-1', replayed: false });
    expect(stderr.map((line) => JSON.parse(line))).toEqual([{ event: 'key', key }]);
  });

  test('ends with 3 where it is refused, and with 2 where nothing can be sent', async () => {
    await using regions = await startTwoRegions();
    regions.east.next(refuse('hold_expired'));

    const refused = await bank(regions, 'void', 'joe', HOLD, '--key', KEY);
    expect(refused).toMatchObject({ code: 3, stdout: [] });
    expect(refused.stderr.at(-1)).toMatch(/^bank: hold expired: /);

    const itself = await bank(regions, 'transfer', 'joe', 'joe', '10');
    expect(itself).toMatchObject({ code: 2, stdout: [] });
    expect(itself.stderr).toEqual([
      'bank: usage: to: an account cannot transfer money to itself. Nothing was sent.',
      'See bank transfer --help.',
    ]);
    expect(regions.arrivals).toHaveLength(1);
  });
});

describe('bank holds', () => {
  const holds = [
    { hold: KEY, amount: '10', remaining: '10', expiresAt },
    { hold: HOLD, amount: '1250', remaining: '250', expiresAt, reference: 'hotel' },
  ];
  const printed = async (...args: readonly string[]) => {
    await using regions = await startTwoRegions();
    regions.east.next(reply({ account: 'joe', holds }));
    const { stdout, ...rest } = await bank(regions, 'holds', 'joe', ...args);
    expect(rest).toEqual({ code: 0, stderr: [] });
    return stdout;
  };

  test('prints a table of the open holds', async () => {
    expect(await printed()).toEqual([
      'HOLD                                  EXPIRES                   AMOUNT  REMAINING  REFERENCE',
      `${KEY}  ${expiresAt}      10         10`,
      `${HOLD}  ${expiresAt}    1250        250  hotel`,
    ]);
  });

  test('prints one a line with --json, and comma-separated values with --csv', async () => {
    const lines = await printed('--json');
    expectDocumented('holds', 'stdout', lines);
    expect(lines.map((line) => JSON.parse(line))).toEqual(holds);
    expect(await printed('--csv')).toEqual([
      'hold,amount,remaining,expiresAt,reference\r',
      `${KEY},10,10,${expiresAt},\r`,
      `${HOLD},1250,250,${expiresAt},hotel\r`,
    ]);
  });
});

describe('what other commands say of transfers and holds', () => {
  test('a balance has what is held beside it', async () => {
    await using regions = await startTwoRegions();
    regions.east.next(reply({ account: 'joe', balance: '15', held: '10' }));

    expect(await bank(regions, 'balance', 'joe')).toMatchObject({ stdout: ['15 (10 held)'] });
  });

  test('an outcome is pending while a transfer is under way', async () => {
    await using regions = await startTwoRegions();
    const pending = reply({ key: KEY, outcome: 'pending' }, 202);
    regions.east.next(pending, pending);

    expect(await bank(regions, 'outcome', 'joe', KEY)).toMatchObject({ code: 0, stdout: ['pending'] });
    const { stdout } = await bank(regions, 'outcome', 'joe', KEY, '--json');
    expectDocumented('outcome', 'stdout', stdout);
    expect(JSON.parse(stdout.join())).toMatchObject({ outcome: 'pending', key: KEY });
  });

  test('an outcome has the members of the answer', async () => {
    await using regions = await startTwoRegions();
    const body = { ...captured, key: KEY, to: 'ann' };
    regions.east.next(reply({ key: KEY, status: 200, body }));

    const { stdout } = await bank(regions, 'outcome', 'joe', KEY, '--json');
    expectDocumented('outcome', 'stdout', stdout);
    expect(JSON.parse(stdout.join())).toMatchObject({ outcome: 'executed', ...body });
  });

  test('a statement has the other account, the hold, and the change of the held money', async () => {
    await using regions = await startTwoRegions();
    const place = { at, balance: '15' };
    const transfer = { ...place, sequence: 3, key: KEY, type: 'transfer', amount: '10', other: 'ann' };
    const entries = [
      { ...transfer, change: '-10', heldChange: '10', transfer: KEY },
      {
        ...place,
        sequence: 2,
        key: HOLD,
        type: 'void',
        amount: '5',
        change: '5',
        heldChange: '-5',
        hold: HOLD,
      },
    ];
    const page = reply({ account: 'joe', entries });
    regions.east.next(page, page, page);

    expect(
      (await bank(regions, 'statement', 'joe')).stdout.map((row) => row.split(/ {2,}/).slice(1)),
    ).toEqual([
      ['TIME', 'TYPE', 'CHANGE', 'HELD', 'BALANCE', 'OTHER', 'HOLD', 'CALL', 'REFERENCE'],
      ['3', at, 'transfer', '-10', '+10', '15', 'ann'],
      ['2', at, 'void', '+5', '-5', '15', HOLD],
    ]);
    const { stdout } = await bank(regions, 'statement', 'joe', '--json');
    expectDocumented('statement', 'stdout', stdout);
    expect(stdout.map((line) => JSON.parse(line))).toEqual(entries);
    expect((await bank(regions, 'statement', 'joe', '--csv')).stdout.slice(1)).toEqual([
      `3,${at},${KEY},transfer,,10,-10,15,,10,ann,${KEY},,,,,\r`,
      `2,${at},${HOLD},void,,5,5,15,,-5,,,${HOLD},,,,\r`,
    ]);
  });
});
