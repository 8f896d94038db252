import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { itemBytes } from '../support/item-size.ts';
import { newKey } from '../support/keys.ts';
import { outcomeOf, type PlainBank, plainBank } from '../support/plain-bank.ts';

let lab: Lab;
let bank: PlainBank;
let account: string;

beforeAll(async () => {
  lab = await createLab();
  bank = plainBank(lab.store, () => lab.now.ms);
});
beforeEach(() => {
  account = `account-${randomUUID()}`;
  lab.requests.length = 0;
});

const move = (
  kind: 'deposit' | 'withdraw',
  amountMinor: bigint,
  key = newKey(),
  acknowledge: readonly string[] = [],
) => bank.move({ account, key, move: kind, amountMinor }, patient(), acknowledge);

const remembered = async () =>
  Object.keys((await lab.item(account)) ?? {}).flatMap((name) =>
    name.startsWith('call:') ? [name.slice('call:'.length)] : [],
  );

describe('replies that a call gives back', () => {
  it('leave in the same single write when the call is executed', async () => {
    const [first, second, third] = [newKey(), newKey(), newKey()];
    await move('deposit', 10n, first);
    await move('deposit', 10n, second);
    lab.requests.length = 0;
    expect(outcomeOf(await move('withdraw', 5n, third, [first, second]))).toBe(15n);
    expect(lab.requests).toEqual(['UpdateItemCommand']);
    expect(await remembered()).toEqual([third]);
  });

  it('leave in the same write that records a refusal', async () => {
    const [first, second] = [newKey(), newKey()];
    await move('deposit', 10n, first);
    expect(outcomeOf(await move('withdraw', 99n, second, [first]))).toBe('not_enough_money');
    expect(await remembered()).toEqual([second]);
  });

  it('leave when the call turns out to be a retry, which needs no write of its own', async () => {
    const [first, second] = [newKey(), newKey()];
    await move('deposit', 10n, first);
    await move('deposit', 10n, second);
    expect(outcomeOf(await move('deposit', 10n, second, [first]))).toBe(20n);
    expect(await remembered()).toEqual([second]);
  });

  it('leave once and for all: giving back what is not there changes nothing', async () => {
    const key = newKey();
    expect(outcomeOf(await move('deposit', 10n, key, [newKey(), newKey()]))).toBe(10n);
    expect(await remembered()).toEqual([key]);
  });

  it('make room on a full account for the very call that gives them back', async () => {
    const keys = Array.from({ length: 1000 }, () => newKey());
    await lab.putItem({
      account,
      balance: 1000n,
      full: true,
      ...Object.fromEntries(
        keys.flatMap((key) => [
          [`call:${key}`, 'deposit 1'],
          [`reply:${key}`, 1n],
        ]),
      ),
    });
    expect(outcomeOf(await move('deposit', 1n))).toBe('too_many_unacknowledged');
    expect(outcomeOf(await move('deposit', 1n, newKey(), keys.slice(0, 1)))).toBe(1001n);
    expect(await remembered()).toHaveLength(1000);
  });

  it('keep the item under 1 KB, however many calls there were', async () => {
    let last: string[] = [];
    for (let calls = 0; calls < 100; calls += 1) {
      const key = newKey();
      await move('deposit', 999_999_999n, key, last);
      last = [key];
    }
    expect(lab.requests).toHaveLength(100);
    expect(itemBytes(await lab.item(account))).toBeLessThan(1024);
    expect(await remembered()).toEqual(last);
  });
});

describe('a reply that is given back by itself', () => {
  it('leaves, again and again, and the balance stays', async () => {
    const key = newKey();
    await move('deposit', 10n, key);
    for (const _ of [1, 2, 3]) await bank.acknowledge(account, [key], patient());
    expect(await remembered()).toEqual([]);
    expect(await bank.balance(account, patient())).toBe(10n);
  });

  it('creates no item for an account or key that was never seen', async () => {
    await bank.acknowledge(account, [newKey()], patient());
    expect(await lab.item(account)).toBeUndefined();
    // Not even for a moment: that would take a second request to undo.
    expect(lab.requests).toEqual(['UpdateItemCommand']);
  });

  it('takes the item with it when nothing else is in it', async () => {
    const [one, two] = [newKey(), newKey()];
    await move('withdraw', 1n, one);
    await move('withdraw', 1n, two);
    await bank.acknowledge(account, [one], patient());
    expect(await lab.item(account)).toBeDefined();
    await bank.acknowledge(account, [two], patient());
    expect(await lab.item(account)).toBeUndefined();
  });

  it('leaves an item that holds a watermark, because the watermark never falls', async () => {
    const key = newKey();
    await lab.putItem({
      account,
      watermark: key,
      [`call:${key}`]: 'withdraw 1',
      [`reply:${key}`]: 'no_such_account',
    });
    await bank.acknowledge(account, [key], patient());
    expect(await lab.item(account)).toEqual({ account, watermark: key });
  });

  it('does not take away a refusal that was recorded while the empty item was about to be removed', async () => {
    const [first, second] = [newKey(), newKey()];
    await move('withdraw', 1n, first);
    const racing = plainBank(
      {
        ...lab.store,
        remove: async (...args) => {
          await move('withdraw', 1n, second);
          return lab.store.remove(...args);
        },
      },
      () => lab.now.ms,
    );
    await racing.acknowledge(account, [first], patient());
    expect(await remembered()).toEqual([second]);
    await move('deposit', 100n);
    expect(outcomeOf(await move('withdraw', 1n, second))).toBe('no_such_account');
  });

  it('does not take away a first deposit either', async () => {
    const first = newKey();
    await move('withdraw', 1n, first);
    const racing = plainBank(
      {
        ...lab.store,
        remove: async (...args) => {
          await move('deposit', 7n);
          return lab.store.remove(...args);
        },
      },
      () => lab.now.ms,
    );
    await racing.acknowledge(account, [first], patient());
    expect(await bank.balance(account, patient())).toBe(7n);
  });
});
