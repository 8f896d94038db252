import { getEventListeners } from 'node:events';
import { describe, expect } from 'vitest';
import { mintKey } from '../../client/index.ts';
import { answer, drop, hang, hold, loseReply, sendJson } from '../support/behaviours.ts';
import { warningsOf } from '../support/promises.ts';
import { test } from '../support/two-regions.ts';

const CALLS = 64;

function deposits(client: { deposit: (account: string, amount: bigint) => Promise<unknown> }) {
  return Promise.all(Array.from({ length: CALLS }, (_, index) => client.deposit(`account-${index % 4}`, 1n)));
}

describe(`${CALLS} calls at once`, () => {
  test('are all executed once through one failover, and leave the dead Region alone', async ({ regions }) => {
    const { east, west, bank } = regions;
    east.usually = loseReply;
    const client = regions.client({ maxInFlight: CALLS });

    expect(await warningsOf(() => deposits(client)), 'as that of a listener leak').toEqual([]);
    expect(bank.executions).toHaveLength(CALLS);
    expect(east.requests).toHaveLength(CALLS);
    expect(west.requests).toHaveLength(CALLS);

    await deposits(client);
    expect(east.requests).toHaveLength(CALLS);
    expect(new Set(bank.executions.map(({ key }) => key)).size).toBe(2 * CALLS);
    expect(regions.events.filter(({ type }) => type === 'endpoint_changed')).toHaveLength(1);
  });

  test('make no runtime warn of a listener leak when all have one signal', async ({ regions }) => {
    const { signal } = new AbortController();
    regions.east.usually = drop;
    const client = regions.client({ maxInFlight: CALLS });

    const warnings = await warningsOf(() =>
      deposits({ deposit: (account, amount) => client.deposit(account, amount, { signal }) }),
    );

    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('are all ended by one signal, each with its key', async ({ regions }) => {
    const controller = new AbortController();
    regions.east.usually = hang;
    const client = regions.client({ maxInFlight: CALLS });
    const keys = Array.from({ length: CALLS }, () => mintKey());

    const calls = Promise.allSettled(
      keys.map((key) => client.deposit('joe', 1n, { key, signal: controller.signal })),
    );
    await regions.east.received(CALLS);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort();

    expect((await calls).map((call) => (call.status === 'rejected' ? call.reason.key : undefined))).toEqual(
      keys,
    );
    expect(regions.time.timers).toBe(0);
  });
});

describe('an answer that comes late, from the endpoint that was left', () => {
  test('does not undo the way back to the preferred endpoint', async ({ regions, east, west, time }) => {
    const slow = hold(answer);
    const probe = hold(({ request, response }) => sendJson(response, request.region, 200, {}));
    east.health = probe.held;
    east.next(drop);
    west.next(answer, answer, slow.held);
    const client = regions.client({ probeIntervalMs: 1000 });
    await client.deposit('joe', 1n);
    await client.deposit('joe', 1n);
    time.advance(1000);
    const late = client.deposit('joe', 1n);
    await Promise.all([west.received(3), east.probed(1)]);
    probe.release();
    // The call that finds the way back is the first one after the client has read the probe's answer.
    while (regions.events.at(-1)?.type !== 'endpoint_changed') {
      await client.balance('joe');
    }
    slow.release();

    expect(await late).toMatchObject({ region: 'us-east-2' });
    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-1' });
  });

  test('does not undo a failover', async ({ regions, east }) => {
    const slow = hold(answer);
    east.next(slow.held, drop);
    const client = regions.client({ maxInFlight: CALLS });
    const late = client.deposit('joe', 1n);
    await east.received(1);
    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-2' });
    slow.release();

    expect(await late).toMatchObject({ region: 'us-east-1' });
    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-2' });
  });
});
