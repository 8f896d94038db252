import { describe, expect } from 'vitest';
import type { BankClientOptions } from '../../client/index.ts';
import { answer, drop, hang, hold, refuse } from '../support/behaviours.ts';
import { until } from '../support/promises.ts';
import { ScriptedEndpoint } from '../support/scripted-endpoint.ts';
import { regionsOf, type TwoRegions, test } from '../support/two-regions.ts';

const HEDGE_AFTER_MS = 100;

/** Resolves once the client has read an answer. */
async function answeredIn({ events }: TwoRegions): Promise<void> {
  await until(() => events.some(({ type }) => type === 'attempt_answered'));
}

/** Makes a call, which the first Region has received, when it is time to ask the other one too. */
async function hedged({ client, east, time }: TwoRegions, options: Partial<BankClientOptions> = {}) {
  const call = client({ hedgeAfterMs: HEDGE_AFTER_MS, ...options }).deposit('joe', 10n);
  call.catch(() => {});
  await east.received(1);
  time.advance(HEDGE_AFTER_MS);
  return { ended: () => call };
}

describe('a hedged call', () => {
  test('asks the other Region with the same key when one is slow; executed once', async ({ regions }) => {
    const { east, west, bank } = regions;
    const slow = hold(answer);
    east.next(slow.held);

    const { ended } = await hedged(regions);

    expect(await ended()).toMatchObject({ balance: 10n, region: 'us-east-2' });
    slow.release();
    expect(east.requests[0]?.key).toBe(west.requests[0]?.key);
    expect(bank.executions).toHaveLength(1);
    expect(bank.balanceOf('joe')).toBe(10n);
  });

  test('hangs up on the slow Region once it has its answer', async ({ regions, east, time }) => {
    const hungUp = new Promise((resolve) => east.next(({ response }) => response.once('close', resolve)));

    const { ended } = await hedged(regions);
    await ended();
    await hungUp;

    expect(regions.events).toContainEqual(
      expect.objectContaining({ type: 'attempt_failed', reason: 'abandoned' }),
    );
    expect(time.timers).toBe(0);
  });

  test.for([
    { name: 'comes first after all', hedge: hang },
    { name: 'may have executed the call that the other turned away', hedge: refuse('bad_request') },
  ])(
    'takes the answer of the slow Region when that one $name',
    async ({ hedge }, { regions, east, west }) => {
      const slow = hold(answer);
      east.next(slow.held);
      west.next(hedge);

      const { ended } = await hedged(regions);
      await west.received(1);
      slow.release();

      expect(await ended()).toMatchObject({ balance: 10n, region: 'us-east-1' });
    },
  );

  test('asks only the first when it answers in time', async ({ regions }) => {
    const client = regions.client({ hedgeAfterMs: HEDGE_AFTER_MS });
    await client.deposit('joe', 10n);
    expect(regions.time.timers).toBe(0);
    regions.time.advance(10 * HEDGE_AFTER_MS);

    expect(regionsOf(regions.arrivals)).toEqual(['us-east-1']);
  });

  test('does not wait for the hedge when the first fails', async ({ regions }) => {
    regions.east.next(drop);

    await regions.client({ hedgeAfterMs: HEDGE_AFTER_MS }).deposit('joe', 10n);

    expect(regionsOf(regions.arrivals)).toEqual(['us-east-1', 'us-east-2']);
    expect(regions.time.environment.elapsedMs()).toBe(0);
  });

  test('asks the other Region once a round: there is no hedge of a hedge', async ({ regions }) => {
    const { east, west, time } = regions;
    east.next(hang);
    const slow = hold(answer);
    west.next(slow.held);
    const { ended } = await hedged(regions);
    await west.received(1);
    time.advance(5 * HEDGE_AFTER_MS);
    slow.release();
    await ended();

    expect(regionsOf(regions.arrivals)).toEqual(['us-east-1', 'us-east-2']);
  });

  test('asks no third Region after one has turned the call away', async ({ regions }) => {
    await using third = await ScriptedEndpoint.start({ region: 'us-west-2', bank: regions.bank });
    const { east, west } = regions;
    const failing = hold(drop);
    east.next(failing.held);
    west.next(refuse('bad_request'));

    const { ended } = await hedged(regions, { endpoints: [east.url, west.url, third.url] });
    await answeredIn(regions);
    failing.release();

    await expect(ended()).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(third.requests).toEqual([]);
  });

  test('is unknown when the hedge is turned away and the slow attempt hangs', async ({ regions }) => {
    const { east, west, time } = regions;
    east.next(hang);
    west.next(refuse('bad_request'));

    const { ended } = await hedged(regions);
    await west.received(1);
    await answeredIn(regions);
    time.advance(2000);

    await expect(ended()).rejects.toMatchObject({ code: 'outcome_unknown' });
  });
});
