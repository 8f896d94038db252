import { describe, expect, it } from 'vitest';
import { drop, hang, hold, refuse, say, sendJson } from '../support/behaviours.ts';
import { regionsOf, startTwoRegions, type TwoRegions } from '../support/two-regions.ts';
import { warningsOf } from '../support/warnings.ts';

const PROBE_INTERVAL_MS = 5000;

/** A client that has just failed over, and has made one call since, which is what starts the interval. */
async function failedOver(regions: TwoRegions) {
  const client = regions.client({ probeIntervalMs: PROBE_INTERVAL_MS });
  regions.east.next(drop);
  await client.deposit('joe', 1n);
  await client.deposit('joe', 1n);
  return client;
}

/** Resolves once a probe has come to something: the client reads its answer some turns after the Region gave it. */
async function settled(regions: TwoRegions, isThere: () => boolean): Promise<void> {
  while (!isThere()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(regions.east.probes.length).toBeGreaterThan(0);
}

function returned({ events }: TwoRegions): boolean {
  return events.some((event) => event.type === 'endpoint_changed' && event.to.region === 'us-east-1');
}

describe('the way back to the preferred endpoint', () => {
  it('is taken after a probe of /health was answered 200, and not before', async () => {
    await using regions = await startTwoRegions();
    const { held, release } = hold(({ request, response }) => sendJson(response, request.region, 200, {}));
    regions.east.health = held;
    const client = await failedOver(regions);
    regions.time.advance(PROBE_INTERVAL_MS);

    // This call starts the probe and does not wait for it.
    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-2' });
    await regions.east.probed(1);
    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-2' });
    release();
    await settled(regions, () => returned(regions));

    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-1' });
    expect(regions.bank.balanceOf('joe')).toBe(5n);
  });

  it('is not asked for before the probe interval is over', async () => {
    await using regions = await startTwoRegions();
    const client = await failedOver(regions);
    for (let calls = 0; calls < 10; calls += 1) {
      regions.time.advance(PROBE_INTERVAL_MS / 10 - 1);
      await client.balance('joe');
    }

    expect(regions.east.probes).toHaveLength(0);
    expect(regionsOf(regions.arrivals).slice(1)).toEqual(Array(12).fill('us-east-2'));
  });

  it('is asked for once an interval, however many calls there are, and probes leave nothing behind', async () => {
    await using regions = await startTwoRegions();
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

  it.each([
    { name: 'says 503, because no strong read works', health: refuse('unavailable', { executed: false }) },
    { name: 'closes the connection', health: drop },
    { name: 'says 404, because something else lives there', health: say(404, '') },
    { name: 'says 200 with a body that is not JSON', health: say(200, '<html>') },
  ])('is not taken when /health $name', async ({ health }) => {
    await using regions = await startTwoRegions();
    regions.east.health = health;
    const client = await failedOver(regions);
    regions.time.advance(PROBE_INTERVAL_MS);
    await client.balance('joe');
    await regions.east.probed(1);
    await settled(regions, () => regions.time.timers === 0);

    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-2' });
    expect(returned(regions)).toBe(false);
  });

  it('costs calls nothing when /health hangs, and the probe ends with an attempt timeout', async () => {
    await using regions = await startTwoRegions();
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

  it('is found again after a second failover, whose interval counts anew', async () => {
    await using regions = await startTwoRegions();
    const client = await failedOver(regions);
    regions.time.advance(PROBE_INTERVAL_MS);
    await client.balance('joe');
    await settled(regions, () => returned(regions));
    regions.time.advance(PROBE_INTERVAL_MS - 1);
    regions.events.length = 0;
    regions.east.next(drop);

    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-2' });
    await client.balance('joe');
    regions.time.advance(PROBE_INTERVAL_MS - 1);
    await client.balance('joe');
    expect(regions.east.probes).toHaveLength(1);
    regions.time.advance(1);
    await client.balance('joe');
    await settled(regions, () => returned(regions));

    expect(regions.east.probes).toHaveLength(2);
    expect(await client.deposit('joe', 1n)).toMatchObject({ region: 'us-east-1' });
  });
});
