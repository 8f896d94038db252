import { describe, expect, test } from 'vitest';
import type { Entry } from '../../client/index.ts';
import type { Call, CallOutcome } from '../../client/load/call.ts';
import { StatementCheck } from '../../client/load/statement.ts';
import { newKey } from '../support/keys.ts';
import { deposit, executed, NOT_EXECUTED, recordsOf, refused, UNKNOWN, withdraw } from './records.ts';

const [one, other] = [newKey(), newKey()];

function entry(sequence: number, key: string, change: number, balance: number, more = {}): Entry {
  const type = change < 0 ? 'withdrawal' : 'deposit';
  const amount = BigInt(Math.abs(change));
  const moved = { amount, change: BigInt(change), balance: BigInt(balance) };
  return { sequence, key, type, ...moved, at: new Date(), ...more };
}

function refusal(sequence: number, key: string, more: Partial<Entry>): Entry {
  return entry(sequence, key, 0, 0, { type: 'refused', code: 'not_enough_money', ...more });
}

function brokenIn(
  calls: readonly (readonly [Call, CallOutcome])[],
  entries: readonly Entry[],
): readonly string[] {
  const statement = new StatementCheck('joe', recordsOf(...calls));
  for (const each of entries) {
    statement.add(each);
  }
  return statement.finish().broken.map((fault) => fault.replaceAll(one, 'one').replaceAll(other, 'other'));
}

const FIRST = [deposit(10, one), executed(10, 1)] as const;

describe('a check of a statement', () => {
  test('finds nothing where every call has its entry', () => {
    const calls = [FIRST, [withdraw(5, other), refused('cancelled')]] as const;
    const cancelled = entry(2, other, 0, 10, { type: 'cancelled' });
    expect(brokenIn(calls, [entry(1, one, 10, 10), cancelled])).toEqual([]);
  });

  test('finds nothing in an entry of a call whose outcome is unknown, or in its absence', () => {
    expect(brokenIn([[deposit(10, one), UNKNOWN]], [entry(1, one, 10, 10)])).toEqual([]);
    expect(brokenIn([[deposit(10, one), UNKNOWN]], [])).toEqual([]);
  });

  test('finds nothing in a refusal under a key that a client gave up', () => {
    const expired = entry(1, other, 0, 0, { type: 'refused', code: 'key_expired' });
    expect(brokenIn([], [expired])).toEqual([]);
  });

  test('finds nothing in a refusal that has its entry, with what was asked for', () => {
    const calls = [[{ ...withdraw(50, one), reference: 'rent' }, refused()]] as const;
    expect(brokenIn(calls, [refusal(1, one, { amount: 50n, reference: 'rent' })])).toEqual([]);
  });

  test('finds nothing in a call without an entry whose refusal is not recorded', () => {
    expect(brokenIn([[deposit(10, one), refused('key_in_future')]], [])).toEqual([]);
  });

  test.each<[string, CallOutcome, Entry | undefined]>([
    ['moved money', refused(), refusal(1, one, { amount: 50n, change: -50n, balance: -50n })],
    ['asked for another amount', refused(), refusal(1, one, { amount: 51n })],
    ['has another reference', refused(), refusal(1, one, { amount: 50n, reference: 'rent' })],
    ['has another code', refused(), refusal(1, one, { amount: 50n, code: 'no_such_account' })],
    ['moved money, though the refusal is not recorded', refused('key_in_future'), entry(1, one, -50, -50)],
    [
      'moved money, though the key was cancelled',
      refused('cancelled'),
      refusal(1, one, { type: 'cancelled', change: 1n, balance: 1n }),
    ],
    ['is of a key that was refused as used twice', refused('key_reused'), entry(1, one, -50, -50)],
    ['is missing where the key was refused as used twice', refused('key_reused'), undefined],
  ])('finds a refusal whose entry %s', (_, outcome, found) => {
    expect(brokenIn([[withdraw(50, one), outcome]], found === undefined ? [] : [found])).toContainEqual(
      expect.stringMatching(/^one was answered /),
    );
  });

  test.each<[string, Entry]>([
    ['cancellation', refusal(1, other, { type: 'cancelled' })],
    ['refusal of another kind', refusal(1, other, {})],
  ])('finds a %s under a key that no call had', (_, found) => {
    expect(brokenIn([], [found])).toEqual([expect.stringMatching(/^no call had the key other: /)]);
  });

  test.each<[string, readonly (readonly [Call, CallOutcome])[], readonly Entry[], string]>([
    ['a call that is missing', [FIRST], [], 'one was answered "executed, 10 after it": it has no entry'],
    [
      'a refusal that is missing',
      [[withdraw(10, one), refused()]],
      [],
      'one was answered "not_enough_money": it has no entry',
    ],
    [
      'a refusal that was executed',
      [[deposit(10, one), refused('balance_too_large')]],
      [entry(1, one, 10, 10)],
      'one was answered "balance_too_large": entry 1 is deposit, change 10, balance 10',
    ],
    [
      'another balance than the one answered',
      [[deposit(10, one), executed(11)]],
      [entry(1, one, 10, 10)],
      'one was answered "executed, 11 after it": entry 1 is deposit, change 10, balance 10',
    ],
    [
      'another place than the one answered',
      [[deposit(10, one), executed(10, 2)]],
      [entry(1, one, 10, 10)],
      'one was answered "executed, 10 after it": entry 1 is deposit, change 10, balance 10',
    ],
    [
      'another kind of call',
      [[withdraw(10, one), executed(10)]],
      [entry(1, one, 10, 10)],
      'one was answered "executed, 10 after it": entry 1 is deposit, change 10, balance 10',
    ],
    [
      'another amount',
      [[deposit(9, one), executed(10)]],
      [entry(1, one, 10, 10)],
      'one was answered "executed, 10 after it": entry 1 is deposit, change 10, balance 10',
    ],
    [
      'another reference',
      [[{ ...deposit(10, one), reference: 'order-1' }, executed(10)]],
      [entry(1, one, 10, 10, { reference: 'order-2' })],
      'one was answered "executed, 10 after it": entry 1 is deposit, change 10, balance 10, order-2',
    ],
    [
      'a call that was certainly not executed',
      [[deposit(10, one), NOT_EXECUTED]],
      [entry(1, one, 10, 10)],
      'one was answered "certainly not executed": entry 1 is deposit, change 10, balance 10',
    ],
    [
      'another amount under a key whose outcome is unknown',
      [[deposit(9, one), UNKNOWN]],
      [entry(1, one, 10, 10)],
      'one was answered "unknown": entry 1 is deposit, change 10, balance 10',
    ],
    [
      'money that no call moved',
      [FIRST],
      [entry(1, one, 10, 10), entry(2, other, 10, 20)],
      'no call had the key other: entry 2 is deposit, change 10, balance 20',
    ],
    [
      'an entry that is missing before another one',
      [[deposit(10, one), executed(10)]],
      [entry(2, one, 10, 10)],
      'entry 2 is in the place of entry 1',
    ],
    [
      'a sum that is wrong',
      [[deposit(10, one), executed(11)]],
      [entry(1, one, 10, 11)],
      'entry 1 has the balance 11 instead of 10',
    ],
    [
      'a key that has two entries',
      [FIRST],
      [entry(1, one, 10, 10), entry(2, one, 0, 10)],
      'one has a second entry: entry 2 is deposit, change 0, balance 10',
    ],
  ])('finds %s', (_, calls, entries, fault) => {
    expect(brokenIn(calls, entries)).toContain(fault);
  });
});
