import { beforeAll, expect, test } from 'vitest';
import { createBank } from '../../functions/core/bank.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await createLab();
});

/** Opened a minute ago, in the place of a bank that was lost. */
const restored = () => {
  const openedMs = lab.now.ms - 60_000;
  return { openedMs, bank: createBank(lab.store, () => lab.now.ms, openedMs) };
};
const depositWith = (key: string, account: string) =>
  ({ move: 'deposit', account, key, amountMinor: 10n }) as const;

test('a restored bank executes no key from before it was opened, on accounts that it has never heard of either', async () => {
  const { bank, openedMs } = restored();
  const before = depositWith(keyAt(openedMs - 1), 'unheard-of');
  expect(await bank.move(before, [], patient())).toMatchObject({
    answer: { kind: 'turned_away', code: 'key_expired' },
  });
  expect(await bank.balance('unheard-of', patient())).toBeUndefined();
  expect(await bank.cancel({ account: 'unheard-of', key: keyAt(openedMs - 1) }, patient())).toMatchObject({
    answer: { kind: 'turned_away', code: 'key_expired' },
  });
  expect(await lab.item('unheard-of')).toBeUndefined();
});

test('a restored bank executes keys from then on', async () => {
  const { bank, openedMs } = restored();
  expect(await bank.move(depositWith(keyAt(openedMs), 'new'), [], patient())).toMatchObject({
    answer: { kind: 'replied', replayed: false },
  });
  expect(await bank.balance('new', patient())).toBe(10n);
});

test('a restored bank answers keys from before whose replies were restored', async () => {
  const { bank, openedMs } = restored();
  const call = depositWith(keyAt(openedMs - 1), 'restored');
  await createBank(lab.store, () => lab.now.ms).move(call, [], patient());
  expect(await bank.move(call, [], patient())).toMatchObject({
    answer: { kind: 'replied', replayed: true },
  });
  expect(await bank.balance('restored', patient())).toBe(10n);
});

test('a restored bank does not claim that nothing has come of a key from before: the lost bank may have executed it', async () => {
  const { bank, openedMs } = restored();
  const account = 'asked-about';
  expect(await bank.outcome({ account, key: keyAt(openedMs - 1) }, patient())).toEqual({ kind: 'forgotten' });
  expect(await bank.outcome({ account, key: keyAt(openedMs) }, patient())).toEqual({ kind: 'none' });
});
