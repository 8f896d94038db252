import { expect, test } from 'vitest';
import { TestBank } from '../../client/testing/index.ts';
import { createBank } from '../../functions/bank/bank.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { createHandler } from '../../functions/http/handler.ts';
import { fromResult, toEvent } from '../../functions/memory/gateway.ts';
import { createLab, patient } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';

test('a bank for tests answers each call with the bytes of a bank on DynamoDB', async () => {
  const { storeAt, now } = await createLab();
  const nowMs = () => now.ms;
  const testBank = new TestBank({ nowMs });
  const partsOf = (role: 'api' | 'sweep') => ({
    store: storeAt({ role, limits: { requestTimeoutMs: 30_000 } }),
    nowMs,
    keysNotBeforeMs: 0,
  });
  const handler = createHandler({
    bank: createBank(partsOf('api')),
    region: 'us-east-1',
    log: () => {},
    elapsedMs: () => performance.now(),
    nowMs,
    abortAfter: patient,
  });
  const deployed: typeof fetch = async (input, options) => {
    const request = new Request(input, options);
    const body = Buffer.from(await request.arrayBuffer());
    const rawHeaders = [...request.headers].flat();
    const target = request.url.replace('http://us-east-1.test', '');
    const event = toEvent({ method: request.method, target, rawHeaders, body, sourceIp: '' }, '1', nowMs());
    const context = { awsRequestId: '1', getRemainingTimeInMillis: () => 60_000 };
    const { status, headers, body: answer } = fromResult(await handler(event, context), '1');
    const isEmpty = answer.length === 0;
    const init = { status, headers: headers as Record<string, string> };
    return new Response(isEmpty ? null : new Uint8Array(answer), init);
  };

  const answers = new Set<string>();
  /** Calls both banks, expects the same answer, and returns the key. */
  const ask = async (call: string, body?: object, ownKey?: string): Promise<string> => {
    now.ms += 1;
    const key = ownKey ?? keyAt(now.ms);
    const [method = '', target = ''] = call.split(' ');
    const init = {
      method,
      headers: { 'idempotency-key': key, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    };
    const [expected, actual] = await Promise.all(
      [deployed, testBank.fetch].map(async (send) => {
        const response = await send.call(testBank, `http://us-east-1.test${target}`, init);
        const replayed = response.headers.get('idempotent-replayed');
        return { call, status: response.status, replayed, body: await response.text() };
      }),
    );
    expect(actual).toEqual(expected);
    const code = /^\{"type".*"code":"(\w+)"/.exec(String(expected?.body))?.[1];
    answers.add(code ?? String(expected?.status));
    return key;
  };

  await ask('GET /accounts/joe');
  const first = await ask('POST /accounts/joe/deposits', { amount: '100', reference: 'wages' });
  await ask('POST /accounts/joe/deposits', { amount: '100', reference: 'wages' }, first);
  await ask('POST /accounts/joe/deposits', { amount: '101' }, first);
  await ask('POST /accounts/shop/deposits', { amount: '1' });
  await ask('POST /accounts/nobody/deposits', { amount: '1', mustExist: true });
  const paid = await ask('POST /accounts/joe/withdrawals', { amount: '10' });
  await ask('POST /accounts/joe/withdrawals', { amount: '1000' });
  await ask('POST /accounts/joe/withdrawals', { amount: '-1' });
  await ask('POST /accounts/joe/transfers/shop', { amount: '20' });
  await ask('POST /accounts/joe/transfers/nobody', { amount: '20' });
  await ask(`POST /accounts/joe/refunds/${paid}`, { amount: '4' });
  await ask(`POST /accounts/joe/refunds/${paid}`, {});
  await ask(`POST /accounts/joe/refunds/${paid}`, {});
  const hold = await ask('POST /accounts/joe/holds', { amount: '30', expiresInSeconds: 60 });
  await ask(`POST /accounts/joe/holds/${hold}/captures`, { amount: '10', final: false });
  await ask(`POST /accounts/joe/holds/${hold}/captures`, { amount: '30' });
  await ask('GET /accounts/joe/holds');
  await ask('PUT /accounts/joe/status', { debits: 'frozen' });
  await ask('GET /accounts/joe');
  await ask('POST /accounts/joe/holds', { amount: '1' });
  await ask('PUT /accounts/joe/status', { debits: 'open' });
  now.ms += 60_000;
  await Promise.all([testBank.sweep(), sweep(partsOf('sweep'), patient(), () => {})]);
  await ask(`POST /accounts/joe/holds/${hold}/voids`, {});
  const cancelled = keyAt(now.ms);
  await ask(`PUT /accounts/joe/cancellations/${cancelled}`);
  await ask('POST /accounts/joe/deposits', { amount: '1' }, cancelled);
  await ask(`GET /accounts/joe/replies/${paid}`);
  for (let count = 0; count < 30; count += 1) {
    await ask('POST /accounts/joe/deposits', { amount: '1' });
  }
  // The entry is on a page now.
  await ask('POST /accounts/joe/deposits', { amount: '100', reference: 'wages' }, first);
  await ask(`DELETE /accounts/joe/replies/${first}`);
  await ask('GET /accounts/joe/entries?limit=100&refusals=true');
  await ask('GET /accounts/joe/entries?limit=7&before=20');
  await ask('GET /health');
  await ask('GET /nowhere');

  expect([...answers].sort()).toEqual([
    ...['200', '204', 'account_frozen', 'bad_request', 'cancelled', 'hold_exceeded', 'hold_expired'],
    ...['key_reused', 'no_such_account', 'no_such_destination', 'no_such_route', 'not_enough_money'],
    'refund_exceeded',
  ]);
});
