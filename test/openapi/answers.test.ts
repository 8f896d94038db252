import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_AMOUNT_MINOR } from '../../client/contract.ts';
import { MAX_KEY_AHEAD_MS, MAX_REMEMBERED_REPLIES } from '../../functions/core/limits.ts';
import { type Store, StoreUnavailableError } from '../../functions/core/store.ts';
import type { ApiHandler } from '../../functions/edge/handler.ts';
import { ATTRIBUTES } from '../../functions/store/item.ts';
import { httpEvent, moveEvent } from '../support/events.ts';
import { createHandlerLab, type HandlerAnswer, type HandlerLab } from '../support/handler-lab.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { bodies, faultsOfAnswer, operations } from './checked-document.ts';

let labs: HandlerLab;
let account: string;
/** Every answer that was given, as `deposit 200` or `deposit key_reused`. */
const given = new Set<string>();

beforeAll(async () => {
  labs = await createHandlerLab();
});
beforeEach(() => {
  account = `account-${randomUUID()}`;
});

type Id = 'health' | 'balance' | 'deposit' | 'withdraw' | 'outcome' | 'acknowledge' | 'cancel';
const MOVES = ['deposit', 'withdraw'] as const;
const WITH_KEY_IN_PATH = ['outcome', 'acknowledge', 'cancel'] as const;
const ON_ACCOUNTS = ['balance', ...MOVES, ...WITH_KEY_IN_PATH] as const;

function event(id: Id, key = newKey(), amount = '10'): APIGatewayProxyEventV2 {
  const start = `/accounts/${account}`;
  switch (id) {
    case 'health':
      return httpEvent({ path: '/health' });
    case 'balance':
      return httpEvent({ path: start });
    case 'deposit':
      return moveEvent(`${start}/deposits`, key, { amount });
    case 'withdraw':
      return moveEvent(`${start}/withdrawals`, key, { amount });
    case 'outcome':
      return httpEvent({ path: `${start}/replies/${key}` });
    case 'acknowledge':
      return httpEvent({ method: 'DELETE', path: `${start}/replies/${key}` });
    case 'cancel':
      return httpEvent({ method: 'PUT', path: `${start}/cancellations/${key}` });
  }
}

/** Asks, and holds the answer against the document. */
async function ask(id: Id, asked: APIGatewayProxyEventV2, handler?: ApiHandler): Promise<HandlerAnswer> {
  const answer = await labs.ask(asked, handler);
  expect({ id, answer, faults: faultsOfAnswer(id, answer) }).toMatchObject({ faults: [] });
  const code = answer.json?.code as string | undefined;
  given.add(`${id} ${code ?? answer.status}`);
  if (code !== undefined) expect(detailsOf(id, code)).toContain(answer.json.detail);
  return answer;
}

async function expectAnswer(id: Id, asked: APIGatewayProxyEventV2, expected: string | number): Promise<void> {
  const { json, status } = await ask(id, asked);
  expect(json?.code ?? status).toBe(expected);
}

/** The details that the examples of an operation show for a code. */
function detailsOf(id: Id, code: string): unknown[] {
  return bodies
    .filter(({ operation }) => operation.id === id)
    .flatMap(({ examples }) => [...examples.values()] as Record<string, unknown>[])
    .filter((value) => value['code'] === code)
    .map((value) => value['detail']);
}

function failing(error: Error): ApiHandler {
  const names = Object.keys(labs.lab.store) as (keyof Store)[];
  const fail = () => Promise.reject(error);
  return labs.handlerOf(
    'us-east-1',
    Object.fromEntries(names.map((name) => [name, fail])) as unknown as Store,
  );
}

/** Makes an account that remembers as many replies as it can. */
async function fill(): Promise<void> {
  const keys = Array.from({ length: MAX_REMEMBERED_REPLIES }, (_, index) =>
    keyAt(labs.lab.now.ms - 1000 + index),
  );
  const replies = keys.flatMap((key) => [
    [ATTRIBUTES.call(key), 'deposit 1'],
    [ATTRIBUTES.reply(key), 1n],
  ]);
  await labs.lab.putItem({ account, balance: 1n, full: true, ...Object.fromEntries(replies) });
}

describe('an answer of the real handler is one that the document has, and its example shows it', () => {
  it('when all is well', async () => {
    const key = newKey();
    await expectAnswer('health', event('health'), 200);
    await expectAnswer('deposit', event('deposit', key), 200);
    await expectAnswer('withdraw', event('withdraw'), 200);
    await expectAnswer('balance', event('balance'), 200);
    await expectAnswer('outcome', event('outcome', key), 200);
    await expectAnswer('cancel', event('cancel', key), 200);
    await expectAnswer('cancel', event('cancel'), 200);
    await expectAnswer('acknowledge', event('acknowledge', key), 204);
  });

  it.each(['health', ...ON_ACCOUNTS] as const)('when the table cannot be reached for %s', async (id) => {
    for (const executed of ['no', 'unknown'] as const) {
      const handler = failing(new StoreUnavailableError(executed, 'for the test'));
      expect(await ask(id, event(id), handler)).toMatchObject({ status: 503 });
    }
  });

  it.each(ON_ACCOUNTS)('when the path of %s is not one', async (id) => {
    const { routeKey } = event(id);
    account = 'joe/x';
    await expectAnswer(id, { ...event(id), routeKey }, 'no_such_route');
    account = '.hidden';
    await expectAnswer(id, event(id), 'bad_request');
  });

  it.each([...MOVES, ...WITH_KEY_IN_PATH])('when the key of %s is not one', async (id) => {
    await expectAnswer(id, event(id, 'not-a-key'), 'bad_request');
  });

  it.each(MOVES)('when a %s is turned away', async (id) => {
    const { ms } = labs.lab.now;
    await expectAnswer(id, event(id, newKey(), '1.5'), 'bad_request');
    const [used, cancelled] = [newKey(), newKey()];
    await ask('deposit', event('deposit', used, '10'));
    await expectAnswer(id, event(id, used, '11'), 'key_reused');
    await ask('cancel', event('cancel', cancelled));
    await expectAnswer(id, event(id, cancelled), 'cancelled');
    await expectAnswer(id, event(id, keyAt(ms + 2 * MAX_KEY_AHEAD_MS)), 'key_in_future');
    await labs.lab.putItem({ account, balance: 1n, watermark: keyAt(ms - 1000) });
    await expectAnswer(id, event(id, keyAt(ms - 60_000)), 'key_expired');
    await fill();
    await expectAnswer(id, event(id), 'too_many_unacknowledged');
  });

  it('when a cancellation is turned away, or a key is forgotten', async () => {
    const { ms } = labs.lab.now;
    await expectAnswer('cancel', event('cancel', keyAt(ms + 2 * MAX_KEY_AHEAD_MS)), 'key_in_future');
    await labs.lab.putItem({ account, balance: 1n, watermark: keyAt(ms - 1000) });
    await expectAnswer('cancel', event('cancel', keyAt(ms - 60_000)), 'key_expired');
    await expectAnswer('outcome', event('outcome', keyAt(ms - 60_000)), 'key_expired');
    await fill();
    await expectAnswer('cancel', event('cancel'), 'too_many_unacknowledged');
  });

  it('when the bank refuses, and each refusal can be read again and outlasts a cancellation', async () => {
    await expectAnswer('balance', event('balance'), 'no_such_account');
    await expectAnswer('outcome', event('outcome'), 'no_reply');
    const keys = Array.from({ length: 4 }, newKey);
    const [nobody = '', poor = '', rich = '', never = ''] = keys;
    await expectAnswer('withdraw', event('withdraw', nobody, '1234'), 'no_such_account');
    await ask('deposit', event('deposit'));
    await expectAnswer('withdraw', event('withdraw', poor, '1234'), 'not_enough_money');
    await expectAnswer('deposit', event('deposit', rich, String(MAX_AMOUNT_MINOR)), 'balance_too_large');
    await ask('cancel', event('cancel', never));
    for (const key of keys) {
      await expectAnswer('outcome', event('outcome', key), 200);
      await expectAnswer('cancel', event('cancel', key), 200);
    }
  });

  it('when it is a replay, of a refusal too', async () => {
    for (const [id, status] of [
      ['deposit', 200],
      ['withdraw', 409],
      ['cancel', 200],
    ] as const) {
      const asked = event(id, newKey(), id === 'withdraw' ? '1234' : '10');
      await ask(id, asked);
      expect(await ask(id, asked)).toMatchObject({ status, headers: { 'idempotent-replayed': 'true' } });
    }
  });

  it('when a write may still be on its way', async () => {
    const { store } = labs.lab;
    const handler = labs.handlerOf('us-east-1', {
      ...store,
      write: async (...args) => ({ ...(await store.write(...args)), mayStillBeWritten: true }),
    });
    for (const [id, status] of [
      ['deposit', 200],
      ['withdraw', 409],
      ['cancel', 200],
    ] as const) {
      const answer = await ask(id, event(id, newKey(), id === 'withdraw' ? '1234' : '10'), handler);
      expect(answer).toMatchObject({ status, headers: { 'bank-unsettled': 'true' } });
    }
  });

  it('of each operation, with each code that the document names for it: all of them were given above', () => {
    const promised = operations.flatMap(({ id, operation }) =>
      ['200', '204'].filter((status) => status in operation.responses).map((status) => `${id} ${status}`),
    );
    const problems = bodies.flatMap(({ operation, examples }) =>
      ([...examples.values()] as Record<string, unknown>[])
        .filter((value) => typeof value['code'] === 'string' && typeof value['detail'] === 'string')
        .map((value) => `${operation.id} ${value['code']}`),
    );
    expect([...given].toSorted()).toEqual([...new Set([...promised, ...problems])].toSorted());
  });
});

describe('an answer that the document does not have', () => {
  it('is found, whatever is wrong with it', async () => {
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
    for (const answer of wrong) expect(faultsOfAnswer('deposit', answer)).not.toEqual([]);
  });
});
