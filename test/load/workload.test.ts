import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { referenceSchema } from '../../client/contract/schemas.ts';
import { chanceFrom, chanceOfClient, nextCall, type Shares } from '../../client/load/workload.ts';

function callsOf(chance: () => number, accounts: readonly string[] = ['own', 'shared'], shares: Shares = {}) {
  const holds = [{ account: 'own', hold: 'hold' }];
  const withdrawals = [{ account: 'own', call: 'withdrawal', amountMinor: 9n }];
  return Array.from({ length: 400 }, () =>
    nextCall({ accounts, chance, mintKey: () => 'key', shares, holds, withdrawals }),
  );
}

describe('a workload', () => {
  test('is the same for the same seed and client, and another for another of either', () => {
    expect(callsOf(chanceOfClient(7, 1))).toEqual(callsOf(chanceOfClient(7, 1)));
    expect(callsOf(chanceOfClient(7, 1))).not.toEqual(callsOf(chanceOfClient(8, 1)));
    expect(callsOf(chanceOfClient(7, 1))).not.toEqual(callsOf(chanceOfClient(7, 2)));
  });

  test('has calls of every kind, on every account', () => {
    const calls = callsOf(chanceFrom(7));
    expect(new Set(calls.map(({ kind }) => kind))).toEqual(new Set(['deposit', 'withdraw', 'balance']));
    expect(new Set(calls.map(({ account }) => account))).toEqual(new Set(['own', 'shared']));
  });

  test('has transfers, holds, captures and voids only where they have a share', () => {
    const accounts = ['one', 'other', 'third'];
    const calls = callsOf(chanceFrom(7), accounts, { transfers: 0.2, holds: 0.5 });
    expect(new Set(calls.map(({ kind }) => kind))).toEqual(
      new Set(['deposit', 'withdraw', 'balance', 'transfer', 'hold', 'capture', 'void']),
    );
    const payees = calls.flatMap((call) => (call.kind === 'transfer' ? [[call.account, call.to]] : []));
    expect(payees.filter(([from, to]) => from === to)).toEqual([]);
    const ofOne = payees.filter(([, to]) => to === 'one').length / payees.length;
    expect(ofOne).toBeGreaterThan(0.4);
    const captures = calls.filter((call) => call.kind === 'capture');
    for (const name of ['amountMinor', 'final', 'to'] as const) {
      expect(new Set(captures.map((capture) => name in capture))).toEqual(new Set([true, false]));
    }
  });

  test('has refunds of withdrawals only where they have a share, none of more than the withdrawal', () => {
    const refunds = callsOf(chanceFrom(7), ['own'], { refunds: 0.5 }).flatMap((call) =>
      call.kind === 'refund' ? [call] : [],
    );
    expect(new Set(refunds.map(({ call }) => call))).toEqual(new Set(['withdrawal']));
    expect(new Set(refunds.map(({ amountMinor }) => Number(amountMinor)))).toEqual(
      new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]),
    );
  });

  test('has no transfers where there is one account', () => {
    const calls = callsOf(chanceFrom(7), ['one'], { transfers: 1 });
    expect(new Set(calls.map(({ kind }) => kind))).toEqual(new Set(['deposit', 'withdraw', 'balance']));
  });

  test('has withdrawals that no account can cover, and deposits that every one can take', () => {
    const calls = callsOf(chanceFrom(7));
    const largest = (kind: string) =>
      Math.max(
        ...calls.flatMap((call) =>
          call.kind === kind && 'amountMinor' in call ? [Number(call.amountMinor)] : [],
        ),
      );
    expect(largest('withdraw')).toBeGreaterThan(1_000_000_000);
    expect(largest('deposit')).toBeLessThanOrEqual(100);
  });

  test('has some calls with a key or a reference of their own, and some without', () => {
    const moves = callsOf(chanceFrom(7)).filter((call) => call.kind !== 'balance');
    for (const name of ['key', 'reference'] as const) {
      expect(new Set(moves.map((move) => name in move))).toEqual(new Set([true, false]));
    }
    for (const { reference } of moves) {
      expect(reference === undefined || v.is(referenceSchema, reference)).toBe(true);
    }
  });

  test('draws from an account as often as it is named', () => {
    const accounts = callsOf(chanceFrom(7), ['own', 'own', 'own', 'shared']).map(({ account }) => account);
    const shared = accounts.filter((account) => account === 'shared').length / accounts.length;
    expect(shared).toBeGreaterThan(0.15);
    expect(shared).toBeLessThan(0.35);
  });
});
