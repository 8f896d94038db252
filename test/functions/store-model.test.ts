import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { beforeAll, expect, it } from 'vitest';
import type { Move } from '../../client/contract.ts';
import { type Bank, createBank } from '../../functions/core/bank.ts';
import { decodeAccount } from '../../functions/store/item.ts';
import { createLab, type Lab, oldestKeys, patient } from '../support/dynamodb-lab.ts';
import { ModelStore } from '../support/model-store.ts';
import { seedOf } from '../support/seed.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await createLab();
});

type Step =
  | { kind: 'call'; account: number; move: Move; amountMinor: bigint; keyAgeMs: number }
  | { kind: 'again'; pick: number; change: 'nothing' | 'amount' | 'move' | 'account' }
  | { kind: 'balance'; account: number }
  | { kind: 'recorded'; pick: number }
  | { kind: 'archive'; account: number; count: number };

const ACCOUNTS = 2;
const account = fc.nat(ACCOUNTS - 1);
const amountMinor = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt(1n, 20n) },
  { weight: 1, arbitrary: fc.bigInt(999_999_999_999_980n, 999_999_999_999_999n) },
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('call' as const),
        account,
        move: fc.constantFrom<Move>('deposit', 'withdraw'),
        amountMinor,
        // From 6 minutes ahead of the bank's clock to 20 behind: some keys come too early, some below the watermark.
        keyAgeMs: fc.integer({ min: -6 * 60_000, max: 20 * 60_000 }),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('again' as const),
        pick: fc.nat(),
        change: fc.constantFrom('nothing', 'nothing', 'amount', 'move', 'account'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('balance' as const), account }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('recorded' as const), pick: fc.nat() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('archive' as const),
        account,
        count: fc.integer({ min: 1, max: 4 }),
      }),
    },
  ),
  { minLength: 1, maxLength: 40 },
);

/** Plays a step on both banks and gives both answers. */
function player(names: readonly string[], model: ModelStore, banks: readonly [Bank, Bank]) {
  const calls: { account: string; key: string; move: Move; amountMinor: bigint }[] = [];
  const onBoth = (ask: (bank: Bank) => Promise<unknown>) => Promise.all(banks.map(ask));
  const name = (index: number) => names[index] ?? '';

  return async (step: Step): Promise<unknown[]> => {
    switch (step.kind) {
      case 'call': {
        const key = v7({ msecs: lab.now.ms - step.keyAgeMs, random: new Uint8Array(16).fill(calls.length) });
        const call = { ...step, account: name(step.account), key };
        calls.push(call);
        return onBoth((bank) => bank.move(call, patient()));
      }
      case 'again': {
        const call = calls[step.pick % Math.max(1, calls.length)];
        if (call === undefined) return [];
        const otherMove: Move = call.move === 'deposit' ? 'withdraw' : 'deposit';
        const changed = {
          ...call,
          ...(step.change === 'amount' ? { amountMinor: call.amountMinor === 1n ? 2n : 1n } : {}),
          ...(step.change === 'move' ? { move: otherMove } : {}),
          ...(step.change === 'account' ? { account: name(names.indexOf(call.account) ^ 1) } : {}),
        };
        return onBoth((bank) => bank.move(changed, patient()));
      }
      case 'balance':
        return onBoth((bank) => bank.balance(name(step.account), patient()));
      case 'recorded': {
        const call = calls[step.pick % Math.max(1, calls.length)];
        return call === undefined
          ? []
          : onBoth((bank) => bank.recordedCall(call.account, call.key, patient()));
      }
      case 'archive':
        await lab.archiveOldest(name(step.account), step.count, lab.now.ms + 60_000);
        archiveInModel(model, name(step.account), step.count);
        return [];
    }
  };
}

function archiveInModel(model: ModelStore, name: string, count: number): void {
  const before = model.accounts.get(name);
  const moved = oldestKeys(before, count);
  if (before === undefined || moved.length === 0) return;
  const recorded = new Map(before.recorded);
  for (const key of moved) {
    const record = recorded.get(key);
    if (record !== undefined) model.archive.set(`${name} ${key}`, record);
    recorded.delete(key);
  }
  model.accounts.set(name, { ...before, recorded, watermark: moved.at(-1) });
}

it('gives the answers of the model, and leaves the accounts of the model, for any sequence of calls', async () => {
  const seed = seedOf('store against model');
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const names = Array.from({ length: ACCOUNTS }, () => `model-${randomUUID()}`);
      const model = new ModelStore();
      const play = player(names, model, [
        createBank(lab.store, () => lab.now.ms),
        createBank(model, () => lab.now.ms),
      ]);
      for (const step of script) {
        const [real, expected] = await play(step);
        expect(real, JSON.stringify(step, bigints)).toEqual(expected);
      }
      for (const name of names) {
        const item = await lab.item(name);
        expect(item === undefined ? undefined : decodeAccount(item)).toEqual(model.accounts.get(name));
      }
    }),
    { seed, numRuns: 60, endOnFailure: false },
  );
});

function bigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
