import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MAX_AMOUNT_MINOR } from '../../client/contract/schemas.ts';
import { type Store, StoreUnavailableError } from '../../functions/bank/store.ts';
import type { ApiHandler } from '../../functions/http/handler.ts';
import type { Lab } from '../support/dynamodb-lab.ts';
import { httpEvent, moveEvent } from '../support/events.ts';
import { createHandlerLab, type HandlerLab } from '../support/handler-lab.ts';
import { keyAt, newKey } from '../support/keys.ts';

let labs: HandlerLab;
let lab: Lab;
let handlers: { one: ApiHandler; two: ApiHandler };
let account: string;

beforeAll(async () => {
  labs = await createHandlerLab();
  lab = labs.lab;
  handlers = { one: labs.handlerOf('us-east-1'), two: labs.handlerOf('us-east-2') };
});
beforeEach(() => {
  account = `account-${randomUUID()}`;
  labs.lines.length = 0;
});

const ask: HandlerLab['ask'] = (...asked) => labs.ask(...asked);
const expectProblem: HandlerLab['expectProblem'] = (...expected) => labs.expectProblem(...expected);
const deposit = (amount: string, key = newKey()) =>
  moveEvent(`/accounts/${account}/deposits`, key, { amount });
const withdrawal = (amount: string, key = newKey()) =>
  moveEvent(`/accounts/${account}/withdrawals`, key, { amount });
const replyTo = (key: string) => httpEvent({ path: `/accounts/${account}/replies/${key}` });

describe('the answers of the contract', () => {
  test('answers a deposit, a withdrawal and a balance with 200 and the balance as a string', async () => {
    const keys = [newKey(), newKey()] as const;
    const at = new Date(lab.now.ms).toISOString();
    const first = await ask(deposit('25', keys[0]));
    expect(first).toMatchObject({
      status: 200,
      body: `{"account":"${account}","key":"${keys[0]}","balance":"25","sequence":1,"at":"${at}"}`,
    });
    expect(first.headers).toEqual({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'bank-region': 'us-east-1',
    });
    expect((await ask(withdrawal('12', keys[1]))).json).toEqual({
      account,
      key: keys[1],
      balance: '13',
      sequence: 2,
      at,
    });
    expect((await ask(httpEvent({ path: `/accounts/${account}` }))).body).toBe(
      `{"account":"${account}","balance":"13","held":"0"}`,
    );
  });

  test('answers health with 200 when a strong read works', async () => {
    expect((await ask(httpEvent({ path: '/health' }))).status).toBe(200);
  });

  test('answers every refusal as a problem with its code and status', async () => {
    await expectProblem(httpEvent({ path: `/accounts/${account}` }), 'no_such_account');
    await expectProblem(withdrawal('1'), 'no_such_account');
    const key = newKey();
    await ask(deposit('5', key));
    await expectProblem(withdrawal('6'), 'not_enough_money');
    await expectProblem(deposit(String(MAX_AMOUNT_MINOR)), 'balance_too_large');
    await expectProblem(deposit('6', key), 'key_reused');
    await expectProblem(deposit('5', keyAt(lab.now.ms + 10 * 60_000)), 'key_in_future');
    await expectProblem(deposit('5', keyAt(lab.now.ms - 31 * 24 * 60 * 60_000)), 'key_expired');
    await expectProblem(replyTo(newKey()), 'no_reply');
    await expectProblem(httpEvent({ path: '/account' }), 'no_such_route');
  });
});

describe('replies', () => {
  test('are the same bytes from both Regions, refusals included, and only headers say who spoke and that it is a replay', async () => {
    const [executed, refused] = [deposit('25'), withdrawal('999')];
    for (const event of [executed, refused]) {
      const [first, again] = [await ask(event), await ask(event, handlers.two)];
      expect(again.status).toBe(first.status);
      expect(again.body).toBe(first.body);
      expect([first.headers['bank-region'], again.headers['bank-region']]).toEqual([
        'us-east-1',
        'us-east-2',
      ]);
      expect([first.headers['idempotent-replayed'], again.headers['idempotent-replayed']]).toEqual([
        undefined,
        'true',
      ]);
    }
  });

  test('can be read again, status and body, as they were given', async () => {
    const [good, bad] = [newKey(), newKey()];
    for (const [key, event] of [
      [good, deposit('25', good)],
      [bad, withdrawal('999', bad)],
    ] as const) {
      const given = await ask(event);
      const recorded = await ask(replyTo(key), handlers.two);
      expect(recorded).toMatchObject({ status: 200, json: { key, status: given.status, body: given.json } });
    }
  });
});

describe('names and keys on the wire', () => {
  test('takes every character that a name may have', async () => {
    account = `joe.doe_${randomUUID()}:eu@bank-1`;
    await ask(deposit('25'));
    expect((await ask(httpEvent({ path: `/accounts/${account}` }))).json).toEqual({
      account,
      balance: '25',
      held: '0',
    });
  });

  test('decodes no name a second time, so that no account has a name that policies do not know', async () => {
    await expectProblem(httpEvent({ path: '/accounts/%6Aoe' }), 'bad_request');
  });

  test('serves only the route that the gateway matched before it decoded the path: only that was allowed', async () => {
    const key = newKey();
    await ask(deposit('25', key));
    // As sent: /accounts/NAME%2Freplies%2FKEY, which a policy on balances lets pass.
    await expectProblem({ ...replyTo(key), routeKey: 'GET /accounts/{account}' }, 'no_such_route');
    await expectProblem({ ...replyTo(key), routeKey: '$default' }, 'no_such_route');
    expect(await ask(replyTo(key))).toMatchObject({ status: 200 });
  });

  test('takes a key in upper case for the same key, and answers with the canonical form', async () => {
    const key = newKey();
    const first = await ask(deposit('25', key));
    expect(await ask(deposit('25', key.toUpperCase()))).toMatchObject({ status: 200, body: first.body });
    expect(first.json).toMatchObject({ key });
    expect((await ask(httpEvent({ path: `/accounts/${account}` }))).json.balance).toBe('25');
  });

  test('takes a body that the gateway has encoded in base64', async () => {
    const event = moveEvent(
      `/accounts/${account}/deposits`,
      newKey(),
      Buffer.from('{"amount":"25"}').toString('base64'),
    );
    expect((await ask({ ...event, isBase64Encoded: true })).json.balance).toBe('25');
  });
});

describe('a store that cannot be reached', () => {
  const failing = (error: Error): ApiHandler => {
    const fail = () => Promise.reject(error);
    const names = Object.keys(lab.store) as (keyof Store)[];
    return labs.handlerOf(
      'us-east-1',
      Object.fromEntries(names.map((name) => [name, fail])) as unknown as Store,
    );
  };

  test('is a 503 with Retry-After that says whether the call may have been executed', async () => {
    const certain = await ask(deposit('1'), failing(new StoreUnavailableError('no', 'refused')));
    expect(certain).toMatchObject({ status: 503, json: { code: 'unavailable', executed: false } });
    expect(certain.headers['retry-after']).toBe('1');
    const uncertain = await ask(deposit('1'), failing(new StoreUnavailableError('unknown', 'timeout')));
    expect(uncertain.status).toBe(503);
    expect(uncertain.json).not.toHaveProperty('executed');
    expect(
      (await ask(httpEvent({ path: '/health' }), failing(new StoreUnavailableError('no', '')))).status,
    ).toBe(503);
  });

  test('hides the stack of an unexpected error, logs it, and claims nothing about the money', async () => {
    const answer = await ask(deposit('1'), failing(new TypeError('x is not a function at secret.ts:1')));
    expect(answer.status).toBe(503);
    expect(answer.body).not.toMatch(/secret|TypeError|\.ts/);
    expect(answer.json).not.toHaveProperty('executed');
    expect(labs.lines[0]?.error).toBeInstanceOf(TypeError);
  });

  test('is not even asked when the caller has no time left', async () => {
    const event = moveEvent(
      `/accounts/${account}/deposits`,
      newKey(),
      { amount: '1' },
      { 'bank-time-left-ms': '0' },
    );
    expect(await ask(event)).toMatchObject({ status: 503, json: { executed: false } });
    expect(await lab.item(account)).toBeUndefined();
  });

  test.each(['soon', '-1', '1e9', '99999999999'])(
    'serves a caller whose time left is not a number (%s)',
    async (timeLeft) => {
      const event = moveEvent(
        `/accounts/${account}/deposits`,
        newKey(),
        { amount: '1' },
        { 'bank-time-left-ms': timeLeft },
      );
      expect((await ask(event)).status).toBe(200);
    },
  );
});

describe('the log', () => {
  test('has one line a call with account, key, operation, outcome, status and duration, and no credentials', async () => {
    const key = newKey();
    const secrets = { authorization: 'AWS4-HMAC-SHA256 Credential=AKIA', 'x-amz-security-token': 'TOKEN' };
    const event = moveEvent(`/accounts/${account}/deposits`, key, { amount: '10' }, secrets);
    await ask(event);
    await ask(event);
    await ask(withdrawal('99'));
    await ask(httpEvent({ path: '/accounts/%00' }));
    const rest = { requestId: 'request-1', durationMs: expect.any(Number) };
    expect(labs.lines.map(({ line }) => line)).toEqual([
      { ...rest, operation: 'deposit', account, key, outcome: 'executed', status: 200 },
      { ...rest, operation: 'deposit', account, key, outcome: 'replayed', replayed: true, status: 200 },
      {
        ...rest,
        operation: 'withdraw',
        account,
        key: expect.any(String),
        outcome: 'not_enough_money',
        status: 409,
      },
      { ...rest, operation: 'balance', outcome: 'bad_request', status: 400 },
    ]);
    expect(JSON.stringify(labs.lines)).not.toMatch(/AKIA|TOKEN/);
  });
});
