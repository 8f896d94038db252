import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKey } from '../../support/keys.ts';
import { openSocket, rawPost } from '../../support/raw-socket.ts';
import { call } from '../../support/started-bank.ts';
import { startTwoRegions, type TwoRegions } from '../../support/two-regions.ts';
import { bundleInto } from '../programs/bundle-into.ts';
import { HostedProgram } from '../programs/hosted-program.ts';
import { connects } from './black-hole.ts';
import { delaysFrom } from './delays.ts';
import { Relay } from './relay.ts';
import type { RelayGreeting, RelayRequest } from './relay-process.ts';

/** A deposit of 1, each time with a key of its own. */
function deposit(url: string, account = 'joe') {
  return call('POST', `${url}/accounts/${account}/deposits`, { body: { amount: '1' }, key: newKey() });
}

describe.concurrent('a relay before a Region', () => {
  let folder: string;
  let bundleFile: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twinbank-relay-'));
    bundleFile = await bundleInto(folder, 'relay', './failover/relay-process.ts');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A relay in a process of its own, before us-east-1. */
  async function startRelay(regions: TwoRegions) {
    const { program, greeting } = await HostedProgram.start<RelayRequest, null, RelayGreeting>(
      'a relay',
      bundleFile,
      { target: regions.east.url },
    );
    return {
      program,
      port: greeting.port,
      url: `http://127.0.0.1:${greeting.port}`,
      [Symbol.asyncDispose]: () => program.stop(),
    };
  }

  it('passes requests on, and brings the answers', async () => {
    await using regions = await startTwoRegions();
    await using relay = await startRelay(regions);
    const { status, headers, body } = await deposit(relay.url);
    expect({ status, region: headers['bank-region'] }).toEqual({ status: 200, region: 'us-east-1' });
    expect(body).toMatchObject({ account: 'joe', balance: '1' });
    expect(await deposit(relay.url, 'nobody/else')).toMatchObject({ status: 404 });
  });

  it("answers 503 in the Region's place, and passes again when it is told to", async () => {
    await using regions = await startTwoRegions();
    await using relay = await startRelay(regions);
    await relay.program.ask({ kind: 'answer_503' });
    expect(await deposit(relay.url)).toMatchObject({ status: 503, body: { message: 'Service Unavailable' } });
    expect(regions.arrivals).toEqual([]);
    await relay.program.ask({ kind: 'pass' });
    expect((await deposit(relay.url)).status).toBe(200);
  });

  it('is a black hole: open connections hear nothing and new ones are not made, until it is healed', async () => {
    await using regions = await startTwoRegions();
    await using relay = await startRelay(regions);
    const open = await openSocket(relay.url);
    await relay.program.ask({ kind: 'black_hole' });

    let heard = '';
    open.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    open.write(rawPost('/accounts/joe/deposits', { 'idempotency-key': newKey() }, '{"amount":"1"}'));
    const late = connect(relay.port, '127.0.0.1');
    expect(await connects(late)).toBe(false);
    expect({ heard, isOpen: !open.destroyed, isConnecting: late.connecting }).toEqual({
      heard: '',
      isOpen: true,
      isConnecting: true,
    });
    expect(regions.arrivals).toEqual([]);

    const healed = Promise.all([once(late, 'connect'), once(open, 'close')]);
    await relay.program.ask({ kind: 'pass' });
    await healed;
    expect(heard).toMatch(/^HTTP\/1\.1 200 /);
    expect((await deposit(relay.url)).status).toBe(200);
    late.destroy();
  });

  it('is slow: passes each request on after a delay, the same ones for every path', async () => {
    await using regions = await startTwoRegions();
    const waits: { delayMs: number; pass: () => void }[] = [];
    const relay = await Relay.start(
      regions.east.url,
      (delayMs) => new Promise<void>((pass) => waits.push({ delayMs, pass })),
    );
    relay.behave({ kind: 'slow', seed: 5 });
    const url = `http://127.0.0.1:${relay.port}`;
    for (const account of ['ann', 'bob', 'ann', 'bob']) {
      const waiting = waits.length;
      const answer = deposit(url, account);
      while (waits.length === waiting) await sleep(1);
      expect(regions.arrivals).toHaveLength(waiting);
      waits.at(-1)?.pass();
      expect((await answer).status).toBe(200);
    }
    const [first, second] = Array.from({ length: 2 }, delaysFrom(5));
    expect(waits.map(({ delayMs }) => delayMs)).toEqual([first, first, second, second]);
    await relay.stop();
  });
});
