import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { httpEvent, moveEvent } from '../support/events.ts';
import { createHandlerLab } from '../support/handler-lab.ts';
import { newKey } from '../support/keys.ts';

let account: string;

const labs = await createHandlerLab();
beforeEach(() => {
  account = `account-${randomUUID()}`;
});

describe('bad input is a clear 400, and nothing moves', () => {
  test.each([
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
    ['a reference that is empty', { amount: '10', reference: '' }],
    ['a reference of 65 characters', { amount: '10', reference: 'r'.repeat(65) }],
    ['a reference that is not ASCII', { amount: '10', reference: 'Käse' }],
    ['a reference with a line end', { amount: '10', reference: 'a\nb' }],
    ['a reference that is a number', { amount: '10', reference: 4711 }],
    ['a mustExist that is no boolean', { amount: '10', mustExist: 'true' }],
    ['a prototype', '{"amount":"10","__proto__":{"admin":true}}'],
    ['a list', []],
    ['null', 'null'],
    ['no JSON', 'amount=10'],
    ['an empty body', ''],
    ['a body over 4 KB', `{"amount":"10"${' '.repeat(4096)}}`],
    ['deep JSON', '['.repeat(4000)],
  ])('%s', async (_, body) => {
    await labs.expectProblem(moveEvent(`/accounts/${account}/deposits`, newKey(), body), 'bad_request');
    expect(await labs.lab.item(account)).toBeUndefined();
  });

  test.each([
    ['deposits', { amount: '10', mustExist: 'true' }, /^mustExist must be/],
    ['holds', { amount: '10', expiresInSeconds: 0 }, /^expiresInSeconds must be/],
    ['holds', '', /^The body is not JSON; send an object such as \{"amount":"10"\}, or \{\}/],
  ])('and a text that says what to change (%s, %j)', async (what, body, text) => {
    const event = moveEvent(`/accounts/${account}/${what}`, newKey(), body);
    const { json } = await labs.expectProblem(event, 'bad_request');
    expect(json.detail).toMatch(text);
  });

  test.each(['captures', 'voids'])('a list as the body of %s, which needs no field', async (what) => {
    account = await labs.accountWith(10);
    const { key: hold } = (await labs.move(account, 'holds', 4)).json;
    await labs.expectProblem(
      moveEvent(`/accounts/${account}/holds/${hold}/${what}`, newKey(), []),
      'bad_request',
    );
    expect(await labs.balances(account)).toEqual(['6/4']);
  });

  test('a withdrawal that says mustExist, which it must anyway', async () => {
    const body = { amount: '10', mustExist: true };
    await labs.expectProblem(moveEvent(`/accounts/${account}/withdrawals`, newKey(), body), 'bad_request');
  });

  test.each([
    ['missing', {}],
    ['empty', { 'idempotency-key': '' }],
    ['a UUIDv4', { 'idempotency-key': randomUUID() }],
    ['without dashes', { 'idempotency-key': newKey().replaceAll('-', '') }],
    ['in braces', { 'idempotency-key': `{${newKey()}}` }],
    ['given twice', { 'idempotency-key': `${newKey()},${newKey()}` }],
  ])('a key that is %s', async (_, headers) => {
    await labs.expectProblem(
      httpEvent({ method: 'POST', path: `/accounts/${account}/deposits`, headers, body: '{"amount":"10"}' }),
      'bad_request',
    );
    await labs.expectProblem(httpEvent({ path: `/accounts/${account}/replies/not-a-key` }), 'bad_request');
    expect(await labs.lab.item(account)).toBeUndefined();
  });

  test.each([
    '.hidden',
    '-x',
    'a b',
    'a%2Fb',
    'é',
    'x'.repeat(129),
    '%E0%A4%A',
    '#health',
    '%00',
    '__proto__',
  ])('an account named %s', async (name) => {
    await labs.expectProblem(httpEvent({ path: `/accounts/${name}` }), 'bad_request');
    await labs.expectProblem(
      moveEvent(`/accounts/${name}/deposits`, newKey(), { amount: '1' }),
      'bad_request',
    );
  });

  test.each([
    ['GET', '/'],
    ['DELETE', '/accounts/joe'],
    ['GET', '/accounts/joe/deposits'],
    ['POST', '/accounts/joe/entries'],
    ['POST', '/accounts/joe/transfers'],
    ['POST', '/accounts/joe/deposits/extra/path'],
    ['POST', '/accounts/joe/constructor'],
    ['POST', '/health'],
    ['GET', '/health/deep'],
  ])('%s %s is no route', async (method, path) => {
    await labs.expectProblem(httpEvent({ method, path }), 'no_such_route');
  });
});
