import { describe, expect, test } from 'vitest';
import type { BankClient } from '../../client/index.ts';
import { type Behaviour, refuse, sendJson } from '../support/behaviours.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { startTwoRegions } from '../support/two-regions.ts';

const HOLD = newKey();
const at = '2026-11-27T13:00:00.000Z';
const expiresAt = '2026-12-04T13:00:00.000Z';
const moved = { account: 'joe', balance: '15', sequence: 3, at };
const captured = { ...moved, held: '0', hold: HOLD, amount: '10' };

/** Answers a call under its own key, as the bank does. */
function reply(body: object, status = 200): Behaviour {
  return ({ request, response }) => {
    sendJson(response, request.region, status, { key: request.key, ...body });
  };
}

interface Call {
  readonly name: string;
  readonly call: (client: BankClient, key?: string) => Promise<object>;
  readonly path: string;
  readonly body: object;
  /** What the bank answers, beside the key. */
  readonly answer: object;
  /** What the client makes of it, beside account, key, Region and receipt. */
  readonly result: object;
}

const CALLS: readonly Call[] = [
  {
    name: 'a transfer',
    call: (client, key) => client.transfer('joe', 'ann', 10n, { reference: 'rent', ...(key && { key }) }),
    path: '/accounts/joe/transfers/ann',
    body: { amount: '10', reference: 'rent' },
    answer: { ...moved, to: 'ann' },
    result: { to: 'ann' },
  },
  {
    name: 'a hold',
    call: (client, key) => client.hold('joe', 10n, { ...(key && { key }) }),
    path: '/accounts/joe/holds',
    body: { amount: '10' },
    answer: { ...moved, held: '10', expiresAt },
    result: { held: 10n, expiresAt: new Date(expiresAt) },
  },
  {
    name: 'a hold of an hour',
    call: (client) => client.hold('joe', 10n, { expiresInSeconds: 3600, reference: 'hotel' }),
    path: '/accounts/joe/holds',
    body: { amount: '10', expiresInSeconds: 3600, reference: 'hotel' },
    answer: { ...moved, held: '10', expiresAt },
    result: { held: 10n, expiresAt: new Date(expiresAt) },
  },
  {
    name: 'a capture',
    call: (client, key) => client.capture('joe', HOLD.toUpperCase(), { ...(key && { key }) }),
    path: `/accounts/joe/holds/${HOLD}/captures`,
    body: {},
    answer: captured,
    result: { held: 0n, hold: HOLD, amount: 10n },
  },
  {
    name: 'a capture of a part',
    call: (client) => client.capture('joe', HOLD, { amount: 10, final: false, reference: 'breakfast' }),
    path: `/accounts/joe/holds/${HOLD}/captures`,
    body: { amount: '10', final: false, reference: 'breakfast' },
    answer: { ...captured, held: '5' },
    result: { held: 5n, hold: HOLD, amount: 10n },
  },
  {
    name: 'a capture for another account',
    call: (client, key) => client.capture('joe', HOLD, { to: 'ann', ...(key && { key }) }),
    path: `/accounts/joe/holds/${HOLD}/captures/ann`,
    body: {},
    answer: { ...captured, to: 'ann' },
    result: { held: 0n, hold: HOLD, amount: 10n, to: 'ann' },
  },
  {
    name: 'a void',
    call: (client, key) => client.void('joe', HOLD, { reference: 'no show', ...(key && { key }) }),
    path: `/accounts/joe/holds/${HOLD}/voids`,
    body: { reference: 'no show' },
    answer: captured,
    result: { held: 0n, hold: HOLD, amount: 10n },
  },
];

describe('a call that moves or holds money', () => {
  test.each(CALLS)('is sent as what it is, and its answer is read: $name', async (each) => {
    await using regions = await startTwoRegions();
    regions.east.next(reply(each.answer));

    const result = await each.call(regions.client());

    const [request] = regions.arrivals;
    expect(request).toMatchObject({ method: 'POST', path: each.path });
    expect(JSON.parse(String(request?.body))).toEqual(each.body);
    expect(request?.headers).toMatchObject({ 'bank-reply-cache': 'no', 'content-type': 'application/json' });
    expect(result).toStrictEqual({
      account: 'joe',
      key: request?.key,
      balance: 15n,
      sequence: 3,
      at: new Date(at),
      region: 'us-east-1',
      replayed: false,
      ...each.result,
    });
    expect(JSON.parse(JSON.stringify(result))).toMatchObject({ key: request?.key, ...each.answer });
  });

  test.each(CALLS)('is answered by one Region when the other one lost its answer: $name', async (each) => {
    await using regions = await startTwoRegions();
    regions.east.next(({ response }) => response.destroy());
    regions.west.next(reply(each.answer));

    expect(await each.call(regions.client())).toMatchObject({ balance: 15n, region: 'us-east-2' });
    expect(new Set(regions.arrivals.map(({ key, path, body }) => `${key} ${path} ${body}`)).size).toBe(1);
  });

  const keyed = CALLS.filter(({ call }) => call.length === 2);
  test.each(keyed)('with a key of the caller is one that may be asked for again: $name', async (each) => {
    await using regions = await startTwoRegions();
    regions.east.next(reply(each.answer));
    const key = keyAt(regions.time.nowMs());

    expect(await each.call(regions.client(), key)).toMatchObject({ key });
    expect(regions.arrivals[0]?.headers).not.toHaveProperty('bank-reply-cache');
  });

  const transfer: Call['call'] = (client) => client.transfer('joe', 'ann', 10n);
  const capture: Call['call'] = (client) => client.capture('joe', HOLD);
  const captureTo: Call['call'] = (client) => client.capture('joe', HOLD, { to: 'ann' });
  const voidHold: Call['call'] = (client) => client.void('joe', HOLD);
  test.each<[string, Call['call'], object]>([
    ['a transfer to another account', transfer, { ...moved, to: 'eve' }],
    ['a deposit, where a transfer was asked for', transfer, moved],
    ['a capture of another hold', capture, { ...captured, hold: newKey() }],
    ['a capture for another account', captureTo, { ...captured, to: 'eve' }],
    ['a capture that was no transfer, where one was asked for', captureTo, captured],
    ['a void of another hold', voidHold, { ...captured, hold: newKey() }],
  ])('is not answered by the answer to another one: %s', async (_, call, answer) => {
    await using regions = await startTwoRegions();
    regions.east.next(reply(answer));

    await expect(call(regions.client({ maxAttempts: 1 }))).rejects.toMatchObject({ code: 'outcome_unknown' });
  });

  test('is not answered by a 202, which only a question for an outcome is', async () => {
    await using regions = await startTwoRegions();
    regions.east.next(reply({ ...moved, to: 'ann' }, 202));

    const call = regions.client({ maxAttempts: 1 }).transfer('joe', 'ann', 10n);

    await expect(call).rejects.toMatchObject({ code: 'outcome_unknown' });
  });

  test('goes on where a transfer has begun and not ended: its outcome is pending until then', async () => {
    await using regions = await startTwoRegions();
    const begun = refuse('unavailable');
    regions.east.next(begun, begun, reply({ ...moved, to: 'ann' }));
    regions.west.next(begun, begun);

    await expect(regions.client({ maxAttempts: 2 }).transfer('joe', 'ann', 10n)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    expect(await regions.client().transfer('joe', 'ann', 10n)).toMatchObject({ to: 'ann' });
    expect(regions.arrivals).toHaveLength(5);
  });
});

describe('the outcome of a transfer that is under way', () => {
  test('is pending', async () => {
    await using regions = await startTwoRegions();
    const key = newKey();
    regions.east.next(reply({ key, outcome: 'pending' }, 202));

    const outcome = await regions.client().outcome('joe', key);

    expect(outcome).toStrictEqual({ outcome: 'pending', account: 'joe', key, region: 'us-east-1' });
  });

  test.each([
    { name: 'of another key', body: { key: newKey(), outcome: 'pending' } },
    { name: 'of no outcome', body: {} },
    { name: 'with a reply in it', body: { status: 200, body: { ...moved, to: 'ann' } } },
  ])('is not what a 202 says that is not one: $name', async ({ body }) => {
    await using regions = await startTwoRegions();
    const key = newKey();
    regions.east.next(reply({ key, ...body }, 202));

    const call = regions.client({ maxAttempts: 1 }).outcome('joe', key);

    await expect(call).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('is not pending for a cancellation, which is answered with its end', async () => {
    await using regions = await startTwoRegions();
    const key = newKey();
    const body = { ...moved, key, to: 'ann' };
    const executed = { outcome: 'executed', account: 'joe', key, balance: 15n, to: 'ann' };
    regions.east.next(
      reply({ key, outcome: 'pending' }, 202),
      reply({ key, outcome: 'executed', reply: { status: 200, body } }),
    );
    const client = regions.client({ endpoints: [regions.east.url] });

    expect(await client.cancel('joe', key)).toMatchObject(executed);
    expect(regions.arrivals).toHaveLength(2);
  });
});

test.each(CALLS)('the outcome of an executed call is all that its answer said: $name', async (each) => {
  await using regions = await startTwoRegions();
  const key = newKey();
  regions.east.next(reply({ key, status: 200, body: { key, ...each.answer } }));

  expect(await regions.client().outcome('joe', key)).toStrictEqual({
    outcome: 'executed',
    account: 'joe',
    key,
    balance: 15n,
    sequence: 3,
    at: new Date(at),
    region: 'us-east-1',
    ...each.result,
  });
});

describe('the open holds of an account', () => {
  const hold = { hold: HOLD, amount: '15', remaining: '10', expiresAt };

  test('are listed, and can be written as JSON', async () => {
    await using regions = await startTwoRegions();
    regions.east.next(reply({ account: 'joe', holds: [hold, { ...hold, reference: 'hotel' }] }));

    const answer = await regions.client().holds('joe');

    const read = { hold: HOLD, amount: 15n, remaining: 10n, expiresAt: new Date(expiresAt) };
    expect(answer).toStrictEqual({
      account: 'joe',
      holds: [read, { ...read, reference: 'hotel' }],
      region: 'us-east-1',
    });
    expect(JSON.parse(JSON.stringify(answer))).toMatchObject({ holds: [hold, hold] });
    expect(regions.arrivals[0]).toMatchObject({ method: 'GET', path: '/accounts/joe/holds', body: '' });
  });

  test('are as many as an account can have, and each as long as it can be', async () => {
    await using regions = await startTwoRegions();
    const longest = { ...hold, amount: '9'.repeat(15), remaining: '9'.repeat(15), reference: '"'.repeat(64) };
    regions.east.next(reply({ account: 'joe', holds: Array(100).fill(longest) }));

    expect((await regions.client().holds('joe')).holds).toHaveLength(100);
  });
});

test('a page of a statement is read when each of its entries is as long as it can be', async () => {
  await using regions = await startTwoRegions();
  const entry = {
    sequence: Number.MAX_SAFE_INTEGER,
    key: HOLD,
    type: 'returned',
    code: 'no_such_destination',
    amount: '9'.repeat(15),
    change: `-${'9'.repeat(18)}`,
    heldChange: `-${'9'.repeat(18)}`,
    balance: '9'.repeat(18),
    at,
    reference: '"'.repeat(64),
    other: 'x'.repeat(128),
    transfer: HOLD,
    hold: HOLD,
  };
  regions.east.next(reply({ account: 'joe', entries: Array(100).fill(entry) }));

  const { value } = await regions.client().entries('joe').next();

  expect(value).toMatchObject({
    ...entry,
    at: new Date(at),
    amount: 999_999_999_999_999n,
    change: -999_999_999_999_999_999n,
    heldChange: -999_999_999_999_999_999n,
    balance: 999_999_999_999_999_999n,
  });
});
