import { describe, expect, test } from 'vitest';
import type { CallOutcome } from '../../client/load/call.ts';
import { deposit, executed, type Line, NOT_EXECUTED, refused, UNKNOWN, withdraw } from './records.ts';
import { type EntryParts, found, NOTHING, one, other } from './statement-lab.ts';

const CALL = deposit(10, one);
const CALLED: Line = [CALL, executed(10, 1)];
/** The entry of that call. */
const ENTRY: EntryParts = { key: one, amount: 10, change: 10 };
const REFUSAL: EntryParts = { type: 'refused', code: 'not_enough_money' };
const CANCELLED: EntryParts = { key: other, type: 'cancelled' };

describe('a check of a statement', () => {
  test.each<[string, readonly Line[], readonly EntryParts[]]>([
    ['a call that has its entry', [CALLED], [ENTRY]],
    ['a cancelled call that has its entry', [[withdraw(5, other), refused('cancelled')]], [CANCELLED]],
    ['an entry of a call whose outcome is unknown', [[CALL, UNKNOWN]], [ENTRY]],
    ['the absence of an entry of a call whose outcome is unknown', [[CALL, UNKNOWN]], []],
    ['a refusal under a key that a client gave up', [], [{ ...REFUSAL, code: 'key_expired' }]],
    [
      'a refusal that has its entry, with what was asked for',
      [[{ ...withdraw(50, one), reference: 'rent' }, refused()]],
      [{ ...REFUSAL, amount: 50, reference: 'rent' }],
    ],
    ['a call without an entry whose refusal is not recorded', [[CALL, refused('key_in_future')]], []],
  ])('finds nothing in %s', (_, lines, entries) => {
    expect(found(lines, entries)).toEqual(NOTHING);
  });

  test.each<[string, CallOutcome, ...EntryParts[]]>([
    ['moved money', refused(), { ...REFUSAL, amount: 50, change: -50 }],
    ['asked for another amount', refused(), { ...REFUSAL, amount: 51 }],
    ['has another reference', refused(), { ...REFUSAL, amount: 50, reference: 'rent' }],
    ['has another code', refused(), { ...REFUSAL, amount: 50, code: 'no_such_account' }],
    [
      'moved money, though the refusal is not recorded',
      refused('key_in_future'),
      { type: 'withdrawal', amount: 50, change: -50 },
    ],
    ['moved money, though the key was cancelled', refused('cancelled'), { type: 'cancelled', change: 1 }],
    [
      'is of a key that was refused as used twice',
      refused('key_reused'),
      { type: 'withdrawal', amount: 50, change: -50 },
    ],
    ['is missing where the key was refused as used twice', refused('key_reused')],
  ])('finds a refusal whose entry %s', (_, outcome, ...entries) => {
    expect(found([[withdraw(50, one), outcome]], entries).broken).toContainEqual(
      expect.stringMatching(/^one was answered /),
    );
  });

  test.each<[string, EntryParts]>([
    ['cancellation', CANCELLED],
    ['refusal of another kind', { ...REFUSAL, key: other }],
  ])('finds a %s under a key that no call had', (_, entry) => {
    expect(found([], [entry]).broken).toEqual([expect.stringMatching(/^no call had the key other: /)]);
  });

  test.each<[string, Line, string, string?]>([
    ['a refusal that was executed', [CALL, refused('balance_too_large')], 'balance_too_large'],
    ['another balance than the one answered', [CALL, executed(11)], 'executed, 11 after it'],
    ['another place than the one answered', [CALL, executed(10, 2)], 'executed, 10 after it'],
    ['another kind of call', [withdraw(10, one), executed(10)], 'executed, 10 after it'],
    ['another amount', [deposit(9, one), executed(10)], 'executed, 10 after it'],
    [
      'another reference',
      [{ ...CALL, reference: 'order-1' }, executed(10)],
      'executed, 10 after it',
      'order-2',
    ],
    ['a call that was certainly not executed', [CALL, NOT_EXECUTED], 'certainly not executed'],
    ['another amount under a key whose outcome is unknown', [deposit(9, one), UNKNOWN], 'unknown'],
  ])('finds %s', (_, line, answer, reference) => {
    const entry = reference === undefined ? ENTRY : { ...ENTRY, reference };
    const said = ['entry 1 is deposit', 'change 10', 'balance 10', ...(reference ? [reference] : [])];
    expect(found([line], [entry]).broken).toContain(`one was answered "${answer}": ${said.join(', ')}`);
  });

  test.each<[string, Line, readonly EntryParts[], string]>([
    ['a call that is missing', CALLED, [], 'one was answered "executed, 10 after it": it has no entry'],
    [
      'a refusal that is missing',
      [withdraw(10, one), refused()],
      [],
      'one was answered "not_enough_money": it has no entry',
    ],
    [
      'money that no call moved',
      CALLED,
      [ENTRY, { ...ENTRY, key: other }],
      'no call had the key other: entry 2 is deposit, change 10, balance 20',
    ],
    [
      'an entry that is missing before another one',
      [CALL, executed(10)],
      [{ ...ENTRY, sequence: 2 }],
      'entry 2 is in the place of entry 1',
    ],
    [
      'a sum that is wrong',
      [CALL, executed(11)],
      [{ ...ENTRY, balance: 11n }],
      'entry 1 has the balance 11 instead of 10',
    ],
    [
      'a key that has two entries',
      CALLED,
      [ENTRY, { key: one }],
      'one has a second entry: entry 2 is deposit, change 0, balance 10',
    ],
  ])('finds %s', (_, line, entries, fault) => {
    expect(found([line], entries).broken).toContain(fault);
  });
});
