import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MAX_AMOUNT_MINOR } from '../../client/contract/schemas.ts';
import { KEPT_ENTRIES, MAX_HEAD_ENTRIES } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import type { ApiHandler } from '../../functions/http/handler.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { httpEvent } from '../support/events.ts';
import { createHandlerLab } from '../support/handler-lab.ts';
import { keyAt } from '../support/keys.ts';

interface Call {
  readonly operation: 'deposit' | 'withdraw';
  readonly key: string;
  readonly amount: string;
  readonly reference?: string;
  readonly mustExist?: boolean;
}

const labs = await createHandlerLab();
const { lab } = labs;
const MINUTE_MS = 60_000;

const call = (operation: Call['operation'], amount: number | bigint, others: Partial<Call> = {}): Call => ({
  ...{ operation, key: labs.mint(), amount: String(amount) },
  ...others,
});
const deposits = (count: number, amount = 1): Call[] =>
  Array.from({ length: count }, () => call('deposit', amount));
const withdrawals = (count: number, amount = 1): Call[] =>
  Array.from({ length: count }, () => call('withdraw', amount));

const send = (account: string, calls: unknown, by?: ApiHandler) =>
  labs.ask(
    httpEvent({
      method: 'POST',
      path: `/accounts/${account}/batches`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ calls }),
    }),
    by,
  );
const alone = (account: string, { operation, key, ...body }: Call, by?: ApiHandler) =>
  labs.post(`/accounts/${account}/${operation === 'deposit' ? 'deposits' : 'withdrawals'}`, body, key, by);

/** What each call of a batch was answered: the balance after it, or the code of its problem. */
const outcomes = async (account: string, calls: readonly Call[], by?: ApiHandler) => {
  const { status, json } = await send(account, calls, by);
  expect({ status, account: json.account }).toEqual({ status: 200, account });
  const answers: { key: string; body: { balance?: string; code?: string }; replayed?: true }[] = json.answers;
  expect(answers.map(({ key }) => key)).toEqual(calls.map(({ key }) => key));
  return answers.map(({ body, replayed }) => `${body.balance ?? body.code}${replayed ? ' again' : ''}`);
};
const balance = async (account: string) => (await labs.money(account))[0];
/** A function whose store does something else with a batch. */
const handlerWith = (append: Store['append']) => labs.handlerOf('us-east-1', { ...lab.store, append });
const writes = () => lab.requests.filter((name) => name === 'UpdateItem').length;

describe('a batch', () => {
  test('is one write, and each call is answered and recorded as if it was sent alone', async () => {
    const account = await labs.accountWith(100);
    const calls = [
      call('deposit', 5, { reference: 'order 1' }),
      call('withdraw', 30),
      call('deposit', 7, { mustExist: true }),
    ];
    lab.requests.length = 0;
    const { json } = await send(account, calls);

    expect(writes()).toBe(1);
    expect(await labs.statement(account)).toMatchObject([
      {},
      { sequence: 2, type: 'deposit', key: calls[0]?.key, change: '5', balance: '105', reference: 'order 1' },
      { sequence: 3, type: 'withdrawal', key: calls[1]?.key, change: '-30', balance: '75' },
      { sequence: 4, type: 'deposit', key: calls[2]?.key, change: '7', balance: '82' },
    ]);
    for (const [index, each] of calls.entries()) {
      const { status, json: body } = await alone(account, each, labs.other);
      expect(json.answers[index]).toEqual({ key: each.key, status, body });
    }
    lab.requests.length = 0;
    await send(account, calls);
    expect(lab.requests, 'of a retry while the head has the entries').toEqual(['UpdateItem']);
    expect(await balance(account)).toBe('82');
  });

  test('moves nothing when it is sent again: at once, in the other Region, after its entries moved to pages, a year later', async () => {
    const account = await labs.accountWith(100);
    const calls = [...deposits(13, 2), ...withdrawals(12, 1)];
    const first = await send(account, calls);
    expect(await balance(account)).toBe('114');
    const again = async (by?: ApiHandler) => {
      const { json } = await send(account, calls, by);
      const answers = first.json.answers.map((each: object) => ({ ...each, replayed: true }));
      expect(json).toEqual({ account, answers });
    };
    await again();
    await again(labs.other);
    await labs.turnPages(account);
    await again(labs.other);
    lab.now.ms += 365 * 24 * 60 * MINUTE_MS;
    await again();
    expect(await balance(account)).toBe(String(114 + 2 * KEPT_ENTRIES));
  });

  test('is executed once when both Regions get it at the same time', async () => {
    const account = await labs.accountWith(10);
    const calls = [...deposits(5, 3), ...withdrawals(5, 2)];
    const [one, other] = await Promise.all([send(account, calls), send(account, calls, labs.other)]);
    const bodies = ({ json }: typeof one) => json.answers.map(({ body }: { body: object }) => body);
    expect(bodies(one)).toEqual(bodies(other));
    expect(await balance(account)).toBe('15');
  });

  test('never takes more than there is: the calls for which there is no money are refused, and stay refused', async () => {
    const account = await labs.accountWith(10);
    const calls = withdrawals(25, 3);
    const first = await outcomes(account, calls);
    expect(first.filter((each) => each === 'not_enough_money')).toHaveLength(22);
    expect(await balance(account)).toBe('1');
    await labs.move(account, 'deposits', 100);
    expect(await outcomes(account, calls, labs.other)).toEqual(first.map((each) => `${each} again`));
    expect(await balance(account)).toBe('101');
  });

  test('executes the calls beside one that is refused in one write', async () => {
    const account = await labs.accountWith(10);
    lab.requests.length = 0;
    expect(await outcomes(account, [call('deposit', 1), call('withdraw', 500), call('withdraw', 2)])).toEqual(
      ['11', 'not_enough_money', '9'],
    );
    // The first write fails, the second has the two calls; then the refusal fails once, and is recorded.
    expect(writes()).toBe(4);
  });

  test('opens an account, unless a deposit says that it must exist', async () => {
    const account = `account-${randomUUID()}`;
    expect(await outcomes(account, deposits(2, 4))).toEqual(['4', '8']);
    const nobody = `account-${randomUUID()}`;
    const calls = [call('deposit', 4, { mustExist: true }), call('deposit', 5, { mustExist: true })];
    expect(await outcomes(nobody, calls)).toEqual(['no_such_account', 'no_such_account']);
  });

  test('has room for no more than 15 digits', async () => {
    const account = await labs.accountWith(Number(MAX_AMOUNT_MINOR) - 5);
    const calls = [call('deposit', 4), call('deposit', 3), call('withdraw', 1), call('deposit', 2)];
    const found = await outcomes(account, calls);
    expect(found[1]).toBe('balance_too_large');
    expect(await balance(account)).toBe(String(MAX_AMOUNT_MINOR));
  });

  test('has room for no more than 15 digits on an account that it opens', async () => {
    const account = `account-${randomUUID()}`;
    const calls = Array.from({ length: 3 }, () => call('deposit', MAX_AMOUNT_MINOR));
    const found = await outcomes(account, calls);
    expect(found.filter((each) => each === 'balance_too_large')).toHaveLength(2);
    expect(await balance(account)).toBe(String(MAX_AMOUNT_MINOR));
  });

  test('does not touch a side of an account that is frozen', async () => {
    const account = await labs.accountWith(10);
    await labs.put(`/accounts/${account}/status`, { debits: 'frozen' }, labs.mint());
    expect(await outcomes(account, [...withdrawals(2), ...deposits(2)])).toEqual([
      'account_frozen',
      'account_frozen',
      '11',
      '12',
    ]);
  });

  test('has the answer of a call that was sent alone before, and refuses a key that belongs to another call', async () => {
    const account = await labs.accountWith(10);
    const [before, other, cancelled] = [call('withdraw', 1), call('withdraw', 2), call('withdraw', 3)];
    await alone(account, before);
    await alone(account, other);
    await labs.cancel(account, cancelled.key);
    const calls = [before, { ...other, amount: '1' }, cancelled, ...deposits(2)];
    expect(await outcomes(account, calls)).toEqual(['9 again', 'key_reused', 'cancelled', '8', '9']);
  });

  test.each([false, true])(
    'executes no call again that stands behind a new one (on a page: %j)',
    async (isOnAPage) => {
      const account = await labs.accountWith(10);
      const before = deposits(2);
      await send(account, before);
      if (isOnAPage) {
        await labs.turnPages(account);
      }
      const { sequence } = await lab.store.readHead(account, patient());
      const [, ...again] = await outcomes(account, [call('deposit', 1), ...before]);
      expect(again).toEqual(['11 again', '12 again']);
      expect(await lab.store.readHead(account, patient())).toMatchObject({ sequence: sequence + 1 });
    },
  );

  test('takes keys that are not new, and refuses those that are too old or from the future', async () => {
    const account = await labs.accountWith(10);
    await labs.turnPages(account);
    const aged = (ageMs: number) => call('deposit', 1, { key: keyAt(lab.now.ms - ageMs) });
    const calls = [
      aged(20 * MINUTE_MS),
      aged(31 * 24 * 60 * MINUTE_MS),
      aged(-6 * MINUTE_MS),
      aged(0),
      aged(0),
    ];
    const found = await outcomes(account, calls);
    expect(found.slice(1, 3)).toEqual(['key_expired', 'key_in_future']);
    expect(await balance(account)).toBe(String(10 + 2 * KEPT_ENTRIES + 3));
    expect(await outcomes(account, calls)).toEqual(
      found.map((each) => (each === 'key_in_future' ? each : `${each} again`)),
    );
  });

  test('of a recovered bank executes nothing under a key from before', async () => {
    const account = await labs.accountWith(10);
    const old = call('deposit', 1);
    lab.now.ms += MINUTE_MS;
    const recovered = labs.handlerOf('us-east-1', lab.store, { keysNotBeforeMs: lab.now.ms });
    expect(await outcomes(account, [old, ...deposits(2)], recovered)).toEqual(['key_expired', '11', '12']);
  });
});

describe('a batch whose function dies', () => {
  test.each(['before', 'after'] as const)('%s its write is executed once by the next one', async (when) => {
    const account = await labs.accountWith(10);
    const calls = [...deposits(3), ...withdrawals(3)];
    await labs.dying({ at: 1, when }, (by) => send(account, calls, by)).died;
    const replayed = when === 'after' ? ' again' : '';
    expect(await outcomes(account, calls, labs.other)).toEqual(
      ['11', '12', '13', '12', '11', '10'].map((each) => each + replayed),
    );
    expect(await balance(account)).toBe('10');
  });

  test('is not executed when its write arrives after one of its calls was answered alone', async () => {
    const account = await labs.accountWith(10);
    const calls = [...deposits(2), ...withdrawals(2)];
    const late: (() => Promise<{ written: boolean }>)[] = [];
    const delayed = handlerWith((batch) => {
      late.push(() => lab.store.append(batch, patient()));
      return Promise.reject(new StoreUnavailableError('unknown', 'no answer'));
    });
    const unanswered = await send(account, calls, delayed);
    expect([unanswered.status, unanswered.json.executed]).toEqual([503, undefined]);
    for (const isOnAPage of [false, true]) {
      await (isOnAPage ? labs.turnPages(account) : alone(account, calls[3] ?? call('deposit', 1)));
      expect(await late[0]?.()).toMatchObject({ written: false });
    }
    expect((await outcomes(account, calls))[3]).toBe('9 again');
    expect(await late[0]?.()).toMatchObject({ written: false });
    expect(await balance(account)).toBe(String(10 + 2 * KEPT_ENTRIES));
  });

  test.each([
    ['no', false],
    ['unknown', undefined],
  ] as const)('says so when the table does not answer its write: %s', async (known, executed) => {
    const account = await labs.accountWith(10);
    const failing = handlerWith(() => Promise.reject(new StoreUnavailableError(known, 'no answer')));
    const { status, json } = await send(account, deposits(2), failing);
    expect([status, json.executed]).toEqual([503, executed]);
  });

  test('says so of one call alone when only that call could not be answered', async () => {
    const account = await labs.accountWith(10);
    const failing = handlerWith((append, signal) =>
      append.entries.length > 1
        ? lab.store.append(append, signal)
        : Promise.reject(new StoreUnavailableError('no', 'no answer')),
    );
    const calls = [...deposits(2), call('withdraw', 500)];
    const { status, json } = await send(account, calls, failing);
    const [, , last] = json.answers;
    expect([status, last.status, last.body.code, last.body.executed]).toEqual([
      200,
      503,
      'unavailable',
      false,
    ]);
    expect(await outcomes(account, calls)).toEqual(['11 again', '12 again', 'not_enough_money']);
  });

  test('does not say that a call was not executed while a write with it may still arrive', async () => {
    const account = await labs.accountWith(10);
    const failing = handlerWith(async (append, signal) => {
      if (append.entries.length === 1) {
        throw new StoreUnavailableError('no', 'no answer');
      }
      return { ...(await lab.store.append(append, signal)), mayArrive: true };
    });
    const { json } = await send(account, [...deposits(2), call('withdraw', 500)], failing);
    expect(json.answers[2]).toMatchObject({ status: 503 });
    expect(json.answers[2].body).not.toHaveProperty('executed');
  });

  test('answers no call when something unexpected happens', async () => {
    const account = await labs.accountWith(10);
    const failing = handlerWith((append, signal) =>
      append.entries.length > 1
        ? lab.store.append(append, signal)
        : Promise.reject(new TypeError('unexpected')),
    );
    const calls = [...deposits(2), call('withdraw', 500)];
    const { status, json } = await send(account, calls, failing);
    expect([status, json.executed]).toEqual([503, undefined]);
    expect(await outcomes(account, calls)).toEqual(['11 again', '12 again', 'not_enough_money']);
  });
});

test('the log has a line for each call of a batch, as if it was sent alone, and one for a batch that is refused', async () => {
  const account = await labs.accountWith(10);
  const calls = [call('deposit', 1), call('withdraw', 500), call('withdraw', 2)];
  await send(account, calls);
  labs.lines.length = 0;
  await send(account, calls.slice(1));
  await send(account, []);
  expect(labs.lines.map(({ line }) => line)).toMatchObject([
    { operation: 'withdraw', account, key: calls[1]?.key, outcome: 'replayed', replayed: true, status: 409 },
    { operation: 'withdraw', account, key: calls[2]?.key, outcome: 'replayed', replayed: true, status: 200 },
    { operation: 'batch', account, outcome: 'bad_request', status: 400 },
  ]);
});

describe('pages', () => {
  test('of a book that batches write are turned like any others, and the statement is whole', async () => {
    const account = await labs.accountWith(1);
    for (let round = 0; round < 8; round += 1) {
      await send(account, [...deposits(15, 2), ...withdrawals(10, 1)]);
    }
    const { entries } = (await labs.get(`/accounts/${account}/entries`, { limit: '100' })).json;
    expect(entries).toHaveLength(100);
    expect(entries[0]).toMatchObject({ sequence: 201, balance: '161' });
    const head = await lab.store.readHead(account, patient());
    expect([head.turned, head.entries.length]).toEqual([201 - KEPT_ENTRIES, KEPT_ENTRIES]);
  });

  test('are turned first where the head has no room for a batch', async () => {
    const account = await labs.accountWith(1);
    // Functions that cannot turn pages fill the head.
    const stuck = labs.handlerOf('us-east-1', {
      ...lab.store,
      putPage: () => Promise.reject(new StoreUnavailableError('no', 'no answer')),
    });
    for (let entries = 1; entries + 25 <= MAX_HEAD_ENTRIES; entries += 25) {
      await send(account, deposits(25), stuck);
    }
    const { entries } = await lab.store.readHead(account, patient());
    expect(entries.length).toBeGreaterThan(MAX_HEAD_ENTRIES - 25);
    expect((await outcomes(account, deposits(25))).every((each) => Number(each) > 0)).toBe(true);
    expect(await balance(account)).toBe(String(entries.length + 25));
    const head = await lab.store.readHead(account, patient());
    expect(head.entries.length).toBeLessThanOrEqual(MAX_HEAD_ENTRIES);
  });
});

describe('a batch that is not valid', () => {
  const one = { operation: 'deposit', key: keyAt(Date.now()), amount: '1' };
  const other = { ...one, key: keyAt(Date.now()) };
  test.each([
    ['no calls', [], 'A batch must have 1 to 25 calls'],
    ['26 calls', Array.from({ length: 26 }, () => ({ ...one, key: keyAt(Date.now()) })), '1 to 25 calls'],
    ['something that is not a list', one, '1 to 25 calls'],
    ['another operation', [one, { ...other, operation: 'hold' }], 'Call 2: a batch must have'],
    ['a call without a key', [{ ...one, key: undefined }], 'Call 1: '],
    ['a wrong amount', [one, { ...other, amount: '0' }], 'Call 2: an amount must be'],
    [
      'a field that a withdrawal does not have',
      [{ ...one, operation: 'withdraw', mustExist: true }],
      'Call 1: ',
    ],
    ['one key twice', [one, { ...one, key: one.key.toUpperCase() }], 'must have different keys'],
    ['a body over 16 KB', [{ ...one, reference: ' '.repeat(16_384) }], 'larger than 16384 bytes'],
  ])('with %s is refused, and moves nothing', async (_, calls, words) => {
    const account = await labs.accountWith(10);
    const { status, json } = await send(account, calls);
    expect([status, json.code]).toEqual([400, 'bad_request']);
    expect(json.detail).toContain(words);
    expect(await balance(account)).toBe('10');
  });

  test('may be as large as 25 calls can be', async () => {
    const account = await labs.accountWith(Number(MAX_AMOUNT_MINOR));
    const calls = Array.from({ length: 25 }, () =>
      call('withdraw', 10_000_000_000_000, { reference: '"'.repeat(64) }),
    );
    expect(await outcomes(account, calls)).toHaveLength(25);
    expect(await balance(account)).toBe(String(MAX_AMOUNT_MINOR - 250_000_000_000_000n));
  });
});
