import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { answer, neverEnd, say } from '../support/behaviours.ts';
import { test } from '../support/two-regions.ts';

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
  ])('is not read beyond the limit, were it right: %s', async ([, encoding, encode], { regions }) => {
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
