import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  isMove,
  MAX_AMOUNT_MINOR,
  MAX_OPEN_HOLDS,
  MAX_OPEN_TRANSFERS,
  type Move,
  OPERATIONS,
  type Operation,
  pathOf,
} from '../../client/contract/schemas.ts';
import { MAX_KEY_AGE_MS, MAX_KEY_AHEAD_MS } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import type { ApiHandler } from '../../functions/http/handler.ts';
import { httpEvent, moveEvent } from '../support/events.ts';
import { createHandlerLab, type HandlerAnswer, type HandlerLab } from '../support/handler-lab.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { bodies, faultsOfAnswer, operations } from './checked-document.ts';

let labs: HandlerLab;
let account: string;
/** The account that is paid, and the hold that captures and voids are of. */
let to: string;
let hold: string;
/** The call that refunds are of. */
let refunded: string;
/** Every answer that was given, as `deposit 200`, or with the code and detail of a problem. */
const given = new Set<string>();

beforeAll(async () => {
  labs = await createHandlerLab();
});
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
const ON_ACCOUNTS = ['balance', 'entries', 'holds', ...MOVES, ...WITH_KEY_IN_PATH] as const;

function event(id: Operation, key = newKey(), amount = '10'): APIGatewayProxyEventV2 {
  const { method } = OPERATIONS[id];
  return isMove(id)
    ? call(id, WITHOUT_AMOUNT[id] ?? { amount }, key)
    : httpEvent({ method, path: pathOf(id, { account, key }) });
}

/** A call with a body of its own. */
function call(id: Move, body: object, key = newKey()): APIGatewayProxyEventV2 {
  return moveEvent(pathOf(id, { account, to, hold, call: refunded }), key, body, {}, OPERATIONS[id].method);
}

/** A read with a query. */
function query(id: 'accounts' | 'balance' | 'entries', parameters: Record<string, string>) {
  return httpEvent({ path: pathOf(id, { account }), query: parameters });
}

/** Asks, and holds the answer against the document. */
async function ask(
  id: Operation,
  asked: APIGatewayProxyEventV2,
  handler?: ApiHandler,
): Promise<HandlerAnswer> {
  const answer = await labs.ask(asked, handler);
  expect({ id, answer, faults: faultsOfAnswer(id, answer) }).toMatchObject({ faults: [] });
  const { code = answer.status, detail = '' } = answer.json ?? {};
  given.add(`${id} ${code} ${detail}`);
  return answer;
}

async function expectAnswer(
  id: Operation,
  asked: APIGatewayProxyEventV2,
  expected: string | number,
): Promise<void> {
  const { json, status } = await ask(id, asked);
  expect(json?.code ?? status).toBe(expected);
}

/** Expects a refusal that can be read again and outlasts a cancellation. */
async function expectRecorded(
  id: Operation,
  code: string,
  asked = event(id, newKey(), '1234'),
): Promise<void> {
  await expectAnswer(id, asked, code);
  const key = String(asked.headers['idempotency-key']);
  await expectAnswer('outcome', event('outcome', key), 200);
  await expectAnswer('cancel', event('cancel', key), 200);
}

/** Makes a hold that the calls of a hold are about then. */
async function holdMoney(amount: string, expiresInSeconds?: number): Promise<void> {
  hold = newKey();
  await expectAnswer('hold', call('hold', { amount, expiresInSeconds }, hold), 200);
}

async function depositTo(name: string, amount: string): Promise<void> {
  await ask('deposit', moveEvent(pathOf('deposit', { account: name }), newKey(), { amount }));
}

/** Withdraws money, which refunds are of then. */
async function withdrawMoney(amount: string): Promise<void> {
  refunded = newKey();
  await expectAnswer('withdraw', event('withdraw', refunded, amount), 200);
}

/** Makes the account the payee of a transfer, which refunds are of then. */
async function receiveMoney(amount: string): Promise<void> {
  const path = pathOf('transfer', { account: to, to: account });
  await expectAnswer('transfer', moveEvent(path, newKey(), { amount }), 200);
  const { json } = await ask('entries', event('entries'));
  refunded = json.entries[0].key;
}

/** A handler that reads everything, and cannot write to an account. */
function failingToWriteTo(name: string, executed: 'no' | 'unknown'): ApiHandler {
  const { store } = labs.lab;
  return labs.handlerOf('us-east-1', {
    ...store,
    append: async (append, signal) => {
      if (append.account === name) {
        throw new StoreUnavailableError(executed, 'for the test');
      }
      return await store.append(append, signal);
    },
  });
}

function failing(error: Error): ApiHandler {
  const names = Object.keys(labs.lab.store) as (keyof Store)[];
  const fail = () => Promise.reject(error);
  return labs.handlerOf(
    'us-east-1',
    Object.fromEntries(names.map((name) => [name, fail])) as unknown as Store,
  );
}

describe('an answer of the real handler is one that the document has, and its example shows it', () => {
  test('when calls succeed', async () => {
    const key = newKey();
    await expectAnswer('health', event('health'), 200);
    await expectAnswer('deposit', event('deposit', key), 200);
    await expectAnswer('withdraw', event('withdraw'), 200);
    await expectAnswer('balance', event('balance'), 200);
    await expectAnswer('balance', query('balance', { at: '2020-01-01T00:00:00Z' }), 200);
    await expectAnswer('outcome', event('outcome', key), 200);
    await expectAnswer('cancel', event('cancel', key), 200);
    await expectAnswer('cancel', event('cancel'), 200);
    await expectAnswer('acknowledge', event('acknowledge', key), 204);
    await expectAnswer('accounts', event('accounts'), 200);
    await expectAnswer('accounts', query('accounts', { limit: '1', after: 'joe' }), 200);
  });

  test('when money is transferred and held', async () => {
    await depositTo(account, '100');
    await depositTo(to, '1');
    await expectAnswer('transfer', event('transfer'), 200);
    await holdMoney('10');
    await expectAnswer('capture', call('capture', { amount: '4', final: false }), 200);
    await expectAnswer('holds', event('holds'), 200);
    await expectAnswer('captureTo', call('captureTo', {}), 200);
    await expectAnswer('holds', event('holds'), 200);
    await holdMoney('10');
    await expectAnswer('void', event('void'), 200);
    expect(await ask('balance', event('balance'))).toMatchObject({ json: { balance: '80', held: '0' } });
  });

  test('when calls are refunded', async () => {
    await depositTo(account, '100');
    await depositTo(to, '100');
    await withdrawMoney('20');
    await expectAnswer('refund', call('refund', WITH_REFERENCE), 200);
    await expectAnswer('refund', call('refund', {}), 200);
    expect(await ask('outcome', event('outcome', refunded))).toMatchObject({ json: { refunded: '20' } });
    await expectAnswer('refund', call('refund', {}), 'refund_exceeded');
    await receiveMoney('30');
    const key = newKey();
    expect(await ask('refund', call('refund', {}, key))).toMatchObject({ json: { amount: '30', to } });
    await expectAnswer('outcome', event('outcome', key), 200);
    await expectAnswer('cancel', event('cancel', key), 200);
    await expectAnswer('entries', event('entries'), 200);
    expect(await ask('balance', event('balance'))).toMatchObject({ json: { balance: '100', held: '0' } });
  });

  test('when a transfer is under way, and when too many are', async () => {
    await depositTo(account, '1000');
    await depositTo(to, '1');
    await holdMoney('10');
    // Transfers begin, and do not end.
    const handler = failingToWriteTo(to, 'no');
    const keys = Array.from({ length: MAX_OPEN_TRANSFERS - 1 }, newKey);
    for (const key of keys) {
      expect(await ask('transfer', event('transfer', key, '1'), handler)).toMatchObject({ status: 503 });
    }
    const captured = newKey();
    const part = call('captureTo', { amount: '1', final: false }, captured);
    expect(await ask('captureTo', part, handler)).toMatchObject({ status: 503 });
    await withdrawMoney('1');
    for (const id of ['transfer', 'captureTo', 'refund'] as const) {
      expect(await ask(id, event(id, newKey(), '1'))).toMatchObject({
        status: 503,
        json: { executed: false },
      });
    }
    for (const key of [keys[0], captured]) {
      await expectAnswer('outcome', event('outcome', key), 202);
      await expectAnswer('cancel', event('cancel', key), 200);
      await expectAnswer('outcome', event('outcome', key), 200);
    }
  });

  test('when a refund is under way', async () => {
    await depositTo(account, '100');
    await depositTo(to, '100');
    await receiveMoney('30');
    const key = newKey();
    const answer = await ask('refund', event('refund', key, '10'), failingToWriteTo(to, 'no'));
    expect(answer).toMatchObject({ status: 503 });
    expect(answer.json).not.toHaveProperty('executed');
    await expectAnswer('outcome', event('outcome', key), 202);
    await expectAnswer('cancel', event('cancel', key), 200);
    await expectAnswer('outcome', event('outcome', key), 200);
  });

  test('when a statement has all kinds of entries', async () => {
    await ask('deposit', moveEvent(`/accounts/${account}/deposits`, newKey(), WITH_REFERENCE));
    await ask('withdraw', event('withdraw', newKey(), '3'));
    await ask('withdraw', event('withdraw', newKey(), '1234'));
    await ask('cancel', event('cancel'));
    const { json } = await ask('entries', query('entries', { limit: '4', refusals: 'true' }));
    const types = ['cancelled', 'refused', 'withdrawal', 'deposit'];
    expect((json.entries as { type: string }[]).map(({ type }) => type)).toEqual(types);
    expect(await ask('entries', query('entries', { limit: '1' }))).toMatchObject({ json: { next: 4 } });
    await expectAnswer('entries', query('entries', { after: '0' }), 200);
  });

  test.each(Object.keys(OPERATIONS) as Operation[])('when the table cannot be reached for %s', async (id) => {
    for (const executed of ['no', 'unknown'] as const) {
      const handler = failing(new StoreUnavailableError(executed, 'for the test'));
      expect(await ask(id, event(id), handler)).toMatchObject({ status: 503 });
    }
  });

  test('when the table can be read, and a write to it is not answered', async () => {
    await depositTo(account, '10');
    await holdMoney('5');
    await withdrawMoney('5');
    for (const id of [...OF_A_HOLD, 'refund'] as const) {
      const answer = await ask(id, event(id, newKey(), '5'), failingToWriteTo(account, 'unknown'));
      expect(answer).toMatchObject({ status: 503 });
      expect(answer.json).not.toHaveProperty('executed');
    }
  });

  test.each(ON_ACCOUNTS)('when the path of %s is not one', async (id) => {
    const { routeKey } = event(id);
    account = 'joe/x';
    await expectAnswer(id, { ...event(id), routeKey }, 'no_such_route');
    account = '.hidden';
    await expectAnswer(id, event(id), 'bad_request');
  });

  test('when the other account, the hold or the call is not one', async () => {
    for (const id of ['transfer', 'captureTo'] as const) {
      to = account;
      await expectAnswer(id, event(id), 'bad_request');
      to = '.hidden';
      await expectAnswer(id, event(id), 'bad_request');
    }
    to = 'ann';
    hold = 'not-a-key';
    for (const id of OF_A_HOLD) {
      await expectAnswer(id, event(id), 'bad_request');
    }
    refunded = 'not-a-key';
    await expectAnswer('refund', event('refund'), 'bad_request');
  });

  test.each([...MOVES, ...WITH_KEY_IN_PATH])('when the key of %s is not one', async (id) => {
    await expectAnswer(id, event(id, 'not-a-key'), 'bad_request');
  });

  test('when a query is not one', async () => {
    const tomorrow = new Date(labs.lab.now.ms + 24 * 60 * 60_000).toISOString();
    for (const [id, parameters] of [
      ['balance', { at: 'yesterday' }],
      ['balance', { at: tomorrow }],
      ['entries', { limit: '101' }],
      ['entries', { before: '7', after: '1' }],
      ['accounts', { limit: '0' }],
      ['accounts', { after: '.hidden' }],
    ] as const) {
      await expectAnswer(id, query(id, parameters), 'bad_request');
    }
  });

  test.each(MOVES)('when a %s is turned away', async (id) => {
    const { ms } = labs.lab.now;
    const asked = WITHOUT_AMOUNT[id];
    if (asked === undefined) {
      await expectAnswer(id, event(id, newKey(), '1.5'), 'bad_request');
    }
    if (id === 'hold') {
      await expectAnswer(id, call(id, { amount: '1', expiresInSeconds: 2_592_001 }), 'bad_request');
    }
    if (id === 'setStatus') {
      await expectAnswer(id, call(id, {}), 'bad_request');
    }
    const tooLong = { ...(asked ?? { amount: '1' }), reference: 'x'.repeat(65) };
    await expectAnswer(id, call(id, tooLong), 'bad_request');
    const [used, cancelled] = [newKey(), newKey()];
    await depositTo(account, '10');
    await ask('deposit', event('deposit', used, '10'));
    await expectAnswer(id, event(id, used, '11'), 'key_reused');
    await ask('cancel', event('cancel', cancelled));
    await expectAnswer(id, event(id, cancelled), 'cancelled');
    await expectAnswer(id, event(id, keyAt(ms + 2 * MAX_KEY_AHEAD_MS)), 'key_in_future');
    await expectAnswer(id, event(id, keyAt(ms - MAX_KEY_AGE_MS - 60_000), '1234'), 'key_expired');
  });

  test('when a cancellation is turned away', async () => {
    const key = keyAt(labs.lab.now.ms + 2 * MAX_KEY_AHEAD_MS);
    await expectAnswer('cancel', event('cancel', key), 'key_in_future');
    const { lab } = labs;
    const restored = labs.handlerOf('us-east-1', lab.store, { keysNotBeforeMs: lab.now.ms });
    const old = event('cancel', keyAt(lab.now.ms - 1));
    expect(await ask('cancel', old, restored)).toMatchObject({ json: { code: 'key_expired' } });
  });

  test('when the bank refuses, and each refusal can be read again and outlasts a cancellation', async () => {
    await expectAnswer('balance', event('balance'), 'no_such_account');
    await expectAnswer('entries', event('entries'), 'no_such_account');
    await expectAnswer('outcome', event('outcome'), 'no_reply');
    await expectRecorded('withdraw', 'no_such_account');
    await expectRecorded('deposit', 'no_such_account', call('deposit', { amount: '1234', mustExist: true }));
    await ask('deposit', event('deposit'));
    await expectRecorded('withdraw', 'not_enough_money');
    await ask('deposit', event('deposit', newKey(), String(MAX_AMOUNT_MINOR - 10n)));
    await expectRecorded('deposit', 'balance_too_large');
    const late = keyAt(labs.lab.now.ms - MAX_KEY_AGE_MS - 60_000);
    await expectRecorded('deposit', 'key_expired', event('deposit', late, '1234'));
    const cancelled = newKey();
    await ask('cancel', event('cancel', cancelled));
    await expectAnswer('outcome', event('outcome', cancelled), 200);
    await expectAnswer('cancel', event('cancel', cancelled), 200);
  });

  test('when a transfer or a hold is refused', async () => {
    for (const id of ['transfer', 'hold', 'capture', 'captureTo', 'refund'] as const) {
      await expectAnswer(id, event(id, newKey(), '1234'), 'no_such_account');
    }
    for (const id of ['void', 'setStatus'] as const) {
      await expectAnswer(id, event(id), 'no_such_account');
    }
    await expectAnswer('holds', event('holds'), 'no_such_account');
    await depositTo(account, '10');
    for (const id of ['transfer', 'hold'] as const) {
      await expectAnswer(id, event(id, newKey(), '1234'), 'not_enough_money');
    }
    for (const id of OF_A_HOLD) {
      await expectAnswer(id, event(id), 'no_such_hold');
    }
    await holdMoney('10');
    for (const id of ['capture', 'captureTo'] as const) {
      await expectAnswer(id, event(id, newKey(), '1234'), 'hold_exceeded');
    }
  });

  test('when a refund is refused', async () => {
    await depositTo(account, '5000');
    await depositTo(to, '5000');
    const refused = (code: string) => expectRecorded('refund', code);
    await refused('no_such_call');
    await withdrawMoney('1233');
    await refused('refund_exceeded');
    await withdrawMoney('2000');
    await depositTo(account, String(MAX_AMOUNT_MINOR - 2000n));
    await refused('balance_too_large');
    await withdrawMoney(String(MAX_AMOUNT_MINOR - 3000n));
    await receiveMoney('2000');
    await depositTo(to, String(MAX_AMOUNT_MINOR - 4000n));
    await refused('balance_too_large');
    await expectAnswer('withdraw', event('withdraw', newKey(), '4000'), 200);
    await refused('not_enough_money');
    const [{ key: deposit }] = (await ask('entries', query('entries', { after: '0' }))).json.entries;
    refunded = deposit;
    await refused('not_refundable');
  });

  test('when the account that is paid does not exist, or would have too much', async () => {
    await depositTo(account, '10000');
    const refused = async (code: string) => {
      await expectRecorded('transfer', code);
      await holdMoney('2000');
      await expectRecorded('captureTo', code);
      expect(await ask('balance', event('balance'))).toMatchObject({ json: { balance: '10000', held: '0' } });
    };
    await refused('no_such_destination');
    await depositTo(to, String(MAX_AMOUNT_MINOR - 10n));
    await refused('balance_too_large');
  });

  test('when the hold has ended', async () => {
    await depositTo(account, '100');
    await depositTo(to, '1');
    const expectEnded = async (code: string) => {
      for (const id of OF_A_HOLD) {
        await expectAnswer(id, event(id), code);
      }
    };
    await holdMoney('10');
    await ask('capture', call('capture', {}));
    await expectEnded('hold_captured');
    await holdMoney('10');
    await ask('void', event('void'));
    await expectEnded('hold_voided');
    await holdMoney('10', 1);
    labs.lab.now.ms += 1000;
    await expectEnded('hold_expired');
  });

  test('when the account, or the one that is paid, is frozen', async () => {
    await depositTo(account, '10000');
    await depositTo(to, '2001');
    await holdMoney('2000');
    await receiveMoney('2000');
    const freeze = async (name: string, status: object) => {
      const asked = moveEvent(pathOf('setStatus', { account: name }), newKey(), status, {}, 'PUT');
      expect(await ask('setStatus', asked)).toMatchObject({ status: 200 });
      return await ask('balance', httpEvent({ path: pathOf('balance', { account: name }) }));
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
    await expectAnswer('entries', query('entries', { refusals: 'true' }), 200);
  });

  test('when the account has as many holds as it may have', async () => {
    await depositTo(account, '10000');
    for (let count = 0; count < MAX_OPEN_HOLDS; count += 1) {
      await holdMoney('1');
    }
    await expectAnswer('hold', event('hold', newKey(), '1234'), 'too_many_holds');
    const { json } = await ask('holds', event('holds'));
    expect(json.holds).toHaveLength(MAX_OPEN_HOLDS);
  });

  test('when it is a replay, of a refusal too', async () => {
    await depositTo(to, '1');
    for (const [id, status] of [
      ['deposit', 200],
      ['withdraw', 409],
      ['transfer', 200],
      ['cancel', 200],
    ] as const) {
      const asked = event(id, newKey(), id === 'withdraw' ? '1234' : '10');
      await ask(id, asked);
      expect(await ask(id, asked)).toMatchObject({ status, headers: { 'idempotent-replayed': 'true' } });
    }
  });

  test('of each operation, with each detail that the document shows for it: all of them were given above', () => {
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
    const right = await labs.ask(event('deposit'));
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
