import { describe, expect } from 'vitest';
import type { BankClient } from '../../client/index.ts';
import { answer, drop, hang, hold, refuse, say, sendJson } from '../support/behaviours.ts';
import { warningsOf } from '../support/promises.ts';
import { regionsOf, type TwoRegions, test } from '../support/two-regions.ts';

const PROBE_INTERVAL_MS = 5000;

/** A client that has just failed over. One more call has started the interval. */
async function failedOver(regions: TwoRegions) {
  const client = regions.client({ probeIntervalMs: PROBE_INTERVAL_MS });
  regions.east.next(drop);
  await client.deposit('joe', 1n);
  await client.deposit('joe', 1n);
  return client;
}

/** Lets an interval pass, makes a call, which starts the probe, and resolves when the probe has ended. */
async function probe(regions: TwoRegions, client: BankClient, intervalMs = PROBE_INTERVAL_MS): Promise<void> {
  const before = regions.east.probes.length;
  regions.time.advance(intervalMs);
  await client.balance('joe');
  await regions.east.probed(before + 1);
  await settled(regions);
}

/** Resolves when nothing is under way. The client reads an answer some turns of the event loop after the Region sent it. */
async function settled({ time }: TwoRegions): Promise<void> {
  do {
    await new Promise((resolve) => setImmediate(resolve));
  } while (time.timers > 0);
}

/** The Region of the first attempt of each call, in order. */
function changes({ events }: TwoRegions): (string | undefined)[] {
  return events.flatMap((event) => (event.type === 'endpoint_changed' ? [event.to.region] : []));
}

describe('the way back to the preferred endpoint', () => {
  test('is taken by one call once /health says 200, then by all others', async ({ regions }) => {
    const { held, release } = hold(({ request, response }) => sendJson(response, request.region, 200, {}));
    const trial = hold(answer);
    const { east } = regions;
    east.health = held;
    const client = await failedOver(regions);
    regions.time.advance(PROBE_INTERVAL_MS);

    // This call starts the probe, but does not wait for it.
    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-2' });
    await east.probed(1);
    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-2' });
    release();
    await settled(regions);
    east.next(trial.held);
    const trying = client.deposit('joe', 1n);
    await east.received(2);
    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-2' });
    trial.release();

    expect(await trying).toMatchObject({ region: 'us-east-1' });
    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-1' });
    expect(regions.bank.balanceOf('joe')).toBe(7n);
  });

  test('is not taken by the others when the call that tries it gets no answer there', async ({ regions }) => {
    const client = await failedOver(regions);
    await probe(regions, client);
    regions.east.usually = drop;

    await Promise.all(Array.from({ length: 10 }, () => client.deposit('joe', 1n)));

    expect(regionsOf(regions.arrivals).filter((region) => region === 'us-east-1')).toHaveLength(2);
    expect(changes(regions)).toEqual(['us-east-2']);
  });

  test('is tried by the next call when the one that tried it was aborted by its caller', async ({
    regions,
  }) => {
    const client = await failedOver(regions);
    await probe(regions, client);
    regions.east.next(hang);
    const abort = new AbortController();
    const aborted = client.deposit('joe', 1n, { signal: abort.signal });
    await regions.east.received(2);
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'outcome_unknown' });

    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-1' });
  });

  test('is tried half as often after each failure, down to every sixteenth interval', async ({ regions }) => {
    const { east, time } = regions;
    const client = await failedOver(regions);
    east.usually = drop;

    for (const intervals of [1, 2, 4, 8, 16, 16]) {
      const probes = east.probes.length;
      time.advance(intervals * PROBE_INTERVAL_MS - 1);
      await client.balance('joe');
      expect(east.probes).toHaveLength(probes);
      await probe(regions, client, 1);
      const tried = east.requests.length;
      await client.balance('joe');
      expect(east.requests).toHaveLength(tried + 1);
    }
    expect(changes(regions)).toEqual(['us-east-2']);
  });

  test('is tried half as often when only reads work there', async ({ regions, east, time }) => {
    const client = await failedOver(regions);
    east.usually = (exchange) => (exchange.request.method === 'GET' ? answer : drop)(exchange);

    for (const intervals of [1, 2, 4]) {
      const probes = east.probes.length;
      time.advance(intervals * PROBE_INTERVAL_MS - 1);
      await client.balance('joe');
      expect(east.probes).toHaveLength(probes);
      await probe(regions, client, 1);
      expect(await client.balance('joe')).toMatchObject({ region: 'us-east-1' });
      expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-2' });
    }
  });

  test('is not asked for before the probe interval is over', async ({ regions }) => {
    const client = await failedOver(regions);
    for (let calls = 0; calls < 10; calls += 1) {
      regions.time.advance(PROBE_INTERVAL_MS / 10 - 1);
      await client.balance('joe');
    }

    expect(regions.east.probes).toHaveLength(0);
    expect(regionsOf(regions.arrivals).slice(1)).toEqual(Array(12).fill('us-east-2'));
  });

  test('is asked for once an interval, and probes leave nothing behind', async ({ regions }) => {
    regions.east.health = refuse('unavailable');
    const client = await failedOver(regions);
    const warnings = await warningsOf(async () => {
      for (let intervals = 1; intervals <= 15; intervals += 1) {
        regions.time.advance(PROBE_INTERVAL_MS);
        await Promise.all(Array.from({ length: 5 }, () => client.balance('joe')));
        await regions.east.probed(intervals);
      }
    });

    expect(regions.east.probes).toHaveLength(15);
    expect(warnings).toEqual([]);
  });

  test.for([
    { name: 'says 503, because no strong read works', health: refuse('unavailable', { executed: false }) },
    { name: 'closes the connection', health: drop },
    { name: 'says 404, because something else lives there', health: say(404, '') },
    { name: 'says 200 with a body that is not JSON', health: say(200, '<html>') },
  ])('is not taken when /health $name', async ({ health }, { regions }) => {
    regions.east.health = health;
    const client = await failedOver(regions);
    await probe(regions, client);

    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-2' });
    expect(changes(regions)).toEqual(['us-east-2']);
  });

  test('costs calls nothing when /health hangs: the probe has a time limit', async ({ regions }) => {
    regions.east.health = hang;
    const client = await failedOver(regions);
    regions.time.advance(PROBE_INTERVAL_MS);
    await client.balance('joe');
    await regions.east.probed(1);
    const beforeMs = regions.time.environment.elapsedMs();
    await client.deposit('joe', 1n);

    expect(regions.time.environment.elapsedMs()).toBe(beforeMs);
    expect(regions.time.timers).toBe(1);
    regions.time.advance(2000);
    expect(regions.time.timers).toBe(0);
  });

  test('is found again after a return that lasted, whose interval counts anew', async ({ regions }) => {
    const { east, time } = regions;
    const client = await failedOver(regions);
    await probe(regions, client);
    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-1' });
    time.advance(PROBE_INTERVAL_MS);
    east.next(drop);

    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-2' });
    time.advance(PROBE_INTERVAL_MS - 1);
    await client.balance('joe');
    expect(east.probes).toHaveLength(1);
    await probe(regions, client, 1);

    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-1' });
  });
});
