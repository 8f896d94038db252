import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ARCHIVE_AGE_MS, WRITES_PER_INSPECTION } from '../../functions/core/limits.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { itemBytes } from '../support/item-size.ts';
import { keyAt } from '../support/keys.ts';
import { outcomeOf, plainBank } from '../support/plain-bank.ts';
import { chanceFrom, seedOf } from '../support/seed.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await createLab();
});

const plain = () => plainBank(lab.store, () => lab.now.ms);

describe('a caller who never acknowledges', () => {
  it('costs at most 1.1 requests a call in the long run, with an item under 16 KB, at a call a minute', async () => {
    const hoarder = `hoarder-${randomUUID()}`;
    const startedMs = lab.now.ms;
    const chance = chanceFrom(seedOf('a hoarder'));
    const store = lab.storeAt({ inspects: () => chance() * WRITES_PER_INSPECTION < 1 });
    const bank = plainBank(store, () => lab.now.ms);
    let largest = 0;
    lab.requests.length = 0;
    for (let calls = 0; calls < 500; calls += 1) {
      lab.now.ms += 60_000;
      const call = { account: hoarder, key: keyAt(lab.now.ms), move: 'deposit', amountMinor: 1n } as const;
      await bank.move(call, patient());
      largest = Math.max(largest, itemBytes(await lab.item(hoarder)));
    }
    lab.now.ms = startedMs;
    console.log(`500 calls: ${lab.requests.length} requests, largest item ${largest} bytes`);
    expect(lab.requests.length / 500).toBeLessThanOrEqual(1.1);
    expect(largest).toBeLessThan(16 * 1024);
  });

  it('is told 429 when he reaches 1,000 within 15 minutes, and no write fails for its size', async () => {
    const hoarder = `hoarder-${randomUUID()}`;
    const outcomes = new Map<string, number>();
    for (let calls = 0; calls < 1010; calls += 1) {
      const call = {
        account: hoarder,
        key: keyAt(lab.now.ms),
        move: 'deposit',
        amountMinor: 999_999_999n,
      } as const;
      const outcome = outcomeOf(await plain().move(call, patient()));
      const kind = typeof outcome === 'bigint' ? 'executed' : outcome;
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    }
    expect(Object.fromEntries(outcomes)).toEqual({ executed: 1000, too_many_unacknowledged: 10 });
    lab.now.ms += ARCHIVE_AGE_MS + 1000;
    const next = () =>
      plain().move({ account: hoarder, key: keyAt(lab.now.ms), move: 'deposit', amountMinor: 1n }, patient());
    // The call that is turned away finds old replies and makes room for the next.
    expect(outcomeOf(await next())).toBe('too_many_unacknowledged');
    expect(typeof outcomeOf(await next())).toBe('bigint');
    lab.now.ms -= ARCHIVE_AGE_MS + 1000;
  });
});
