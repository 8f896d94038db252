import { expect, test } from 'vitest';
import type { BankParts } from '../../functions/bank/attempt.ts';
import { createBank } from '../../functions/bank/bank.ts';
import type { Asked } from '../../functions/bank/entry.ts';
import { StoreUnavailableError } from '../../functions/bank/store.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { BookModel } from '../support/book-model.ts';
import { newKey } from '../support/keys.ts';

const { signal } = new AbortController();

/** A bank on the model, whose clock is set by hand, and some of whose accounts can fail. */
function openBank() {
  const clock = { nowMs: Date.now() };
  const failing = new Set<string>();
  const model = new BookModel(() => clock.nowMs);
  const parts: BankParts = {
    store: Object.assign(Object.create(model) as BookModel, {
      append: async (append: Parameters<BookModel['append']>[0]) => {
        if (failing.has(append.account)) throw new StoreUnavailableError('no', `${append.account} fails`);
        return await model.append(append);
      },
    }),
    nowMs: () => clock.nowMs,
    keysNotBeforeMs: 0,
  };
  const bank = createBank(parts);
  const call = (account: string, asked: Asked, key = newKey()) =>
    bank.execute({ kind: 'execute', account, key, mayReturn: false, asked }, signal);
  return { bank, call, clock, failing, model, parts };
}

const deposit = (amountMinor: bigint) =>
  ({ operation: 'deposit', amountMinor, mustExist: false, reference: undefined }) as const;
const transfer = (to: string) =>
  ({ operation: 'transfer', amountMinor: 1n, to, reference: undefined }) as const;
const hold = { operation: 'hold', amountMinor: 1n, expiresInSeconds: 10, reference: undefined } as const;

test('a transfer that cannot be ended keeps nothing else of its account waiting, and tells how old it is', async () => {
  const { call, clock, failing, model, parts } = openBank();
  for (const account of ['joe', 'ann', 'bob']) await call(account, deposit(10n));
  failing.add('ann').add('bob');
  await expect(call('joe', transfer('ann'))).rejects.toMatchObject({ executed: 'unknown' });
  await expect(call('joe', transfer('bob'))).rejects.toMatchObject({ executed: 'unknown' });
  await call('joe', hold);
  failing.delete('bob');
  clock.nowMs += 60_000;

  const failed: string[] = [];
  const report = await sweep(parts, signal, (account) => failed.push(account));

  expect(model.head('bob').balanceMinor).toBe(11n);
  expect(model.head('joe')).toMatchObject({ balanceMinor: 8n, heldMinor: 1n });
  expect(failed).toEqual(['joe']);
  expect(report).toEqual({
    accounts: 1,
    transfers: 1,
    expired: 1,
    failed: 1,
    oldestTransferMs: 60_000,
    behindMs: 50_000,
  });
});

test('no retry of a transfer under way is told that nothing was executed', async () => {
  const { call, failing } = openBank();
  for (const account of ['joe', 'ann']) await call(account, deposit(10n));
  failing.add('ann');
  const key = newKey();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await expect(call('joe', transfer('ann'), key)).rejects.toMatchObject({
      executed: 'unknown',
      reason: 'transfer_pending',
    });
  }
});

test('holds that have expired make room for new ones, before any sweep', async () => {
  const { call, clock } = openBank();
  await call('joe', deposit(1000n));
  for (let number = 0; number < 100; number += 1) await call('joe', hold);
  const refused = { answer: { line: { entry: { body: { kind: 'refused', code: 'too_many_open' } } } } };
  expect(await call('joe', hold)).toMatchObject(refused);
  clock.nowMs += 10_000;
  expect(await call('joe', hold)).toMatchObject({
    answer: { line: { entry: { body: { kind: 'executed' } } } },
  });
});
