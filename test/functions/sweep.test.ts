import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ARCHIVE_AGE_MS, REMOVAL_MARGIN_MS, RETENTION_MS } from '../../functions/core/limits.ts';
import { StoreUnavailableError } from '../../functions/core/store.ts';
import { type SweepStore, sweep } from '../../functions/core/sweep.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';
import { outcomeOf, plainBank } from '../support/plain-bank.ts';

let lab: Lab;

beforeEach(async () => {
  lab = await createLab();
});

const bank = () => plainBank(lab.store, () => lab.now.ms);
const run = (options: { store?: SweepStore; segments?: number; hasTime?: () => boolean } = {}) =>
  sweep({
    store: options.store ?? lab.sweepStore,
    segments: options.segments ?? 4,
    nowMs: () => lab.now.ms,
    hasTime: options.hasTime ?? (() => true),
    signal: patient(),
  });
const move = (account: string, kind: 'deposit' | 'withdraw', key = keyAt(lab.now.ms)) =>
  bank().move({ account, key, move: kind, amountMinor: 1n }, patient());

async function idleAccounts(count: number, replies: number): Promise<string[]> {
  const names = Array.from({ length: count }, () => `idle-${randomUUID()}`);
  for (const account of names) {
    const keys = Array.from({ length: replies }, (_, index) =>
      keyAt(lab.now.ms - ARCHIVE_AGE_MS - 1000 + index),
    );
    await lab.putItem({
      account,
      balance: BigInt(replies),
      ...Object.fromEntries(
        keys.flatMap((key, index) => [
          [`call:${key}`, 'deposit 1'],
          [`reply:${key}`, BigInt(index + 1)],
        ]),
      ),
    });
  }
  return names;
}

describe('the sweep of idle accounts', () => {
  it('archives all that is old, in as many batches as it takes, and nothing that is young', async () => {
    const names = await idleAccounts(3, 60);
    const young = keyAt(lab.now.ms);
    await move(names[0] ?? '', 'deposit', young);
    const report = await run();
    // The call above has moved one batch of 25 by itself.
    expect(report).toMatchObject({ accounts: 3, archived: 155, removed: 0, finished: 4, failures: 0 });
    for (const name of names) {
      const left = Object.keys((await lab.item(name)) ?? {}).filter((each) => each.startsWith('call:'));
      expect(left).toEqual(name === names[0] ? [`call:${young}`] : []);
    }
  });

  it('answers every retry the same before and after', async () => {
    const account = `account-${randomUUID()}`;
    const key = keyAt(lab.now.ms);
    await move(account, 'deposit', key);
    lab.now.ms += ARCHIVE_AGE_MS;
    await run();
    expect((await lab.item(account))?.['watermark']).toBe(key);
    expect(outcomeOf(await move(account, 'deposit', key))).toBe(1n);
    expect(await bank().balance(account, patient())).toBe(1n);
  });

  it('does nothing the second time', async () => {
    await idleAccounts(2, 3);
    await run();
    expect(await run()).toMatchObject({ accounts: 2, archived: 0, removed: 0 });
  });
});

describe('the sweep of accounts that never existed', () => {
  it('removes them once the youngest refusal is older than the retention, and no sooner', async () => {
    const account = `nobody-${randomUUID()}`;
    const [older, younger] = [keyAt(lab.now.ms), keyAt(lab.now.ms + 60_000)];
    await move(account, 'withdraw', older);
    await bank().cancel({ account, key: younger }, patient());
    lab.now.ms += RETENTION_MS + REMOVAL_MARGIN_MS;
    expect(await run()).toMatchObject({ removed: 0 });
    lab.now.ms += 61_000;
    expect(await run()).toMatchObject({ removed: 1 });
    expect(await lab.item(account)).toBeUndefined();
  });

  it('lets no delayed attempt be executed after it, though nothing is left to refuse it', async () => {
    const account = `nobody-${randomUUID()}`;
    const key = keyAt(lab.now.ms);
    expect(outcomeOf(await move(account, 'withdraw', key))).toBe('no_such_account');
    lab.now.ms += RETENTION_MS + REMOVAL_MARGIN_MS + 1000;
    await run();
    await move(account, 'deposit');
    expect(outcomeOf(await move(account, 'withdraw', key))).toBe('key_expired');
    expect(await bank().balance(account, patient())).toBe(1n);
  });

  it('leaves an account alone that was opened while it was looked at', async () => {
    const account = `nobody-${randomUUID()}`;
    await move(account, 'withdraw');
    lab.now.ms += RETENTION_MS + REMOVAL_MARGIN_MS + 1000;
    const late: SweepStore = {
      ...lab.sweepStore,
      remove: async (...args) => {
        await move(account, 'deposit');
        return lab.sweepStore.remove(...args);
      },
    };
    expect(await run({ store: late })).toMatchObject({ removed: 0 });
    expect(await bank().balance(account, patient())).toBe(1n);
  });

  it('keeps an account with a balance of zero for ever', async () => {
    const account = `emptied-${randomUUID()}`;
    await move(account, 'deposit');
    await move(account, 'withdraw');
    lab.now.ms += 10 * RETENTION_MS;
    await run();
    expect(await bank().balance(account, patient())).toBe(0n);
  });
});

describe('a sweep that is ended early', () => {
  it.each([1, 3, 1000])(
    'goes on where it stopped, and comes to every account once (pages of %i)',
    async (items) => {
      const names = await idleAccounts(30, 1);
      const tidied: string[] = [];
      const store: SweepStore = {
        ...lab.sweepStore,
        scan: lab.scanPages(items),
        archive: (account, ...args) => {
          tidied.push(account);
          return lab.sweepStore.archive(account, ...args);
        },
      };
      let runs = 0;
      for (let finished = 0; finished < 2 && runs < 200; runs += 1) {
        let asked = 0;
        // Time for a page or two and a few accounts.
        const hasTime = () => {
          asked += 1;
          return asked <= 6;
        };
        finished = (await run({ store, segments: 2, hasTime })).finished;
        if (tidied.length === 30) break;
      }
      expect(tidied.toSorted()).toEqual(names.toSorted());
      expect(runs).toBeGreaterThan(3);
    },
  );

  it('counts what failed, works on the rest, and finds it again in the next pass', async () => {
    const [broken, ...rest] = await idleAccounts(4, 2);
    const failing: SweepStore = {
      ...lab.sweepStore,
      archive: (account, ...args) =>
        account === broken
          ? Promise.reject(new StoreUnavailableError('no', 'throttled'))
          : lab.sweepStore.archive(account, ...args),
    };
    expect(await run({ store: failing })).toMatchObject({
      archived: rest.length * 2,
      failures: 1,
      finished: 4,
    });
    expect(await run()).toMatchObject({ archived: 2, failures: 0 });
  });
});
