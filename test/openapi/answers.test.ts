import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  isMove,
  MAX_AMOUNT_MINOR,
  MAX_OPEN_HOLDS,
  MAX_OPEN_TRANSFERS,
  OPERATIONS,
  type Operation,
  pathOf,
} from '../../client/contract/schemas.ts';
import { MAX_KEY_AGE_MS, MAX_KEY_AHEAD_MS } from '../../functions/bank/limits.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import type { ApiHandler } from '../../functions/http/handler.ts';
import { storeWithout } from '../support/before-append.ts';
import { httpEvent, moveEvent } from '../support/events.ts';
import { createHandlerLab, type HandlerAnswer } from '../support/handler-lab.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { bodies, faultsOfAnswer, operations } from './checked-document.ts';

let account: string;
/** The account that is paid, and the hold that captures and voids are of. */
let to: string;
let hold: string;
/** The call that refunds are of. */
let refunded: string;
/** Every answer that was given, as `deposit 200`, or with the code and detail of a problem. */
const given = new Set<string>();

const labs = await createHandlerLab();
beforeEach(() => {
  account = `account-${randomUUID()}`;
  to = `to-${randomUUID()}`;
  hold = newKey();
  refunded = newKey();
});

const OF_A_HOLD = ['capture', 'captureTo', 'void'] as const;
const WITHOUT_AMOUNT: Partial<Record<Operation, object>> = { void: {}, setStatus: { debits: 'frozen' } };
const MOVES = ['deposit', 'withdraw', 'transfer', 'hold', ...OF_A_HOLD, 'refund', 'setStatus'] as const;
const WITH_KEY_IN_PATH = ['outcome', 'acknowledge', 'cancel'] as const;
const WITH_REFERENCE = { amount: '10', reference: 'order 4711' };
const ON_ACCOUNTS = ['balance', 'entries', 'holds', 'batch', ...MOVES, ...WITH_KEY_IN_PATH] as const;

/** What differs from a call of the account, of 10, under a new key. */
interface Details {
  readonly key?: string;
  readonly amount?: string;
  readonly body?: object;
  readonly query?: Record<string, string>;
  /** The account that calls. Where it is `to`, it pays the account. */
  readonly of?: string;
  readonly by?: ApiHandler;
}

function twoCalls(key: string, amount: string): object[] {
  return [key, newKey()].map((each) => ({ operation: 'deposit', key: each, amount }));
}

function eventOf(
  id: Operation,
  {
    key = newKey(),
    amount = '10',
    body = WITHOUT_AMOUNT[id] ?? (id === 'batch' ? { calls: twoCalls(key, amount) } : { amount }),
    query,
    of = account,
  }: Details = {},
): APIGatewayProxyEventV2 {
  const { method } = OPERATIONS[id];
  const path = pathOf(id, { account: of, to: of === to ? account : to, hold, call: refunded, key });
  return isMove(id)
    ? moveEvent(path, key, body, {}, method)
    : httpEvent({
        ...{ method, path },
        ...(query === undefined ? {} : { query }),
        ...(id === 'batch' ? { body: JSON.stringify(body) } : {}),
      });
}

/** Asks, and holds the answer against the document. */
async function ask(
  id: Operation,
  details: Details = {},
  event = eventOf(id, details),
): Promise<HandlerAnswer> {
  const answer = await labs.ask(event, details.by);
  expect({ id, answer, faults: faultsOfAnswer(id, answer) }).toMatchObject({ faults: [] });
  const { code = answer.status, detail = '' } = answer.json ?? {};
  given.add(`${id} ${code} ${detail}`);
  return answer;
}

/** Expects a status, or the code of a problem, of each of some operations. */
async function expectAnswer(
  ids: Operation | readonly Operation[],
  expected: string | number,
  details?: Details,
): Promise<void> {
  for (const id of [ids].flat()) {
    const { json, status } = await ask(id, details);
    expect(json?.code ?? status, id).toBe(expected);
  }
}

/** Expects a refusal that can be read again and outlasts a cancellation. */
async function expectRecorded(id: Operation, code: string, details: Details = {}): Promise<void> {
  const key = newKey();
  await expectAnswer(id, code, { key, amount: '1234', ...details });
  await expectAnswer(['outcome', 'cancel'], 200, { key, ...details });
}

/** Makes a hold that the calls of a hold are about then. */
async function holdMoney(amount: string, expiresInSeconds?: number): Promise<void> {
  hold = newKey();
  await expectAnswer('hold', 200, { key: hold, body: { amount, expiresInSeconds } });
}

/** Withdraws money, which refunds are of then. */
async function withdrawMoney(amount: string): Promise<void> {
  refunded = newKey();
  await expectAnswer('withdraw', 200, { key: refunded, amount });
}

/** Makes the account the payee of a transfer, which refunds are of then. */
async function receiveMoney(amount: string): Promise<void> {
  await expectAnswer('transfer', 200, { of: to, amount });
  const { json } = await ask('entries');
  refunded = json.entries[0].key;
}

const expectMoney = async (balance: string) =>
  expect(await ask('balance')).toMatchObject({ json: { balance, held: '0' } });

/** A handler that reads everything, and cannot write to an account. */
const withoutWritesTo = (name: string, executed: 'no' | 'unknown' = 'no') =>
  labs.handlerOf('us-east-1', storeWithout(labs.lab.store, name, executed));

describe('an answer of the real handler is one that the document has, and its example shows it', () => {
  test('when calls succeed', async () => {
    const key = newKey();
    await expectAnswer('health', 200);
    await expectAnswer('deposit', 200, { key });
    await expectAnswer(['withdraw', 'balance', 'cancel', 'accounts'], 200);
    await expectAnswer(['outcome', 'cancel'], 200, { key });
    await expectAnswer('acknowledge', 204, { key });
    await expectAnswer('balance', 200, { query: { at: '2020-01-01T00:00:00Z' } });
    await expectAnswer('accounts', 200, { query: { limit: '1', after: 'joe' } });
  });

  test('when money is transferred and held', async () => {
    await ask('deposit', { amount: '100' });
    await ask('deposit', { of: to, amount: '1' });
    await expectAnswer('transfer', 200);
    await holdMoney('10');
    await expectAnswer('capture', 200, { body: { amount: '4', final: false } });
    await expectAnswer(['holds', 'captureTo', 'holds'], 200, { body: {} });
    await holdMoney('10');
    await expectAnswer('void', 200);
    await expectMoney('80');
  });

  test('when calls are refunded', async () => {
    await ask('deposit', { amount: '100' });
    await ask('deposit', { of: to, amount: '100' });
    await withdrawMoney('20');
    await expectAnswer('refund', 200, { body: WITH_REFERENCE });
    await expectAnswer('refund', 200, { body: {} });
    expect(await ask('outcome', { key: refunded })).toMatchObject({ json: { refunded: '20' } });
    await expectAnswer('refund', 'refund_exceeded', { body: {} });
    await receiveMoney('30');
    const key = newKey();
    expect(await ask('refund', { key, body: {} })).toMatchObject({ json: { amount: '30', to } });
    await expectAnswer(['outcome', 'cancel', 'entries'], 200, { key });
    await expectMoney('100');
  });

  test('when a transfer is under way, and when too many are', async () => {
    await ask('deposit', { amount: '1000' });
    await ask('deposit', { of: to, amount: '1' });
    await holdMoney('10');
    // Transfers begin, and do not end.
    const by = withoutWritesTo(to);
    const keys = Array.from({ length: MAX_OPEN_TRANSFERS - 1 }, newKey);
    for (const key of keys) {
      expect(await ask('transfer', { key, amount: '1', by })).toMatchObject({ status: 503 });
    }
    const captured = newKey();
    const part = { key: captured, body: { amount: '1', final: false }, by };
    expect(await ask('captureTo', part)).toMatchObject({ status: 503 });
    await withdrawMoney('1');
    for (const id of ['transfer', 'captureTo', 'refund'] as const) {
      expect(await ask(id, { amount: '1' })).toMatchObject({ status: 503, json: { executed: false } });
    }
    for (const key of [keys[0] ?? '', captured]) {
      await expectAnswer('outcome', 202, { key });
      await expectAnswer(['cancel', 'outcome'], 200, { key });
    }
  });

  test('when a refund is under way', async () => {
    await ask('deposit', { amount: '100' });
    await ask('deposit', { of: to, amount: '100' });
    await receiveMoney('30');
    const key = newKey();
    const answer = await ask('refund', { key, by: withoutWritesTo(to) });
    expect(answer).toMatchObject({ status: 503 });
    expect(answer.json).not.toHaveProperty('executed');
    await expectAnswer('outcome', 202, { key });
    await expectAnswer(['cancel', 'outcome'], 200, { key });
  });

  test('when a statement has all kinds of entries', async () => {
    await ask('deposit', { body: WITH_REFERENCE });
    await ask('withdraw', { amount: '3' });
    await ask('withdraw', { amount: '1234' });
    await ask('cancel');
    const { json } = await ask('entries', { query: { limit: '4', refusals: 'true' } });
    const types = ['cancelled', 'refused', 'withdrawal', 'deposit'];
    expect((json.entries as { type: string }[]).map(({ type }) => type)).toEqual(types);
    expect(await ask('entries', { query: { limit: '1' } })).toMatchObject({ json: { next: 4 } });
    await expectAnswer('entries', 200, { query: { after: '0' } });
  });

  test('when several calls come at once, executed, refused, replayed and turned away', async () => {
    const { ms } = labs.lab.now;
    const calls = [
      { operation: 'deposit', key: newKey(), amount: '10', reference: 'order 4711', mustExist: false },
      { operation: 'deposit', key: newKey(), amount: '1' },
      { operation: 'withdraw', key: newKey(), amount: '1234' },
      { operation: 'deposit', key: newKey(), amount: String(MAX_AMOUNT_MINOR) },
      { operation: 'withdraw', key: keyAt(ms + 2 * MAX_KEY_AHEAD_MS), amount: '1' },
      { operation: 'withdraw', key: keyAt(ms - MAX_KEY_AGE_MS - 60_000), amount: '1' },
    ];
    const statuses = async (sent: object[]) =>
      (await ask('batch', { body: { calls: sent } })).json.answers.map(
        ({ status }: { status: number }) => status,
      );
    expect(await statuses(calls)).toEqual([200, 200, 409, 409, 400, 410]);
    expect(await statuses(calls)).toEqual([200, 200, 409, 409, 400, 410]);
    expect(await statuses(calls.map((call) => ({ ...call, amount: '2' })))).toEqual([
      422, 422, 422, 422, 400, 422,
    ]);
    const [first = {}] = calls;
    for (const wrong of [[], [{ ...first, amount: '0' }], [first, first]]) {
      await expectAnswer('batch', 'bad_request', { body: { calls: wrong } });
    }
  });

  test.each(Object.keys(OPERATIONS) as Operation[])('when the table cannot be reached for %s', async (id) => {
    for (const executed of ['no', 'unknown'] as const) {
      const fail = () => Promise.reject(new StoreUnavailableError(executed, 'for the test'));
      const by = labs.handlerOf('us-east-1', new Proxy(labs.lab.store, { get: () => fail }));
      expect(await ask(id, { by })).toMatchObject({ status: 503 });
    }
  });

  test('when the table can be read, and a write to it is not answered', async () => {
    await ask('deposit');
    await holdMoney('5');
    await withdrawMoney('5');
    for (const id of [...OF_A_HOLD, 'refund'] as const) {
      const answer = await ask(id, { amount: '5', by: withoutWritesTo(account, 'unknown') });
      expect(answer).toMatchObject({ status: 503 });
      expect(answer.json).not.toHaveProperty('executed');
    }
  });

  test.each(ON_ACCOUNTS)('when the path of %s is invalid', async (id) => {
    const { routeKey } = eventOf(id);
    const { json } = await ask(id, {}, { ...eventOf(id, { of: 'joe/x' }), routeKey });
    expect(json).toMatchObject({ code: 'no_such_route' });
    await expectAnswer(id, 'bad_request', { of: '.hidden' });
  });

  test('when the other account, the hold or the call is invalid', async () => {
    for (const other of [account, '.hidden']) {
      to = other;
      await expectAnswer(['transfer', 'captureTo'], 'bad_request');
    }
    to = 'ann';
    [hold, refunded] = ['not-a-key', 'not-a-key'];
    await expectAnswer([...OF_A_HOLD, 'refund'], 'bad_request');
  });

  test('when a key is invalid', async () => {
    await expectAnswer([...MOVES, ...WITH_KEY_IN_PATH], 'bad_request', { key: 'not-a-key' });
  });

  test('when a query is invalid', async () => {
    const tomorrow = new Date(labs.lab.now.ms + 24 * 60 * 60_000).toISOString();
    for (const [id, query] of [
      ['balance', { at: 'yesterday' }],
      ['balance', { at: tomorrow }],
      ['entries', { limit: '101' }],
      ['entries', { before: '7', after: '1' }],
      ['accounts', { limit: '0' }],
      ['accounts', { after: '.hidden' }],
    ] as const) {
      await expectAnswer(id, 'bad_request', { query });
    }
  });

  test.each(MOVES)('when a %s is turned away', async (id) => {
    const { ms } = labs.lab.now;
    const asked = WITHOUT_AMOUNT[id];
    const wrong = [
      ...(asked === undefined ? [{ amount: '1.5' }] : []),
      ...(id === 'hold' ? [{ amount: '1', expiresInSeconds: 2_592_001 }] : []),
      ...(id === 'setStatus' ? [{}] : []),
      { ...(asked ?? { amount: '1' }), reference: 'x'.repeat(65) },
    ];
    for (const body of wrong) {
      await expectAnswer(id, 'bad_request', { body });
    }
    const [used, cancelled] = [newKey(), newKey()];
    await ask('deposit');
    await ask('deposit', { key: used });
    await expectAnswer(id, 'key_reused', { key: used, amount: '11' });
    await ask('cancel', { key: cancelled });
    await expectAnswer(id, 'cancelled', { key: cancelled });
    await expectAnswer(id, 'key_in_future', { key: keyAt(ms + 2 * MAX_KEY_AHEAD_MS) });
    await expectAnswer(id, 'key_expired', { key: keyAt(ms - MAX_KEY_AGE_MS - 60_000), amount: '1234' });
  });

  test('when a cancellation is turned away', async () => {
    const { store, now } = labs.lab;
    await expectAnswer('cancel', 'key_in_future', { key: keyAt(now.ms + 2 * MAX_KEY_AHEAD_MS) });
    const by = labs.handlerOf('us-east-1', store, { keysNotBeforeMs: now.ms });
    await expectAnswer('cancel', 'key_expired', { key: keyAt(now.ms - 1), by });
  });

  test('when the bank refuses, and each refusal can be read again and outlasts a cancellation', async () => {
    await expectAnswer(['balance', 'entries'], 'no_such_account');
    await expectAnswer('outcome', 'no_reply');
    await expectRecorded('withdraw', 'no_such_account');
    await expectRecorded('deposit', 'no_such_account', { body: { amount: '1234', mustExist: true } });
    await ask('deposit');
    await expectRecorded('withdraw', 'not_enough_money');
    await ask('deposit', { amount: String(MAX_AMOUNT_MINOR - 10n) });
    await expectRecorded('deposit', 'balance_too_large');
    await expectRecorded('deposit', 'key_expired', { key: keyAt(labs.lab.now.ms - MAX_KEY_AGE_MS - 60_000) });
    const key = newKey();
    await ask('cancel', { key });
    await expectAnswer(['outcome', 'cancel'], 200, { key });
  });

  test('when a transfer or a hold is refused', async () => {
    const amount = '1234';
    const others = [
      'transfer',
      'hold',
      'capture',
      'captureTo',
      'refund',
      'void',
      'setStatus',
      'holds',
    ] as const;
    await expectAnswer(others, 'no_such_account', { amount });
    await ask('deposit');
    await expectAnswer(['transfer', 'hold'], 'not_enough_money', { amount });
    await expectAnswer(OF_A_HOLD, 'no_such_hold');
    await holdMoney('10');
    await expectAnswer(['capture', 'captureTo'], 'hold_exceeded', { amount });
  });

  test('when a refund is refused', async () => {
    await ask('deposit', { amount: '5000' });
    await ask('deposit', { of: to, amount: '5000' });
    const refused = (code: string) => expectRecorded('refund', code);
    await refused('no_such_call');
    await withdrawMoney('1233');
    await refused('refund_exceeded');
    await withdrawMoney('2000');
    await ask('deposit', { amount: String(MAX_AMOUNT_MINOR - 2000n) });
    await refused('balance_too_large');
    await withdrawMoney(String(MAX_AMOUNT_MINOR - 3000n));
    await receiveMoney('2000');
    await ask('deposit', { of: to, amount: String(MAX_AMOUNT_MINOR - 4000n) });
    await refused('balance_too_large');
    await expectAnswer('withdraw', 200, { amount: '4000' });
    await refused('not_enough_money');
    const { json } = await ask('entries', { query: { after: '0' } });
    refunded = json.entries[0].key;
    await refused('not_refundable');
  });

  test('when the account that is paid does not exist, or would have too much', async () => {
    await ask('deposit', { amount: '10000' });
    const refused = async (code: string) => {
      await expectRecorded('transfer', code);
      await holdMoney('2000');
      await expectRecorded('captureTo', code);
      await expectMoney('10000');
    };
    await refused('no_such_destination');
    await ask('deposit', { of: to, amount: String(MAX_AMOUNT_MINOR - 10n) });
    await refused('balance_too_large');
  });

  test('when the hold has ended', async () => {
    await ask('deposit', { amount: '100' });
    await ask('deposit', { of: to, amount: '1' });
    await holdMoney('10');
    await ask('capture', { body: {} });
    await expectAnswer(OF_A_HOLD, 'hold_captured');
    await holdMoney('10');
    await ask('void');
    await expectAnswer(OF_A_HOLD, 'hold_voided');
    await holdMoney('10', 1);
    labs.lab.now.ms += 1000;
    await expectAnswer(OF_A_HOLD, 'hold_expired');
  });

  test('when the account, or the one that is paid, is frozen', async () => {
    await ask('deposit', { amount: '10000' });
    await ask('deposit', { of: to, amount: '2001' });
    await holdMoney('2000');
    await receiveMoney('2000');
    const freeze = async (of: string, body: object) => {
      await expectAnswer('setStatus', 200, { of, body });
      return await ask('balance', { of });
    };
    const frozen = await freeze(account, { debits: 'frozen', credits: 'frozen' });
    expect(frozen.json).toMatchObject({ debits: 'frozen', credits: 'frozen' });
    for (const id of MOVES.filter((move) => move !== 'void' && move !== 'setStatus')) {
      await expectRecorded(id, 'account_frozen');
    }
    await freeze(to, { credits: 'frozen' });
    await freeze(account, { debits: 'open', reference: 'order 4711' });
    for (const id of ['transfer', 'captureTo', 'refund'] as const) {
      await expectRecorded(id, 'destination_frozen');
    }
    await expectAnswer('entries', 200, { query: { refusals: 'true' } });
  });

  test('when the account has as many holds as it may have', async () => {
    await ask('deposit', { amount: '10000' });
    for (let count = 0; count < MAX_OPEN_HOLDS; count += 1) {
      await holdMoney('1');
    }
    await expectAnswer('hold', 'too_many_holds', { amount: '1234' });
    const { json } = await ask('holds');
    expect(json.holds).toHaveLength(MAX_OPEN_HOLDS);
  });

  test('when it is a replay, of a refusal too', async () => {
    await ask('deposit', { of: to, amount: '1' });
    for (const [id, status, amount] of [
      ['deposit', 200, '10'],
      ['withdraw', 409, '1234'],
      ['transfer', 200, '10'],
      ['cancel', 200, '10'],
    ] as const) {
      const details = { key: newKey(), amount };
      await ask(id, details);
      expect(await ask(id, details)).toMatchObject({ status, headers: { 'idempotent-replayed': 'true' } });
    }
  });

  test('of each operation, with each detail that the document shows for it, was given above', () => {
    const promised = operations.flatMap(({ id, operation }) =>
      ['200', '202', '204']
        .filter((status) => status in operation.responses)
        .map((status) => `${id} ${status} `),
    );
    const problems = bodies.flatMap(({ operation, examples }) =>
      ([...examples.values()] as Record<string, unknown>[])
        .filter(({ code, detail }) => typeof code === 'string' && typeof detail === 'string')
        .map(({ code, detail }) => `${operation.id} ${code} ${detail}`),
    );
    expect([...given].toSorted()).toEqual([...new Set([...promised, ...problems])].toSorted());
  });
});

describe('an answer that the document does not have', () => {
  test('is found by its status, its body or its headers', async () => {
    const right = await labs.ask(eventOf('deposit'));
    const wrong: readonly HandlerAnswer[] = [
      { ...right, status: 202 },
      { ...right, json: { ...right.json, balance: 10 } },
      { ...right, headers: { ...right.headers, 'x-new': '1' } },
      { ...right, headers: { 'content-type': 'application/json' } },
      { ...right, headers: { ...right.headers, 'content-type': 'text/plain' } },
      { ...right, body: undefined },
    ];
    expect(faultsOfAnswer('deposit', right)).toEqual([]);
    for (const answer of wrong) {
      expect(faultsOfAnswer('deposit', answer)).not.toEqual([]);
    }
  });
});
