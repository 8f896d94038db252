import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBank } from '../../functions/core/bank.ts';
import { ARCHIVE_AGE_MS, RETENTION_MS } from '../../functions/core/limits.ts';
import { type Store, StoreUnavailableError } from '../../functions/core/store.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { type FaultProxy, PASS, startFaultProxy } from '../support/fault-proxy.ts';
import { keyAt } from '../support/keys.ts';
import { outcomeOf, plainBank } from '../support/plain-bank.ts';

let lab: Lab;
let proxy: FaultProxy;
let account: string;
let keys: string[];

beforeAll(async () => {
  lab = await createLab();
  proxy = await startFaultProxy(lab.tables.endpoint);
});
afterAll(() => proxy[Symbol.asyncDispose]());

/** Each test begins with 30 remembered deposits of 1, the youngest of them as old as the archive wants. */
beforeEach(async () => {
  proxy.decide = () => PASS;
  account = `account-${randomUUID()}`;
  keys = Array.from({ length: 30 }, (_, index) => keyAt(lab.now.ms - ARCHIVE_AGE_MS - 30 + index));
  await lab.putItem({
    account,
    balance: 30n,
    ...Object.fromEntries(
      keys.flatMap((key, index) => [
        [`call:${key}`, 'deposit 1'],
        [`reply:${key}`, BigInt(index + 1)],
      ]),
    ),
  });
  lab.requests.length = 0;
});

const nowMs = () => lab.now.ms;
const deposit = (store: Store, key = keyAt(lab.now.ms)) =>
  createBank(store, nowMs).move({ account, key, move: 'deposit', amountMinor: 1n }, [], patient());
const plain = () => plainBank(lab.store, nowMs);
const retry = (index: number) =>
  plain().move({ account, key: keys[index] ?? '', move: 'deposit', amountMinor: 1n }, patient());
const remembered = async () =>
  Object.keys((await lab.item(account)) ?? {}).filter((name) => name.startsWith('call:')).length;

async function expectSameReplies(): Promise<void> {
  for (const [index] of keys.entries()) {
    expect(outcomeOf(await retry(index))).toBe(BigInt(index + 1));
  }
}

/** A store whose process dies at a step: the step and everything after it fails. */
function dyingAt(step: 'archive' | 'dropArchived', when: 'before' | 'after'): Store {
  const die = () => Promise.reject(new StoreUnavailableError('unknown', 'the process is gone'));
  return {
    ...lab.store,
    dropArchived: die,
    [step]: async (...args: [string, never, AbortSignal]) => {
      if (when === 'after') await lab.store[step](...args);
      return die();
    },
  };
}

describe('a call that comes upon 25 old replies', () => {
  it('moves the 25 oldest with two requests, and gives its own answer', async () => {
    expect(await deposit(lab.store)).toMatchObject({ archived: 25, answer: { replayed: false } });
    expect(lab.requests).toEqual(['UpdateItemCommand', 'BatchWriteItemCommand', 'UpdateItemCommand']);
    expect(await remembered()).toBe(6);
    expect((await lab.item(account))?.['watermark']).toBe(keys[24]);
    await expectSameReplies();
  });

  it('moves nothing when only 24 are old enough', async () => {
    lab.now.ms -= 7;
    expect(await deposit(lab.store, keyAt(lab.now.ms))).toMatchObject({ archived: 0 });
    lab.now.ms += 7;
    expect(await remembered()).toBe(31);
  });

  it('moves them when it is a retry itself', async () => {
    expect(await deposit(lab.store, keys[29])).toMatchObject({ archived: 25, answer: { replayed: true } });
    expect(await remembered()).toBe(5);
    await expectSameReplies();
  });

  it('gives its own answer when archiving fails, and the next call archives', async () => {
    const failing: Store = {
      ...lab.store,
      archive: () => Promise.reject(new StoreUnavailableError('no', 'throttled')),
    };
    expect(await deposit(failing)).toMatchObject({
      archived: 0,
      answer: { replayed: false },
      failure: { message: 'throttled' },
    });
    expect(await deposit(lab.store)).toMatchObject({ archived: 25 });
  });

  it('archives replies for 30 days, with all that a retry is answered from', async () => {
    await deposit(lab.store);
    lab.now.ms += RETENTION_MS - 1000;
    const key = keys[0] ?? '';
    expect(await plain().outcome({ account, key }, patient())).toEqual({
      kind: 'recorded',
      recorded: {
        kind: 'call',
        move: 'deposit',
        amountMinor: 1n,
        reply: { kind: 'executed', balanceMinor: 1n },
      },
    });
    lab.now.ms += 2001;
    expect(outcomeOf(await retry(0))).toBe('key_expired');
    lab.now.ms -= RETENTION_MS + 1001;
  });
});

describe('a crash while replies are moved', () => {
  it.each([
    ['before anything was archived', 'archive', 'before'],
    ['after they were archived and before they left the account', 'archive', 'after'],
    ['when they were about to leave', 'dropArchived', 'before'],
    ['after they had left, before anybody knew', 'dropArchived', 'after'],
  ] as const)(
    '%s: every retry is answered the same, and nothing is executed twice',
    async (_, step, when) => {
      await deposit(dyingAt(step, when));
      await expectSameReplies();
      await deposit(lab.store);
      await expectSameReplies();
      expect(await plain().balance(account, patient())).toBe(32n);
    },
  );

  it('of the batch in part: what DynamoDB did not get to is sent again before anything leaves', async () => {
    let batches = 0;
    proxy.decide = ({ headers, body }) => {
      if (!String(headers['x-amz-target']).endsWith('BatchWriteItem') || batches > 0) return PASS;
      batches += 1;
      // The first batch is answered as if DynamoDB had taken none of it.
      return {
        kind: 'answer',
        status: 200,
        body: JSON.stringify({ UnprocessedItems: JSON.parse(body).RequestItems }),
      };
    };
    expect(await deposit(lab.storeAt({ endpoint: proxy.url }))).toMatchObject({ archived: 25 });
    expect(batches).toBe(1);
    await expectSameReplies();
  });

  it('of a batch that DynamoDB never gets to: the replies stay where they are', async () => {
    proxy.decide = ({ headers, body }) =>
      String(headers['x-amz-target']).endsWith('BatchWriteItem')
        ? {
            kind: 'answer',
            status: 200,
            body: JSON.stringify({ UnprocessedItems: JSON.parse(body).RequestItems }),
          }
        : PASS;
    expect(await deposit(lab.storeAt({ endpoint: proxy.url }))).toMatchObject({ archived: 0 });
    expect(await remembered()).toBe(31);
  });
});

describe('two movers at once', () => {
  it('leave the same replies behind as one', async () => {
    await Promise.all(Array.from({ length: 8 }, () => deposit(lab.store)));
    expect((await lab.item(account))?.['watermark']).toBe(keys[24]);
    expect(await remembered()).toBe(30 + 8 - 25);
    await expectSameReplies();
    expect(await plain().balance(account, patient())).toBe(38n);
  });

  it('never let the watermark fall, when the slower one moves older replies', async () => {
    const [account_, old] = [account, keys.slice(0, 10)];
    await deposit(lab.store);
    await lab.store.dropArchived(account_, old, patient());
    expect((await lab.item(account))?.['watermark']).toBe(keys[24]);
  });

  it('take replies below the watermark off as well, and leave it where it is', async () => {
    const watermark = keyAt(lab.now.ms - 1000);
    await lab.putItem({ ...(await lab.item(account)), watermark });
    expect(await deposit(lab.store)).toMatchObject({ archived: 25 });
    expect((await lab.item(account))?.['watermark']).toBe(watermark);
    expect(await remembered()).toBe(6);
    await expectSameReplies();
  });

  it('answer a reply that was recorded below the new watermark while they moved', async () => {
    const late = keyAt(lab.now.ms - ARCHIVE_AGE_MS - 1000);
    const slow: Store = {
      ...lab.store,
      archive: async (...args) => {
        await lab.store.archive(...args);
        await plain().move({ account, key: late, move: 'deposit', amountMinor: 5n }, patient());
      },
    };
    await deposit(slow);
    expect(((await lab.item(account))?.['watermark'] as string) > late).toBe(true);
    const call = { account, key: late, move: 'deposit', amountMinor: 5n } as const;
    expect(await plain().move(call, patient())).toMatchObject({ replayed: true });
    expect(await plain().balance(account, patient())).toBe(36n);
  });
});
