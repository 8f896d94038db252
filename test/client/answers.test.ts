import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { answer, type Behaviour, neverEnd, refuse, say, sendJson } from '../support/behaviours.ts';
import { newKey } from '../support/keys.ts';
import { test } from '../support/two-regions.ts';

const HOLD = newKey();
const at = '2026-11-27T13:00:00.000Z';
const expiresAt = '2026-12-04T13:00:00.000Z';
const moved = { account: 'joe', balance: '15', sequence: 3, at, to: 'ann' };

/** Answers a question, or a call under its own key, as the bank does. */
function reply(body: object, status = 200): Behaviour {
  return ({ request, response }) =>
    sendJson(
      response,
      request.region,
      status,
      request.key === undefined ? body : { key: request.key, ...body },
    );
}

describe('an answer', () => {
  test('without end does not fill the memory of the caller', async ({ regions }) => {
    let poured = 0;
    const hungUp = new Promise((resolve) => {
      regions.east.next((exchange) => {
        exchange.response.once('close', resolve);
        const { write } = exchange.response;
        exchange.response.write = (block: string) => {
          poured += block.length;
          return write.call(exchange.response, block, 'utf8');
        };
        neverEnd(exchange);
      });
    });
    await regions
      .client({ maxAttempts: 1 })
      .deposit('joe', 10n)
      .catch(() => {});
    await hungUp;

    // Far more than the client reads, because the buffers of both sockets are filled; far less than no limit would let through.
    expect(poured).toBeLessThan(64 * 1024 * 1024);
  });

  test.for<[string, object, (text: string) => Buffer]>([
    ['a megabyte that says how long it is', {}, (text) => Buffer.from(text)],
    ['a megabyte compressed to a thousandth', { 'content-encoding': 'gzip' }, (text) => gzipSync(text)],
  ])('is not read beyond the limit, even if it is right: %s', async ([, encoding, encode], { regions }) => {
    regions.east.usually = ({ request, response }) => {
      const right = JSON.stringify({ account: 'joe', key: request.key, balance: '10' });
      const body = encode(right.padEnd(2 ** 20));
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': body.length,
        ...encoding,
      });
      response.end(body);
    };

    const call = regions.client({ endpoints: [regions.east.url], maxAttempts: 1 }).deposit('joe', 10n);

    await expect(call).rejects.toMatchObject({ code: 'outcome_unknown' });
  });

  test('is not fetched from elsewhere: no redirect is followed', async ({ regions, east, west }) => {
    const location = `${west.url}/accounts/joe/deposits`;
    east.usually = say(307, '', { location });

    const call = regions.client({ endpoints: [east.url], maxAttempts: 1 }).deposit('joe', 10n);

    await expect(call).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(west.requests).toEqual([]);
  });
});

test('names the Region that answered, or its host when the header is missing', async ({ regions }) => {
  regions.east.next(answer, async (exchange) => {
    const { status, body } = await exchange.bank.handle(exchange.request);
    exchange.response.writeHead(status).end(JSON.stringify(body));
  });
  const client = regions.client({ endpoints: [regions.east.url] });

  expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-1' });
  expect(await client.deposit('joe', 1n)).toMatchObject({ region: new URL(regions.east.url).host });
});

describe('the open holds of an account', () => {
  const hold = { hold: HOLD, amount: '15', remaining: '10', expiresAt };

  test('are listed, and can be written as JSON', async ({ regions }) => {
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

  test('are as many as an account can have, and each as long as it can be', async ({ regions }) => {
    const longest = { ...hold, amount: '9'.repeat(15), remaining: '9'.repeat(15), reference: '"'.repeat(64) };
    regions.east.next(reply({ account: 'joe', holds: Array(100).fill(longest) }));

    expect((await regions.client().holds('joe')).holds).toHaveLength(100);
  });
});

test('a page of a statement is read when all its entries are of full length', async ({ regions }) => {
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

test('a call whose transfer is under way is retried, and unknown until it ends', async ({ regions }) => {
  const begun = refuse('unavailable');
  regions.east.next(begun, begun, reply(moved));
  regions.west.next(begun, begun);

  await expect(regions.client({ maxAttempts: 2 }).transfer('joe', 'ann', 10n)).rejects.toMatchObject({
    code: 'outcome_unknown',
  });
  expect(await regions.client().transfer('joe', 'ann', 10n)).toMatchObject({ to: 'ann' });
  expect(regions.arrivals).toHaveLength(5);
});

describe('the outcome of a transfer that is under way', () => {
  test('is pending', async ({ regions }) => {
    const key = newKey();
    regions.east.next(reply({ key, outcome: 'pending' }, 202));

    const outcome = await regions.client().outcome('joe', key);

    expect(outcome).toStrictEqual({ outcome: 'pending', account: 'joe', key, region: 'us-east-1' });
  });

  test.for([
    { name: 'of another key', body: { key: newKey(), outcome: 'pending' } },
    { name: 'of no outcome', body: {} },
    { name: 'with a reply in it', body: { status: 200, body: moved } },
  ])('is not read from a 202 that is wrong: $name', async ({ body }, { regions }) => {
    const key = newKey();
    regions.east.next(reply({ key, ...body }, 202));

    const call = regions.client({ maxAttempts: 1 }).outcome('joe', key);

    await expect(call).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('is not pending for a cancellation, which is answered with its end', async ({ regions }) => {
    const key = newKey();
    const body = { ...moved, key };
    const executed = { outcome: 'executed', account: 'joe', key, balance: 15n, to: 'ann' };
    regions.east.next(
      reply({ key, outcome: 'pending' }, 202),
      reply({ key, outcome: 'answered', reply: { status: 200, body } }),
    );
    const client = regions.client({ endpoints: [regions.east.url] });

    expect(await client.cancel('joe', key)).toMatchObject(executed);
    expect(regions.arrivals).toHaveLength(2);
  });
});
