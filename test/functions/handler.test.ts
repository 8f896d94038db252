import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { httpEvent, moveEvent } from '../support/events.ts';
import { createHandlerLab, refusal } from '../support/handler-lab.ts';
import { newKey } from '../support/keys.ts';

let account: string;

const labs = await createHandlerLab();
const { lab, ask, expectProblem } = labs;
beforeEach(() => {
  account = `account-${randomUUID()}`;
  labs.lines.length = 0;
});

const deposit = (amount: string, key = newKey(), headers?: Record<string, string>) =>
  moveEvent(`/accounts/${account}/deposits`, key, { amount }, headers);
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
});

describe('replies', () => {
  test('are the same bytes from both Regions, refusals included, and only headers say who spoke and that it is a replay', async () => {
    const [executed, refused] = [deposit('25'), withdrawal('999')];
    for (const event of [executed, refused]) {
      const [first, again] = [await ask(event), await ask(event, labs.other)];
      const { status, body } = first;
      const headers = { 'bank-region': 'us-east-2', 'idempotent-replayed': 'true' };
      expect(again).toMatchObject({ status, body, headers });
      expect(first.headers).toMatchObject({ 'bank-region': 'us-east-1' });
      expect(first.headers).not.toHaveProperty('idempotent-replayed');
    }
  });

  test('are acknowledged with 204 and no body, each time, also under a key that was never used, and the book keeps the entry', async () => {
    const key = newKey();
    await ask(deposit('10', key));
    for (const each of [key, key, newKey()]) {
      const answer = await labs.acknowledge(account, each);
      expect(answer).toMatchObject({ status: 204, body: undefined });
      expect(answer.headers).toEqual({ 'cache-control': 'no-store', 'bank-region': 'us-east-1' });
    }
    expect((await labs.outcome(account, key)).status).toBe(200);
  });

  test('of a cancellation are the same bytes every time, and a retry of its call is refused with 409', async () => {
    const key = newKey();
    const first = await labs.cancel(account, key);
    expect(first).toMatchObject({ status: 200, body: `{"key":"${key}","outcome":"cancelled"}` });
    const again = await labs.cancel(account, key);
    expect(again).toMatchObject({ body: first.body, headers: { 'idempotent-replayed': 'true' } });
    const refused = await ask(deposit('10', key));
    expect(refused).toMatchObject(refusal('cancelled'));
    // It repeats no answer: no call with this key had one before.
    expect(refused.headers).not.toHaveProperty('idempotent-replayed');
    expect((await labs.outcome(account, key)).json).toEqual({ key, status: 409, body: refused.json });
    expect(labs.lines.map(({ line }) => `${line.operation} ${line.outcome}`)).toEqual([
      'cancel cancelled',
      'cancel replayed',
      'deposit cancelled',
      'outcome answered',
    ]);
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

  test('serves only the route that the gateway matched before it decoded the path, because IAM allowed only that one', async () => {
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
  test('hides the stack of an unexpected error, logs it, and claims nothing about the money', async () => {
    const append = () => Promise.reject(new TypeError('x is not a function at secret.ts:1'));
    const answer = await ask(deposit('1'), labs.handlerOf('us-east-1', { ...lab.store, append }));
    expect(answer.status).toBe(503);
    expect(answer.body).not.toMatch(/secret|TypeError|\.ts/);
    expect(answer.json).not.toHaveProperty('executed');
    expect(labs.lines[0]?.error).toBeInstanceOf(TypeError);
  });

  test.each([
    ['GET', '', false],
    ['GET', '/entries', false],
    ['GET', `/replies/${newKey()}`, undefined],
    ['DELETE', `/replies/${newKey()}`, undefined],
  ])(
    'says that a read of an account executed nothing, and nothing about a key (%s %s)',
    async (method, path, executed) => {
      const fails = () => Promise.reject(new StoreUnavailableError('unknown', 'no answer'));
      const store = { ...lab.store, readHead: fails, readCache: fails, forget: fails };
      const event = httpEvent({ method, path: `/accounts/${account}${path}` });
      const { status, json } = await ask(event, labs.handlerOf('us-east-1', store));
      expect([status, json.code, json.executed]).toEqual([503, 'unavailable', executed]);
    },
  );

  test.each(['GET', 'DELETE'])(
    'says nothing about a key that it certainly did not read (%s)',
    async (method) => {
      const path = `/accounts/${account}/replies/${newKey()}`;
      const fails = () => Promise.reject(new StoreUnavailableError('no', 'throttled'));
      const throttled = labs.handlerOf('us-east-1', { ...lab.store, readHead: fails, forget: fails });
      for (const answer of [
        await ask(httpEvent({ method, path }), throttled),
        await ask(httpEvent({ method, path, headers: { 'bank-time-left-ms': '0' } })),
      ]) {
        expect([answer.status, answer.json.code, answer.json.executed]).toEqual([
          503,
          'unavailable',
          undefined,
        ]);
      }
    },
  );

  test('is not even asked when the caller has no time left', async () => {
    expect(await ask(deposit('1', newKey(), { 'bank-time-left-ms': '0' }))).toMatchObject({
      status: 503,
      json: { executed: false },
    });
    expect(await lab.item(account)).toBeUndefined();
  });

  test.each(['soon', '-1', '1e9', '99999999999'])(
    'serves a caller whose time left is not a number (%s)',
    async (timeLeft) => {
      expect((await ask(deposit('1', newKey(), { 'bank-time-left-ms': timeLeft }))).status).toBe(200);
    },
  );
});

describe('the log', () => {
  test('has one line for each call, with account, key, operation, outcome, status and duration, and without credentials', async () => {
    const key = newKey();
    const secrets = { authorization: 'AWS4-HMAC-SHA256 Credential=AKIA', 'x-amz-security-token': 'TOKEN' };
    const event = deposit('10', key, secrets);
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
