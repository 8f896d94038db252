import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listen } from '../../support/dead-endpoints.ts';
import { until } from '../../support/promises.ts';
import { HttpProxy, type Passing } from '../../support/proxy.ts';
import { Chance } from '../chance.ts';
import { FaultBoard } from './conductor.ts';
import { passNetwork, passTable } from './faults.ts';
import type { KindName } from './plan.ts';
import { openSaboteur } from './sabotage.ts';
import { RuleWatch } from './watches.ts';

const ACCOUNTS = 'bank-accounts';

/** What the server behind received, and how it answers. */
let received: string[];
let answer: { status: number; body: object };
let server: Server;
let target: string;
let proxy: HttpProxy;
let board: FaultBoard;
let rules: RuleWatch;

beforeEach(async () => {
  received = [];
  answer = { status: 200, body: { balance: '5' } };
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      received.push(`${request.method} ${request.url}`);
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
  });
  target = await listen(server);
  // Always hits, and of everything that is left to chance takes the least.
  board = new FaultBoard(Object.assign(new Chance(0), { next: () => 0 }));
  rules = new RuleWatch();
});

afterEach(async () => {
  await proxy.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function open(handle: (passing: Passing) => Promise<void>): Promise<void> {
  proxy = await HttpProxy.start({ target, handle });
}

function begin(kind: KindName): void {
  const planned = { kind, target: 0, atMs: 0, forMs: 1000 };
  board.begin({ planned, beganMs: 0, endedMs: undefined, hits: 0 });
}

/** Sends a request, and returns what its sender saw and what arrived behind the proxy in the end. */
async function send(path: string, init: RequestInit): Promise<[string, number]> {
  const seen = await fetch(proxy.url + path, init).then(
    async (response) => `${response.status} ${(await response.text()).slice(0, 15)}`,
    (error: Error) => (error.name === 'AbortError' ? 'nothing' : 'reset'),
  );
  await proxy.settled();
  return [seen, received.length];
}

/** Sends a request, and gives it up when it has been delivered and an answer would have come back. */
async function sendInVain(path: string, init: RequestInit = {}): Promise<[string, number]> {
  const givenUp = new AbortController();
  const sent = send(path, { ...init, signal: givenUp.signal });
  await until(() => received.length > 0);
  await proxy.settled();
  await (await fetch(target)).text();
  received.pop();
  givenUp.abort();
  return await sent;
}

const move = () => send('/accounts/joe/deposits', { method: 'POST', body: '{}' });

describe('on the way from a client to a Region', () => {
  beforeEach(() => open((passing) => passNetwork(passing, board)));

  test.each([
    ['drop_reply', 'reset', 1],
    ['delay_reply', '200 {"balance":"5"}', 1],
    ['reset_request', 'reset', 0],
    ['gateway_error', '500 <!doctype html>', 1],
    ['duplicate', '200 {"balance":"5"}', 2],
  ] as const)('%s: the client sees %s, and the Region sees it %i times', async (kind, seen, times) => {
    begin(kind);
    expect(await move()).toEqual([seen, times]);
  });

  test('hang: the client sees nothing, and the Region sees it once', async () => {
    begin('hang');
    expect(await sendInVain('/health')).toEqual(['nothing', 1]);
  });

  test('duplicate: the client gets no answer to either of the two when the first answer is not final', async () => {
    begin('duplicate');
    answer = { status: 503, body: { code: 'unavailable', executed: false } };
    expect(await move()).toEqual(['reset', 2]);
    answer = { status: 409, body: { code: 'not_enough_money' } };
    expect((await move())[0]).toMatch(/^409 /);
  });

  test('connections are refused, and accepted again at the same address', async () => {
    await proxy.refuse();
    const refused = await fetch(proxy.url).catch((error: Error) => error.cause);
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.admit();
    expect(await move()).toEqual(['200 {"balance":"5"}', 1]);
  });

  test('a request that is under way is cut', async () => {
    begin('hang');
    const sent = move();
    await until(() => proxy.inFlight > 0);
    proxy.cut();
    expect((await sent)[0]).toBe('reset');
  });
});

describe('on the way from a Region to DynamoDB', () => {
  beforeEach(() => {
    const saboteur = openSaboteur(undefined, ACCOUNTS);
    return open((passing) => passTable(passing, { strong: [ACCOUNTS], board, saboteur, rules }));
  });

  function asking(name: string, body: object = {}): RequestInit {
    const headers = { 'x-amz-target': `DynamoDB_20120810.${name}` };
    const text = JSON.stringify({ TableName: ACCOUNTS, Key: { account: { S: 'joe' } }, ...body });
    return { method: 'POST', headers, body: text };
  }

  const ask = (name: string, body?: object) => send('/', asking(name, body));

  test.each([
    ['table_drop_reply', 'reset', 1],
    ['table_delay', '200 {"balance":"5"}', 1],
    ['table_reset', 'reset', 0],
    ['table_cut_off', '500 {"__type":"com.', 0],
    ['table_conflict', '400 {"__type":"com.', 0],
    ['table_throttle', '400 {"__type":"com.', 0],
    ['table_duplicate', '200 {"balance":"5"}', 2],
  ] as const)('%s: a write is answered %s, and DynamoDB sees it %i times', async (kind, seen, times) => {
    begin(kind);
    expect(await ask('UpdateItem')).toEqual([seen, times]);
  });

  test('table_hang: nothing is answered, and DynamoDB sees it once', async () => {
    begin('table_hang');
    expect(await sendInVain('/', asking('UpdateItem'))).toEqual(['nothing', 1]);
  });

  test('table_cut_off: reads that may be behind go on, and so does the cache', async () => {
    begin('table_cut_off');
    expect((await ask('Scan'))[0]).toMatch(/^200 /);
    expect((await ask('GetItem', { ConsistentRead: true }))[0]).toMatch(/^500 /);
    expect((await ask('PutItem', { TableName: 'bank-idempotency' }))[0]).toMatch(/^200 /);
  });

  test.each(['table_conflict', 'table_duplicate'] as const)('%s: reads go on', async (kind) => {
    begin(kind);
    expect(await ask('GetItem', { ConsistentRead: true })).toEqual(['200 {"balance":"5"}', 1]);
  });

  test('table_duplicate: the Region gets no answer to either of the two when the first was turned away', async () => {
    begin('table_duplicate');
    answer = { status: 400, body: {} };
    expect(await ask('UpdateItem')).toEqual(['reset', 2]);
  });

  test('what is against the rules is turned away and written down', async () => {
    expect((await ask('UpdateTimeToLive'))[0]).toMatch(/^400 /);
    expect(received).toEqual([]);
    expect(rules.check()).toMatchObject({
      checked: 1,
      broken: [expect.stringMatching(/^UpdateTimeToLive: /)],
    });
  });
});
