import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { MAX_OPEN_HOLDS } from '../../client/contract/schemas.ts';
import type { Append } from '../../functions/bank/append.ts';
import type { BankParts } from '../../functions/bank/attempt.ts';
import { type Bank, createBank } from '../../functions/bank/bank.ts';
import type { Asked } from '../../functions/bank/entry.ts';
import { DUE_SHARDS } from '../../functions/bank/limits.ts';
import { shardOf } from '../../functions/bank/mark.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { MemoryStore } from '../../functions/memory/store.ts';
import { captureOf, depositOf, holdOf, intentOf, transferOf } from '../support/asked.ts';
import { beforeAppend } from '../support/before-append.ts';
import { newKey } from '../support/keys.ts';

const { signal } = new AbortController();

/** A bank on the model, whose clock is set by hand, and some of whose accounts can fail. */
function openBank() {
  const clock = { nowMs: Date.now() };
  const failing = new Set<string>();
  const model = new MemoryStore(() => clock.nowMs);
  const store = beforeAppend(model, ({ account }) => {
    if (failing.has(account)) {
      throw new StoreUnavailableError('no', `${account} fails`);
    }
  });
  const parts: BankParts = { store, nowMs: () => clock.nowMs, keysNotBeforeMs: 0 };
  const callOn =
    (bank: Bank) =>
    (account: string, asked: Asked, key = newKey()) =>
      bank.execute(intentOf({ account, key }, asked, false), signal);
  /** Makes a call on a function that something happens to before each of its writes. */
  const callAfter = (act: Parameters<typeof beforeAppend>[1]) =>
    callOn(createBank({ ...parts, store: beforeAppend(store, act) }));
  return { call: callOn(createBank(parts)), callAfter, clock, failing, model, parts };
}

const hold = holdOf(1, 10);

test('transfers that cannot be ended delay nothing else of their account, and each is reported, with the age of the oldest', async () => {
  const { call, clock, failing, model, parts } = openBank();
  const payees = ['ann', 'bob', 'eve'];
  for (const account of ['joe', ...payees]) {
    await call(account, depositOf(10n));
  }
  for (const payee of payees) {
    failing.add(payee);
    await expect(call('joe', transferOf(payee, 1))).rejects.toMatchObject({ executed: 'unknown' });
  }
  await call('joe', hold);
  failing.delete('bob');
  clock.nowMs += 60_000;

  const failed: unknown[] = [];
  const report = await sweep(parts, signal, (account, error) =>
    failed.push([account, (error as Error).message]),
  );

  expect(model.head('bob').balanceMinor).toBe(11n);
  expect(model.head('joe')).toMatchObject({ balanceMinor: 7n, heldMinor: 2n });
  expect(failed).toEqual([
    ['joe', 'ann fails'],
    ['joe', 'eve fails'],
  ]);
  expect(report).toEqual({
    accounts: 1,
    transfers: 1,
    expired: 1,
    failed: 1,
    oldestTransferMs: 60_000,
    behindMs: 50_000,
  });
});

test('an account that fails is visited once, although others of its shard were due later', async () => {
  const { call, clock, failing, parts } = openBank();
  const names = Array.from({ length: 600 }, (_, index) => `account-${index}`).filter(
    (name) => shardOf(name) === 0,
  );
  const [first = ''] = names;
  for (const name of names.slice(0, 5)) {
    await call(name, depositOf(5n));
    await call(name, hold);
    clock.nowMs += 1;
  }
  failing.add(first);
  clock.nowMs += 60_000;
  const failed: string[] = [];
  const report = await sweep(parts, signal, (account) => failed.push(account));
  expect(failed).toEqual([first]);
  expect(report).toMatchObject({ accounts: 5, expired: 4, failed: 1 });
});

test('no retry of a transfer under way is answered with not executed', async () => {
  const { call, failing } = openBank();
  for (const account of ['joe', 'ann']) {
    await call(account, depositOf(10n));
  }
  failing.add('ann');
  const key = newKey();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await expect(call('joe', transferOf('ann', 1), key)).rejects.toMatchObject({
      executed: 'unknown',
      reason: 'transfer_pending',
    });
  }
});

test('holds that have expired make room for new ones, before any sweep', async () => {
  const { call, clock } = openBank();
  await call('joe', depositOf(1000n));
  for (let number = 0; number < 100; number += 1) {
    await call('joe', hold);
  }
  const refused = { answer: { line: { entry: { body: { kind: 'refused', code: 'too_many_holds' } } } } };
  expect(await call('joe', hold)).toMatchObject(refused);
  clock.nowMs += 10_000;
  expect(await call('joe', hold)).toMatchObject({
    answer: { line: { entry: { body: { kind: 'executed' } } } },
  });
});

test('an account that is due gets its turn, however much is due in the shards before its own, and a sweep whose time is up reports what it did', async () => {
  const { call, clock, model, parts } = openBank();
  const names = Array.from({ length: 600 }, (_, index) => `account-${index}`);
  const crowd = names.filter((name) => shardOf(name) === 0);
  const [last = ''] = names.filter((name) => shardOf(name) === DUE_SHARDS - 1);
  for (const name of [...crowd, last]) {
    await call(name, depositOf(5n));
    await call(name, hold);
  }
  clock.nowMs += 60_000;
  const time = new AbortController();
  const listDue = model.listDue.bind(model);
  let looks = 0;
  vi.spyOn(model, 'listDue').mockImplementation(async (which) => {
    looks += 1;
    if (looks > DUE_SHARDS + 4) {
      time.abort();
      throw new StoreUnavailableError('no', 'the time was up');
    }
    return await listDue(which);
  });
  const report = await sweep(parts, time.signal, fail);
  expect(report.expired).toBeGreaterThan(2);
  expect(report.expired).toBeLessThan(crowd.length);
  expect(report.behindMs).toBe(50_000);
  expect(model.head(last).marks.size).toBe(0);
});

test('a transfer does not wait for the holds that expired before it, when there are more than one sweep can end', async () => {
  const { call, clock, failing, model, parts } = openBank();
  const names = Array.from({ length: 600 }, (_, index) => `account-${index}`);
  const [payer = '', ...crowd] = names.filter((name) => shardOf(name) === 0);
  for (const name of [...crowd, payer, 'ann']) {
    await call(name, depositOf(5n));
  }
  for (const name of crowd) {
    await call(name, hold);
  }
  clock.nowMs += 60_000;
  failing.add('ann');
  await expect(call(payer, transferOf('ann', 1))).rejects.toMatchObject({ executed: 'unknown' });
  failing.clear();
  clock.nowMs += 60_000;
  const time = new AbortController();
  const listDue = model.listDue.bind(model);
  let looks = 0;
  vi.spyOn(model, 'listDue').mockImplementation(async (which) => {
    looks += 1;
    if (looks > DUE_SHARDS + 4) {
      time.abort();
      throw new StoreUnavailableError('no', 'the time was up');
    }
    return await listDue(which);
  });
  const report = await sweep(parts, time.signal, fail);
  expect(report).toMatchObject({ transfers: 1, behindMs: 110_000 });
  expect(report.expired).toBeLessThan(crowd.length);
});

test('a payee whose book does not answer delays no account of another shard', async () => {
  const { call, clock, failing, model, parts } = openBank();
  const names = Array.from({ length: 600 }, (_, index) => `account-${index}`);
  const payers = names.filter((name) => shardOf(name) === 0);
  const [last = ''] = names.filter((name) => shardOf(name) === DUE_SHARDS - 1);
  for (const name of [...payers, last, 'ann']) {
    await call(name, depositOf(5n));
  }
  failing.add('ann');
  for (const payer of payers) {
    await expect(call(payer, transferOf('ann', 1))).rejects.toMatchObject({ executed: 'unknown' });
  }
  await call(last, hold);
  clock.nowMs += 60_000;
  const time = new AbortController();
  const store = beforeAppend(model, async ({ account }) => {
    if (account === 'ann') {
      await (time.signal.aborted || once(time.signal, 'abort'));
      throw new StoreUnavailableError('unknown', 'the time was up');
    }
  });
  const swept = sweep({ ...parts, store }, time.signal, () => {});
  await vi.waitFor(() => expect(model.head(last).marks.size).toBe(0));
  time.abort();
  expect(await swept).toMatchObject({ expired: 1, transfers: 0 });
});

test('a refusal because of a hundred holds is not written once one of them has become a transfer', async () => {
  const { call, callAfter, clock, model } = openBank();
  await call('joe', depositOf(1_000n));
  await call('ann', depositOf(1n));
  const names: string[] = [];
  for (let count = 0; count < MAX_OPEN_HOLDS; count += 1) {
    clock.nowMs += 1;
    names.push(newKey());
    await call('joe', holdOf(1), names.at(-1));
  }
  let isCaptured = false;
  const late = callAfter(async ({ account, entries: [{ body }] }) => {
    if (account === 'joe' && body.kind === 'refused' && !isCaptured) {
      isCaptured = true;
      await model.append(captureLeft());
    }
  });
  /** The capture of the first hold to another account, as a function leaves it that dies right after it has begun the transfer. */
  const captureLeft = (): Append => {
    const [captured = ''] = names;
    const transfer = {
      ...({ kind: 'transfer', to: 'ann', amountMinor: 1n, reference: undefined } as const),
      ...{ startedMs: clock.nowMs, mayRetry: false },
    };
    return {
      account: 'joe',
      guard: { kind: 'above_watermark' },
      conditions: [],
      entries: [
        {
          ...{ key: newKey(), atMs: clock.nowMs, mayRetry: false, changeMinor: 0n, heldChangeMinor: 0n },
          body: { kind: 'executed', capturedMinor: 1n, asked: captureOf(captured, { to: 'ann' }) },
        },
      ],
      marking: {
        isLast: false,
        due: undefined,
        changes: [
          { key: captured, before: model.head('joe').marks.get(captured), after: undefined },
          { key: newKey(), before: undefined, after: transfer },
        ],
      },
    };
  };
  const { answer } = await late('joe', hold);
  expect(isCaptured).toBe(true);
  expect(answer).toMatchObject({ line: { entry: { body: { kind: 'executed' } } } });
});

test('an account with a hundred holds can pay although another caller changes it before each of its writes', async () => {
  const { call, callAfter } = openBank();
  await call('joe', depositOf(1_000n));
  await call('ann', depositOf(1n));
  for (let count = 0; count < MAX_OPEN_HOLDS; count += 1) {
    await call('joe', holdOf(1));
  }
  const disturbed = callAfter(async ({ account }) => {
    if (account === 'joe') {
      await call('joe', depositOf(1n));
    }
  });
  const { answer } = await disturbed('joe', transferOf('ann', 1));
  expect(answer).toMatchObject({ returned: undefined, line: { entry: { body: { kind: 'executed' } } } });
});

function fail(account: string, error: unknown): never {
  throw new Error(`${account} was not swept`, { cause: error });
}
