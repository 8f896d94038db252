import { describe, expect } from 'vitest';
import { both } from '../support/bank-command.ts';
import { type Behaviour, refuse, sendJson } from '../support/behaviours.ts';
import { newKey } from '../support/keys.ts';
import type { ReceivedRequest } from '../support/memory-bank.ts';
import { HOLD, OPERATIONS, openBooks, WITHDRAWAL } from '../support/operation-examples.ts';
import { test as regionsTest } from '../support/two-regions.ts';
import { expectDocumented, runToEnd, UNHURRIED } from './in-process.ts';

/** The command on two Regions with the books of the examples. */
interface ExampleBank {
  /** Runs a command to its end. */
  run(...args: readonly string[]): ReturnType<typeof runToEnd>;
  /** The output of a command with --json, which was compared with the page of the command. */
  json(...args: readonly [string, ...string[]]): Promise<readonly Record<string, unknown>[]>;
  /** The requests of the commands. */
  sent(): readonly ReceivedRequest[];
}

/** A test that has an example bank. */
const test = regionsTest.extend<{ bank: ExampleBank }>({
  bank: async ({ regions }, use) => {
    await openBooks(regions.client());
    const before = regions.arrivals.length;
    const run: ExampleBank['run'] = (...args) => runToEnd([...args, ...both(regions)], { world: UNHURRIED });
    await use({
      run,
      sent: () => regions.arrivals.slice(before),
      json: async (...args) => {
        const { stdout, stderr } = await run(...args, '--json');
        expectDocumented(args[0], 'stdout', stdout);
        expectDocumented(args[0], 'stderr', stderr);
        return stdout.map((line) => JSON.parse(line));
      },
    });
  },
});

/** The cells of one row of a statement, without sequence and time. */
const cellsOf = (row = '') => row.trim().split(/ {2,}/).slice(2);

describe('a command that changes an account', () => {
  test.for(OPERATIONS)(
    'makes the call and prints the balance, also as a retry: $args',
    async (each, { bank }) => {
      const key = newKey();
      const command = [...each.args, '--key', key];

      expect(await bank.run(...command)).toEqual({ code: 0, stdout: each.printed, stderr: [`key ${key}`] });
      expect(bank.sent()).toMatchObject([{ method: each.method ?? 'POST', path: each.path, key }]);
      expect(JSON.parse(bank.sent()[0]?.body ?? '')).toEqual(each.body);
      expect((await bank.run(...command)).stdout, 'the retry').toEqual(each.printed);
    },
  );

  test.for(OPERATIONS)(
    'prints the members that the page names with --json: $args',
    async (each, { bank }) => {
      const { code, stdout, stderr } = await bank.run(...each.args, '--json');

      const { key = '' } = bank.sent()[0] ?? {};
      expect(code).toBe(0);
      expectDocumented(each.args[0], 'stdout', stdout);
      expectDocumented(each.args[0], 'stderr', stderr);
      const at = expect.stringMatching(/^\d{4}-.*Z$/);
      const receipt = {
        ...{ account: 'joe', key, sequence: each.sequence ?? 4, at, ...each.answer, region: 'us-east-1' },
        ...(each.expiresInSeconds !== undefined && { expiresAt: at }),
      };
      expect(JSON.parse(stdout.join())).toEqual({ ...receipt, replayed: false });
      expect(stderr.map((line) => JSON.parse(line))).toEqual([{ event: 'key', key }]);
      for (const command of ['outcome', 'cancel'] as const) {
        expect(await bank.json(command, 'joe', key)).toEqual([{ outcome: 'executed', ...receipt }]);
      }
    },
  );

  test('ends with 3 where it is refused', async ({ bank, east }) => {
    east.next(refuse('hold_expired'));

    const refused = await bank.run('void', 'joe', HOLD);
    expect(refused).toMatchObject({ code: 3, stdout: [] });
    expect(refused.stderr.at(-1)).toMatch(/^bank: hold expired: /);
    expect(await bank.run('refund', 'joe', WITHDRAWAL, '7')).toMatchObject({ code: 3, stdout: [] });
  });

  const CALL = newKey();
  test.for<[readonly [string, ...string[]], string]>([
    [['transfer', 'joe', 'joe', '10'], 'to: an account cannot transfer money to itself. Nothing was sent.'],
    [['refund', 'joe'], "missing required argument 'call'"],
    [['refund', 'joe', 'order-1'], 'call: the key of an entry must be a UUID in lower case, got "order-1"'],
    [['refund', 'joe', CALL, '1.50'], 'amount: expected minor units, got "1.50"; in hundredths that is 150'],
    [['status', 'joe'], 'status: expected --debits, --credits or both, each with open or frozen'],
    [['status', 'joe', '--debits', 'shut'], '--debits: expected open or frozen, got "shut"'],
    [['status', 'joe', '--credits', 'open', '--credits', 'open'], '--credits: given twice'],
  ])('ends with 2 and sends nothing where it is not said what to do: %j', async ([args, says], { bank }) => {
    expect(await bank.run(...args)).toEqual({
      code: 2,
      stdout: [],
      stderr: [`bank: usage: ${says}`, `See bank ${args[0]} --help.`],
    });
    expect(bank.sent()).toEqual([]);
  });
});

describe('bank refund', () => {
  test('refunds a part, then the rest, and `bank outcome` prints the refunded amount', async ({ bank }) => {
    const outcome = async () => (await bank.run('outcome', 'joe', WITHDRAWAL)).stdout;
    expect(await outcome()).toEqual(['executed 25']);
    expect((await bank.run('refund', 'joe', WITHDRAWAL, '2')).stdout).toEqual(['17']);
    expect(await outcome()).toEqual(['executed 25 (2 refunded)']);
    expect(await bank.json('outcome', 'joe', WITHDRAWAL)).toMatchObject([
      { outcome: 'executed', key: WITHDRAWAL, refunded: '2' },
    ]);

    expect((await bank.run('refund', 'joe', WITHDRAWAL)).stdout).toEqual(['21']);
    expect(await outcome()).toEqual(['executed 25 (6 refunded)']);
    const refused = await bank.run('refund', 'joe', WITHDRAWAL, '1');
    expect(refused).toMatchObject({ code: 3, stdout: [] });
    expect(refused.stderr.at(-1)).toMatch(
      /^bank: refund exceeded: Less than 1 of the call was left to refund\./,
    );
  });

  test('is two entries of the statement: what was asked for, and that the money came', async ({ bank }) => {
    await bank.run('refund', 'joe', WITHDRAWAL, '2', '--reference', 'broken');

    const [header = '', ...rows] = (await bank.run('statement', 'joe', '--limit', '2')).stdout;
    expect(header).toMatch(/ BALANCE +OTHER +HOLD +CALL +REFERENCE$/);
    expect(rows.map(cellsOf)).toEqual([
      ['refunded', '+2', '17', WITHDRAWAL],
      ['refund', '0', '15', WITHDRAWAL, 'broken'],
    ]);
    const [names = '', ended = '', begun = ''] = (await bank.run('statement', 'joe', '--csv')).stdout;
    expect(names).toMatch(/,credits,call,refund\r$/);
    const [, , key] = begun.split(',');
    expect(begun.endsWith(`,${WITHDRAWAL},\r`)).toBe(true);
    expect(ended.endsWith(`,${WITHDRAWAL},${key}\r`)).toBe(true);
  });

  test('names who gets the money of a transfer, and ends with 3 where that account is frozen', async ({
    bank,
  }) => {
    await bank.run('transfer', 'joe', 'ann', '6');
    const [credit] = await bank.json('statement', 'ann');
    const call = String(credit?.['key']);
    expect(await bank.json('refund', 'ann', call, '2')).toMatchObject([
      { balance: '5', call, amount: '2', to: 'joe' },
    ]);
    await bank.run('status', 'joe', '--credits', 'frozen');
    const refused = await bank.run('refund', 'ann', call);
    expect(refused).toMatchObject({ code: 3, stdout: [] });
    expect(refused.stderr.at(-1)).toMatch(/^bank: destination frozen: /);
    const [, returned = ''] = (await bank.run('statement', 'ann')).stdout;
    expect(returned).toMatch(/ returned destination_frozen +\+4 +-4 +5 /);
    expect(returned).toContain(call);
  });
});

describe('bank status', () => {
  test('prints below the balance what was changed, of each side', async ({ bank }) => {
    const status = async (...args: readonly string[]) => (await bank.run('status', 'joe', ...args)).stdout;
    expect(await status('--debits', 'frozen', '--credits', 'frozen')).toEqual([
      '15',
      'frozen for debits and credits',
    ]);
    expect(await status('--debits', 'open', '--credits', 'frozen')).toEqual([
      '15',
      'open for debits, frozen for credits',
    ]);
  });

  test('shows in the balance, whose first line stays as it was, in the refusals, and in the statement', async ({
    bank,
  }) => {
    await bank.run('status', 'joe', '--debits', 'frozen', '--credits', 'open', '--reference', 'case 7');

    expect((await bank.run('balance', 'joe')).stdout).toEqual(['15 (10 held)', 'frozen for debits']);
    expect(await bank.json('balance', 'joe')).toMatchObject([{ balance: '15', debits: 'frozen' }]);
    const [, newest] = (await bank.run('statement', 'joe')).stdout;
    const changed = 'status frozen for debits, open for credits';
    expect(cellsOf(newest)).toEqual([changed, '0', '15', 'case 7']);
    const [, values = ''] = (await bank.run('statement', 'joe', '--csv')).stdout;
    expect(values).toMatch(/,status,.*,frozen,open,,\r$/);
    expect((await bank.json('statement', 'joe'))[0]).toMatchObject({
      ...{ type: 'status', debits: 'frozen', credits: 'open', change: '0' },
    });

    const refused = await bank.run('withdraw', 'joe', '1');
    expect(refused).toMatchObject({ code: 3, stdout: [] });
    expect(refused.stderr.at(-1)).toMatch(/^bank: account frozen: The account is frozen for debits, so 1 /);
    await bank.run('status', 'joe', '--debits', 'open');
    expect((await bank.run('balance', 'joe')).stdout).toEqual(['15 (10 held)']);
  });
});

test('bank holds prints a table of the open holds, one a line with --json, and comma-separated values with --csv', async ({
  bank,
}) => {
  const key = newKey();
  await bank.run('hold', 'joe', '5', '--expires', '1h', '--reference', 'hotel', '--key', key);
  await bank.run('capture', 'joe', key, '2', '--keep');

  const holds = await bank.json('holds', 'joe');
  const expiresAt = expect.any(String);
  expect(holds).toEqual([
    { hold: HOLD, amount: '10', remaining: '10', expiresAt },
    { hold: key, amount: '5', remaining: '3', expiresAt, reference: 'hotel' },
  ]);
  const [whole, part] = holds.map(({ expiresAt: time }) => time);
  expect((await bank.run('holds', 'joe')).stdout).toEqual([
    'HOLD                                  EXPIRES                   AMOUNT  REMAINING  REFERENCE',
    `${HOLD}  ${whole}      10         10`,
    `${key}  ${part}       5          3  hotel`,
  ]);
  expect((await bank.run('holds', 'joe', '--csv')).stdout).toEqual([
    'hold,amount,remaining,expiresAt,reference\r',
    `${HOLD},10,10,${whole},\r`,
    `${key},5,3,${part},hotel\r`,
  ]);
});

test('an outcome is pending while a transfer is under way', async ({ regions }) => {
  const key = newKey();
  const pending: Behaviour = ({ request, response }) =>
    sendJson(response, request.region, 202, { key, outcome: 'pending' });
  regions.east.next(pending, pending);

  const outcome = ['outcome', 'joe', key, ...both(regions)];
  expect(await runToEnd(outcome)).toMatchObject({ code: 0, stdout: ['pending'] });
  const json = await runToEnd([...outcome, '--json']);
  expect(json.code).toBe(0);
  expectDocumented('outcome', 'stdout', json.stdout);
  expect(JSON.parse(json.stdout.join())).toMatchObject({ outcome: 'pending', key });
});

test('a statement has the other account, the hold, and the change of the held money', async ({ bank }) => {
  const [transfer, voided] = [newKey(), newKey()];
  await bank.run('void', 'joe', HOLD, '--key', voided);
  await bank.run('transfer', 'joe', 'ann', '10', '--key', transfer);

  const [header = '', ...rows] = (await bank.run('statement', 'joe', '--limit', '3')).stdout;
  expect(header.split(/ {2,}/).slice(1)).toEqual([
    ...['TIME', 'TYPE', 'CHANGE', 'HELD', 'BALANCE', 'OTHER', 'HOLD', 'CALL', 'REFERENCE'],
  ]);
  expect(rows.map(cellsOf)).toEqual([
    ['settled', '0', '-10', '15', 'ann'],
    ['transfer', '-10', '+10', '15', 'ann'],
    ['void', '+10', '-10', '25', HOLD],
  ]);
  const entries = await bank.json('statement', 'joe', '--limit', '3');
  expect(entries).toMatchObject([
    { type: 'settled', heldChange: '-10', other: 'ann', transfer },
    { type: 'transfer', key: transfer, change: '-10', heldChange: '10', other: 'ann', transfer },
    { type: 'void', key: voided, change: '10', heldChange: '-10', hold: HOLD },
  ]);
  const [, begun, ended] = entries.map(({ at }) => at);
  expect((await bank.run('statement', 'joe', '--csv')).stdout.slice(2, 4)).toEqual([
    `5,${begun},${transfer},transfer,,10,-10,15,,10,ann,${transfer},,,,,\r`,
    `4,${ended},${voided},void,,10,10,25,,-10,,,${HOLD},,,,\r`,
  ]);
});

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
