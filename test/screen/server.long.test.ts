import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { News } from '../../infra/local/screen/news.ts';
import { BankLab, FIRST, SECOND } from '../support/bank-lab.ts';
import type { StartedBank } from '../support/started-bank.ts';

const lab = new BankLab();
let bank: StartedBank;
let page: string;

beforeAll(async () => {
  bank = await lab.start(null, ['--screen', '0'], { DYNAMODB_ENDPOINT: inject('dynamodbEndpoint') });
  page = (await bank.ready()).screenUrl;
});
afterAll(() => lab.close());

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Node's own client, which lets a test say any `Host` and `Origin`. */
async function ask(path: string, { method = 'GET', headers = {} }: Asked = {}): Promise<IncomingMessage> {
  const sent = request(page + path, { method, headers, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

/** An order as the page itself sends it. */
function order(region: string, verb: string): Promise<IncomingMessage> {
  return ask(`/regions/${region}/${verb}`, { method: 'POST', headers: { origin: page } });
}

/** The first news that a condition holds for. */
async function newsWith(response: IncomingMessage, condition: (news: News) => boolean): Promise<News> {
  for await (const line of createInterface({ input: response })) {
    const news = line.startsWith('data: ') ? (JSON.parse(line.slice(6)) as News) : null;
    if (news !== null && condition(news)) {
      return news;
    }
  }
  throw new Error('the news ended');
}

describe('the page', () => {
  test.each([
    ['/', 'text/html', '<title>Twinbank</title>'],
    ['/page.js', 'text/javascript', 'idempotency-key'],
    ['/page.css', 'text/css', 'prefers-color-scheme'],
    ['/icon.svg', 'image/svg+xml', '<svg'],
    ['/?utm=1', 'text/html', '127.0.0.1:'],
  ])('has %s', async (path, type, text) => {
    const response = await ask(path);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe(`${type}; charset=utf-8`);
    expect(await textOf(response)).toContain(text);
  });

  test('may reach nothing but itself and both Regions, and is put into no frame', async () => {
    const response = await ask('/');
    const policy = String(response.headers['content-security-policy']);
    const regions = [FIRST, SECOND].map((region) => bank.region(region).url).join(' ');
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        `connect-src 'self' ${regions}`,
        "frame-ancestors 'none'",
      ]),
    );
    response.resume();
  });

  test('is called localhost as well', async () => {
    const host = new URL(page).host.replace('127.0.0.1', 'localhost');
    expect((await ask('/', { headers: { host } })).statusCode).toBe(200);
  });
});

describe('a page from elsewhere', () => {
  const kill = `/regions/${FIRST}/kill`;
  test.each([
    ['that made its name point here', '/', { headers: { host: 'evil.example:80' } }],
    [
      'that made its name point here and orders',
      kill,
      { method: 'POST', headers: { host: 'evil.example', origin: 'http://evil.example' } },
    ],
    ['that sends a form', kill, { method: 'POST', headers: { origin: 'https://evil.example' } }],
    ['without a name', kill, { method: 'POST', headers: { origin: 'null' } }],
    ['on another port of this machine', kill, { method: 'POST', headers: { origin: 'http://127.0.0.1:1' } }],
    ['that does not say where it is from', kill, { method: 'POST' }],
    ['that listens', '/events', { headers: { origin: 'https://evil.example' } }],
  ])('%s is turned away', async (_, path, asked: Asked) => {
    const response = await ask(path, asked);
    expect(response.statusCode).toBe(403);
    expect(response.headers['access-control-allow-origin']).toBeUndefined();
    expect(JSON.parse(await textOf(response))).toMatchObject({ code: 'refused' });
    expect(bank.region(FIRST).state).toBe('up');
  });
});

describe('the server of the page', () => {
  test.each([
    ['/favicon.ico'],
    ['/page.ts'],
    ['/../package.json'],
    [`/regions/${FIRST}`],
    [`/regions/${FIRST}/stop`],
    [`/regions/${FIRST}/constructor`],
  ])('has nothing at %s', async (path) => {
    const headers = { origin: page };
    expect((await ask(path)).statusCode).toBe(404);
    expect((await ask(path, { method: 'POST', headers })).statusCode).toBe(404);
  });

  test.each([
    ['GET', `/regions/${FIRST}/kill`, 'POST'],
    ['DELETE', `/regions/${FIRST}/kill`, 'POST'],
    ['POST', '/', 'GET'],
    ['PUT', '/events', 'GET'],
  ])('does not allow %s %s', async (method, path, allow) => {
    const response = await ask(path, { method, headers: { origin: page } });
    expect({ status: response.statusCode, allow: response.headers['allow'] }).toEqual({ status: 405, allow });
    expect(bank.region(FIRST).state).toBe('up');
  });

  test('does what the page orders, and says how the Regions are then', async () => {
    const orders = [
      ['freeze', 'frozen'],
      ['thaw', 'up'],
      ['kill', 'down'],
      ['start', 'up'],
    ] as const;
    for (const [verb, state] of orders) {
      const response = await order(SECOND, verb);
      expect(response.statusCode).toBe(200);
      const { regions } = JSON.parse(await textOf(response)) as News;
      expect(regions).toMatchObject([
        { region: FIRST, state: 'up' },
        { region: SECOND, state },
      ]);
      await bank.reports(SECOND, state);
    }
  });

  test('says why it does not obey an order', async () => {
    const impossible = await order(FIRST, 'thaw');
    expect(impossible.statusCode).toBe(409);
    expect(JSON.parse(await textOf(impossible))).toEqual({
      code: 'region_state',
      message: `${FIRST} is not frozen.`,
    });
    const unknown = await order('eu-west-1', 'kill');
    expect(unknown.statusCode).toBe(404);
    expect(JSON.parse(await textOf(unknown))).toMatchObject({ code: 'region_unknown' });
  });

  test('sends the state of the Regions, and then each call that one of them logs', async () => {
    const response = await ask('/events');
    expect(response.headers['content-type']).toBe('text/event-stream');
    const all = newsWith(response, ({ calls }) => calls.some(({ account }) => account === 'screen-test'));
    await fetch(`${bank.region(SECOND).url}/accounts/screen-test`).then((answer) => answer.text());
    const { regions, calls } = await all;
    expect(regions.map(({ region, state }) => [region, state])).toEqual([
      [FIRST, 'up'],
      [SECOND, 'up'],
    ]);
    expect(calls).toContainEqual(
      expect.objectContaining({ region: SECOND, operation: 'balance', account: 'screen-test' }),
    );
    response.destroy();
  });

  test('tells a page that a Region went down by itself', async () => {
    const response = await ask('/events');
    const down = newsWith(response, ({ regions }) => regions.some(({ state }) => state === 'down'));
    bank.killProcessOf(FIRST);
    expect((await down).regions).toMatchObject([
      { region: FIRST, state: 'down', pid: null },
      { state: 'up' },
    ]);
    response.destroy();
    await order(FIRST, 'start').then(textOf);
    await bank.reports(FIRST, 'up');
  });

  test('answers while hundreds of requests are never finished', async () => {
    const { port, hostname } = new URL(page);
    const halves = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const socket = connect(Number(port), hostname).on('error', () => undefined);
        await once(socket, 'connect');
        socket.write('GET / HTTP/1.1\r\nHost: ');
        return socket;
      }),
    );
    expect((await ask('/')).statusCode).toBe(200);
    for (const socket of halves) {
      socket.destroy();
    }
  });

  test('sends events to a limited number of pages, and makes room when one goes', async () => {
    const pages = await Promise.all(Array.from({ length: 20 }, () => ask('/events')));
    expect(pages.map(({ statusCode }) => statusCode)).toEqual(pages.map(() => 200));
    expect((await ask('/events')).statusCode).toBe(503);
    for (const each of pages) {
      each.destroy();
    }
    await expect
      .poll(async () => {
        const again = await ask('/events');
        again.destroy();
        return again.statusCode;
      })
      .toBe(200);
  });
});
