import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBank } from '../../functions/bank/bank.ts';
import { timeToWorkMs } from '../../functions/http/deadline.ts';
import { createHandler } from '../../functions/http/handler.ts';
import { createLab, type Lab } from '../support/dynamodb-lab.ts';
import { httpEvent, moveEvent } from '../support/events.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { newKey } from '../support/keys.ts';

describe('the time that a function works on a call', () => {
  test('is what the caller still waits, less what the answer needs to travel', () => {
    expect(timeToWorkMs('2000', 10_000)).toBe(1900);
  });

  test('is never more than the function has left itself, nor than the limit', () => {
    expect(timeToWorkMs('2000', 700)).toBe(630);
    expect(timeToWorkMs('60000', 60_000)).toBe(4900);
  });

  test('is the limit when the caller does not say, or says something else than a number', () => {
    for (const header of [undefined, '', 'soon', '-5', '1.5', '1e3']) {
      expect(timeToWorkMs(header, 10_000)).toBe(4900);
    }
  });

  test('is zero when no time is left for the answer', () => {
    expect(timeToWorkMs('0', 10_000)).toBeLessThanOrEqual(0);
    expect(timeToWorkMs('5000', 0)).toBeLessThanOrEqual(0);
  });

  test('is most of it even for a caller who waits no longer than the usual reserve', () => {
    expect(timeToWorkMs('100', 10_000)).toBe(90);
    expect(timeToWorkMs('95', 10_000)).toBe(85);
  });
});

describe('a table that hangs', () => {
  let lab: Lab;
  let proxy: FaultProxy;
  beforeAll(async () => {
    lab = await createLab();
    proxy = await startFaultProxy(lab.tables.endpoint);
    proxy.decide = () => ({ kind: 'hang' });
  });
  afterAll(() => proxy[Symbol.asyncDispose]());

  const handler = () =>
    createHandler({
      // Attempts that would wait for ever, so that only the deadline can end them.
      bank: createBank({
        store: lab.storeAt({ endpoint: proxy.url, limits: { requestTimeoutMs: 120_000 } }),
        nowMs: Date.now,
        keysNotBeforeMs: 0,
      }),
      region: 'us-east-1',
      log: () => {},
      elapsedMs: () => performance.now(),
      nowMs: Date.now,
      abortAfter: (timeMs) => AbortSignal.timeout(timeMs),
    });

  test('is a 503 before the caller has gone, and the reply is there when the key asks again', async () => {
    const [account, key] = [`account-${randomUUID()}`, newKey()];
    const path = `/accounts/${account}/deposits`;
    const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 60_000 };
    const event = moveEvent(path, key, { amount: '10' }, { 'bank-time-left-ms': '600' });
    const answer = await handler()(event, context);
    expect(answer.statusCode).toBe(503);
    expect(JSON.parse(answer.body ?? '')).toMatchObject({ code: 'unavailable' });
    expect(JSON.parse(answer.body ?? '')).not.toHaveProperty('executed');
    await expect.poll(() => lab.item(account)).toMatchObject({ balance: 10n });
  });

  test('is a 503 before Lambda ends the function', async () => {
    const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 400 };
    expect((await handler()(httpEvent({ path: '/accounts/joe' }), context)).statusCode).toBe(503);
    expect((await handler()(httpEvent({ path: '/health' }), context)).statusCode).toBe(503);
  });
});
