import { describe, expect } from 'vitest';
import { platform } from '../../client/environment.ts';
import { BankClient } from '../../client/index.ts';
import { Ledger } from '../../client/load/ledger.ts';
import { progressOf } from '../../client/load/progress.ts';
import { type LoadOptions, runLoad } from '../../client/load/run.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { type TwoRegions, realTimeTest as test } from '../support/two-regions.ts';

/** Runs a load on both Regions. `first` replaces the address of the first one. */
async function load(regions: TwoRegions, options: Partial<LoadOptions>, first = regions.east.url) {
  const ledger = new Ledger();
  const endedBy = await runLoad({
    ledger,
    seed: 7,
    clients: 3,
    maxCalls: 30,
    accountsOf: (client) => [`own-${client}`],
    connect: (_, onEvent) => new BankClient({ endpoints: [first, regions.west.url], onEvent }),
    environment: platform,
    signal: new AbortController().signal,
    ...options,
  });
  return { endedBy, records: ledger.records };
}

describe('a load', () => {
  test('ends at its number of calls, says so, and has each call in the ledger', async ({ regions }) => {
    const { endedBy, records } = await load(regions, {});
    expect(endedBy).toBe('calls');
    const { calls, executed, balances, refused } = progressOf(records).counts;
    expect(calls).toBeGreaterThanOrEqual(30);
    // Up to three calls were under way when the load ended.
    expect(calls).toBeLessThan(30 + 3);
    expect(executed + balances + refused).toBe(calls);
    expect(new Set(records.map(({ call }) => call.account))).toEqual(new Set(['own-1', 'own-2', 'own-3']));
    expect(regions.bank.executions.map(({ key }) => key).sort()).toEqual(
      records
        .filter(({ call, outcome }) => call.kind !== 'balance' && outcome.kind === 'executed')
        .map(({ key }) => key)
        .sort(),
    );
  });

  test('has every client make one call at a time', async ({ regions }) => {
    const { records } = await load(regions, {});
    for (const account of ['own-1', 'own-2', 'own-3']) {
      const its = records.filter(({ call }) => call.account === account);
      expect(its.length).toBeGreaterThan(1);
      for (const [index, { startedMs }] of its.entries()) {
        const before = its[index - 1];
        expect(startedMs).toBeGreaterThanOrEqual(before ? before.startedMs + (before.durationMs ?? 0) : 0);
      }
    }
  });

  test('waits between the calls of a client, and wakes up when it is ended', async ({ regions }) => {
    const ending = new AbortController();
    const running = load(regions, { intervalMs: 3_600_000, signal: ending.signal, clients: 1 });
    ending.abort();
    expect(await running).toEqual({ endedBy: 'interrupted', records: [] });
  });

  test('ends when its time is up, and gives that as the reason', async ({ regions }) => {
    expect(await load(regions, { intervalMs: 3_600_000, forMs: 1 })).toEqual({
      endedBy: 'time',
      records: [],
    });
  });

  test('records which calls another Region answered after one had failed', async ({ regions }) => {
    const { records } = await load(regions, { clients: 1 }, await refusingUrl());
    expect(progressOf(records).counts.failedOver).toBeGreaterThan(0);
    expect(records[0]).toMatchObject({ failedOver: true, region: 'us-east-2' });
  });

  test('ends with the error of a call that is a defect of its own', async ({ regions }) => {
    await expect(load(regions, { accountsOf: () => ['no account'] })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });
});
