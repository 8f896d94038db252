import { describe, expect } from 'vitest';
import { platform } from '../../client/environment.ts';
import { BankClient } from '../../client/index.ts';
import { finalOutcome, Ledger } from '../../client/load/ledger.ts';
import { resolutionOf } from '../../client/load/report.ts';
import { askThrough, resolveInDoubt } from '../../client/load/resolve.ts';
import { refuse } from '../support/behaviours.ts';
import { newKey } from '../support/keys.ts';
import { type TwoRegions, realTimeTest as test } from '../support/two-regions.ts';
import { deposit, refused, UNKNOWN } from './records.ts';

/** Resolves one deposit of 10 whose outcome is unknown. */
async function resolveOne(regions: TwoRegions, { forMs = 30_000, retries = 5 } = {}) {
  const ledger = new Ledger();
  const record = ledger.begin(deposit(10, newKey()), 0);
  await using client = new BankClient({ endpoints: [regions.east.url, regions.west.url] });
  const patience = { environment: platform, forMs, pauseMs: 1, atOnce: 4 };
  await resolveInDoubt(ledger, askThrough(client), patience, retries);
  return { outcome: finalOutcome(record), resolution: resolutionOf(ledger.records) };
}

describe('an unknown outcome', () => {
  test('is resolved by the same call with the same key', async ({ regions }) => {
    expect(await resolveOne(regions)).toEqual({
      outcome: { kind: 'executed', balanceMinor: 10n, sequence: 1 },
      resolution: { unknown: 1, executed: 1, refused: 0, cancelled: 0, unresolved: 0 },
    });
    expect(regions.bank.executions).toHaveLength(1);
  });

  test('is resolved by cancelling the key at once, where no retries are allowed', async ({ regions }) => {
    expect(await resolveOne(regions, { retries: 0 })).toMatchObject({
      outcome: { kind: 'refused', code: 'cancelled' },
      resolution: { cancelled: 1 },
    });
    expect(new Set(regions.arrivals.map(({ method }) => method))).toEqual(new Set(['PUT']));
  });

  test('is resolved by cancelling the key when its retries are not answered', async () => {
    const ledger = new Ledger();
    const record = ledger.begin(deposit(10, newKey()), 0);
    const ways: string[] = [];
    const patience = { environment: platform, forMs: Number.POSITIVE_INFINITY, pauseMs: 1, atOnce: 1 };
    await resolveInDoubt(
      ledger,
      (_, way) => {
        ways.push(way);
        const outcome = way === 'retry' ? UNKNOWN : refused('cancelled');
        return Promise.resolve({ outcome, region: undefined, key: record.key, replayed: false });
      },
      patience,
    );
    expect(ways).toEqual(['retry', 'retry', 'retry', 'retry', 'retry', 'cancel']);
    expect(resolutionOf(ledger.records)).toMatchObject({ unknown: 1, cancelled: 1, unresolved: 0 });
  });

  test('is not resolved by a recovered bank, which does not know what was done', async ({ regions }) => {
    regions.usually(refuse('key_expired'));
    expect(await resolveOne(regions, { forMs: 50, retries: 0 })).toMatchObject({
      outcome: { kind: 'unknown' },
      resolution: { unknown: 1, unresolved: 1 },
    });
    expect(regions.arrivals, 'the bank was asked').not.toEqual([]);
  });

  test('is not resolved by a refusal that speaks of one attempt only', async ({ regions }) => {
    regions.usually(refuse('key_in_future'));
    expect(await resolveOne(regions, { forMs: 50 })).toMatchObject({
      outcome: { kind: 'unknown' },
      resolution: { unknown: 1, unresolved: 1 },
    });
    expect(regions.arrivals, 'the bank was asked').not.toEqual([]);
  });
});
