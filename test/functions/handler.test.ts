import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_AMOUNT_MINOR, PROBLEMS, type ProblemCode } from '../../client/contract.ts';
import { createBank } from '../../functions/core/bank.ts';
import { type Store, StoreUnavailableError } from '../../functions/core/store.ts';
import { type ApiHandler, type CallLine, createHandler } from '../../functions/edge/handler.ts';
import { ATTRIBUTES } from '../../functions/store/item.ts';
import { createLab, type Lab } from '../support/dynamodb-lab.ts';
import { httpEvent, moveEvent } from '../support/events.ts';
import { keyAt, newKey } from '../support/keys.ts';

let lab: Lab;
let handlers: { one: ApiHandler; two: ApiHandler };
let account: string;
const lines: { line: CallLine; error: unknown }[] = [];
const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 10_000 };

beforeAll(async () => {
  lab = await createLab();
  handlers = { one: handlerOf('us-east-1'), two: handlerOf('us-east-2') };
});
beforeEach(() => {
  account = `account-${randomUUID()}`;
  lines.length = 0;
});

function handlerOf(region: string, store = lab.store): ApiHandler {
  return createHandler({
    bank: createBank(store, () => lab.now.ms),
    region,
    log: (line, error) => lines.push({ line, error }),
    elapsedMs: () => performance.now(),
  });
}

async function ask(event: APIGatewayProxyEventV2, handler = handlers.one) {
  const { statusCode, headers = {}, body = '' } = await handler(event, context);
  return { status: statusCode, headers, body, json: JSON.parse(body) };
}

const deposit = (amount: string, key = newKey()) =>
  moveEvent(`/accounts/${account}/deposits`, key, { amount });
const withdrawal = (amount: string, key = newKey()) =>
  moveEvent(`/accounts/${account}/withdrawals`, key, { amount });
const replyTo = (key: string) => httpEvent({ path: `/accounts/${account}/replies/${key}` });

async function expectProblem(event: APIGatewayProxyEventV2, code: ProblemCode) {
  const answer = await ask(event);
  expect(answer.json).toEqual({
    type: `urn:twinbank:problem:${code}`,
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    detail: expect.stringMatching(/\.$/),
    code,
  });
  expect(answer.status).toBe(PROBLEMS[code].status);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'bank-region': 'us-east-1',
  });
  return answer;
}

describe('the answers of the contract', () => {
  it('answers a deposit, a withdrawal and a balance with 200 and the balance as a string', async () => {
    const keys = [newKey(), newKey()] as const;
    const first = await ask(deposit('25', keys[0]));
    expect(first).toMatchObject({
      status: 200,
      body: `{"account":"${account}","key":"${keys[0]}","balance":"25"}`,
    });
    expect(first.headers).toEqual({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'bank-region': 'us-east-1',
    });
    expect((await ask(withdrawal('12', keys[1]))).json).toEqual({ account, key: keys[1], balance: '13' });
    expect((await ask(httpEvent({ path: `/accounts/${account}` }))).body).toBe(
      `{"account":"${account}","balance":"13"}`,
    );
  });

  it('answers health with 200 when a strong read works', async () => {
    expect((await ask(httpEvent({ path: '/health' }))).status).toBe(200);
  });

  it('answers every refusal as a problem with its code and status', async () => {
    await expectProblem(httpEvent({ path: `/accounts/${account}` }), 'no_such_account');
    await expectProblem(withdrawal('1'), 'no_such_account');
    const key = newKey();
    await ask(deposit('5', key));
    await expectProblem(withdrawal('6'), 'not_enough_money');
    await expectProblem(deposit(String(MAX_AMOUNT_MINOR)), 'balance_too_large');
    await expectProblem(deposit('6', key), 'key_reused');
    await expectProblem(deposit('5', keyAt(lab.now.ms + 10 * 60_000)), 'key_in_future');
    await expectProblem(replyTo(newKey()), 'no_reply');
    await expectProblem(httpEvent({ path: '/accounts' }), 'no_such_route');
  });

  it('answers key_expired below the watermark and too_many_unacknowledged when the account is full', async () => {
    const old = keyAt(lab.now.ms - 60_000);
    await lab.putItem({ account, balance: 1n, watermark: keyAt(lab.now.ms - 1000) });
    await expectProblem(deposit('1', old), 'key_expired');
    const replies = Array.from({ length: 1000 }, (_, index) => keyAt(lab.now.ms - 1000 + index));
    await lab.putItem({
      account,
      balance: 1n,
      full: true,
      ...Object.fromEntries(
        replies.flatMap((key) => [
          [ATTRIBUTES.call(key), 'deposit 1'],
          [ATTRIBUTES.reply(key), 1n],
        ]),
      ),
    });
    await expectProblem(deposit('1'), 'too_many_unacknowledged');
  });
});

describe('replies', () => {
  it('are the same bytes from both Regions, refusals included, and only the header says who spoke', async () => {
    const [executed, refused] = [deposit('25'), withdrawal('999')];
    for (const event of [executed, refused]) {
      const [first, again] = [await ask(event), await ask(event, handlers.two)];
      expect(again.status).toBe(first.status);
      expect(again.body).toBe(first.body);
      expect([first.headers['bank-region'], again.headers['bank-region']]).toEqual([
        'us-east-1',
        'us-east-2',
      ]);
    }
  });

  it('can be read again, status and body, as they were given', async () => {
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
  it('takes every character that a name may have', async () => {
    account = `joe.doe_${randomUUID()}:eu@bank-1`;
    await ask(deposit('25'));
    expect((await ask(httpEvent({ path: `/accounts/${account}` }))).json).toEqual({ account, balance: '25' });
  });

  it('decodes no name a second time, so that no account has a name that policies do not know', async () => {
    await expectProblem(httpEvent({ path: '/accounts/%6Aoe' }), 'bad_request');
  });

  it('takes a key in upper case for the same key, and answers with the canonical form', async () => {
    const key = newKey();
    await ask(deposit('25', key));
    expect((await ask(deposit('25', key.toUpperCase()))).json).toEqual({ account, key, balance: '25' });
    expect((await ask(httpEvent({ path: `/accounts/${account}` }))).json.balance).toBe('25');
  });

  it('takes a body that the gateway has encoded in base64', async () => {
    const event = moveEvent(
      `/accounts/${account}/deposits`,
      newKey(),
      Buffer.from('{"amount":"25"}').toString('base64'),
    );
    expect((await ask({ ...event, isBase64Encoded: true })).json.balance).toBe('25');
  });
});

describe('bad input is a clear 400, and nothing moves', () => {
  it.each([
    ['a number as amount', { amount: 10 }],
    ['a negative amount', { amount: '-100' }],
    ['zero', { amount: '0' }],
    ['a leading zero', { amount: '010' }],
    ['a fraction', { amount: '1.5' }],
    ['16 digits', { amount: '1000000000000000' }],
    ['an exponent', { amount: '1e3' }],
    ['digits of another script', { amount: '١٠' }],
    ['a trailing newline', { amount: '10\n' }],
    ['a missing amount', {}],
    ['a field that the bank would ignore', { amount: '10', currency: 'EUR' }],
    ['a prototype', '{"amount":"10","__proto__":{"admin":true}}'],
    ['a list', []],
    ['null', 'null'],
    ['no JSON', 'amount=10'],
    ['an empty body', ''],
    ['a body over 4 KB', `{"amount":"10"${' '.repeat(4096)}}`],
    ['deep JSON', '['.repeat(4000)],
  ])('%s', async (_, body) => {
    await expectProblem(moveEvent(`/accounts/${account}/deposits`, newKey(), body), 'bad_request');
    expect(await lab.item(account)).toBeUndefined();
  });

  it.each([
    ['missing', {}],
    ['empty', { 'idempotency-key': '' }],
    ['a UUIDv4', { 'idempotency-key': randomUUID() }],
    ['without dashes', { 'idempotency-key': newKey().replaceAll('-', '') }],
    ['in braces', { 'idempotency-key': `{${newKey()}}` }],
    ['given twice', { 'idempotency-key': `${newKey()},${newKey()}` }],
  ])('a key that is %s', async (_, headers) => {
    await expectProblem(
      httpEvent({ method: 'POST', path: `/accounts/${account}/deposits`, headers, body: '{"amount":"10"}' }),
      'bad_request',
    );
    await expectProblem(httpEvent({ path: `/accounts/${account}/replies/not-a-key` }), 'bad_request');
    expect(await lab.item(account)).toBeUndefined();
  });

  it.each(['.hidden', '-x', 'a b', 'a%2Fb', 'é', 'x'.repeat(129), '%E0%A4%A', '#health', '%00', '__proto__'])(
    'an account named %s',
    async (name) => {
      await expectProblem(httpEvent({ path: `/accounts/${name}` }), 'bad_request');
      await expectProblem(moveEvent(`/accounts/${name}/deposits`, newKey(), { amount: '1' }), 'bad_request');
    },
  );

  it.each([
    ['GET', '/'],
    ['GET', '/accounts'],
    ['DELETE', '/accounts/joe'],
    ['GET', '/accounts/joe/deposits'],
    ['POST', '/accounts/joe/transfers'],
    ['POST', '/accounts/joe/deposits/extra/path'],
    ['POST', '/accounts/joe/constructor'],
    ['POST', '/health'],
    ['GET', '/health/deep'],
  ])('%s %s is no route', async (method, path) => {
    await expectProblem(httpEvent({ method, path }), 'no_such_route');
  });
});

describe('a store that cannot be reached', () => {
  const failing = (error: Error): ApiHandler => {
    const fail = () => Promise.reject(error);
    const names = Object.keys(lab.store) as (keyof Store)[];
    return handlerOf('us-east-1', Object.fromEntries(names.map((name) => [name, fail])) as unknown as Store);
  };

  it('is a 503 with Retry-After that says whether the call may have been executed', async () => {
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

  it('hides the stack of an error that nobody expected, logs it, and claims nothing about the money', async () => {
    const answer = await ask(deposit('1'), failing(new TypeError('x is not a function at secret.ts:1')));
    expect(answer.status).toBe(503);
    expect(answer.body).not.toMatch(/secret|TypeError|\.ts/);
    expect(answer.json).not.toHaveProperty('executed');
    expect(lines[0]?.error).toBeInstanceOf(TypeError);
  });

  it('is not even asked when the caller has no time left', async () => {
    const event = moveEvent(
      `/accounts/${account}/deposits`,
      newKey(),
      { amount: '1' },
      { 'bank-time-left-ms': '0' },
    );
    expect(await ask(event)).toMatchObject({ status: 503, json: { executed: false } });
    expect(await lab.item(account)).toBeUndefined();
  });

  it.each(['soon', '-1', '1e9', '99999999999'])(
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
  it('has one line a call with account, key, operation, outcome, status and duration, and no credentials', async () => {
    const key = newKey();
    const secrets = { authorization: 'AWS4-HMAC-SHA256 Credential=AKIA', 'x-amz-security-token': 'TOKEN' };
    const event = moveEvent(`/accounts/${account}/deposits`, key, { amount: '10' }, secrets);
    await ask(event);
    await ask(event);
    await ask(withdrawal('99'));
    await ask(httpEvent({ path: '/accounts/%00' }));
    const rest = { requestId: 'request-1', durationMs: expect.any(Number) };
    expect(lines.map(({ line }) => line)).toEqual([
      { ...rest, operation: 'deposit', account, key, outcome: 'executed', status: 200 },
      { ...rest, operation: 'deposit', account, key, outcome: 'replayed', status: 200 },
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
    expect(JSON.stringify(lines)).not.toMatch(/AKIA|TOKEN/);
  });
});
