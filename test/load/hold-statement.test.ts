import { describe, expect, test } from 'vitest';
import type { CallOutcome, LoadMove } from '../../client/load/call.ts';
import { executed, type Line, refused } from './records.ts';
import {
  DEPOSIT,
  ENTRY_MS,
  type EntryParts,
  FIRST,
  found,
  made,
  NOTHING,
  one,
  other,
  RETURNED,
  SETTLED,
} from './statement-lab.ts';

describe('a check of the statement of an account with holds', () => {
  const HOLD: LoadMove = { kind: 'hold', account: 'joe', amountMinor: 20n, expiresInSeconds: 2, key: one };
  const LONG: LoadMove = { kind: 'hold', account: 'joe', amountMinor: 20n, key: one };
  const held: CallOutcome = { ...executed(30, 2), heldMinor: 20n } as CallOutcome;
  const HELD: EntryParts = { type: 'hold', hold: one, amount: 20, change: -20, heldChange: 20 };
  const capture = (more: Partial<Extract<LoadMove, { kind: 'capture' }>> = {}): LoadMove => ({
    kind: 'capture',
    account: 'joe',
    hold: one,
    key: other,
    ...more,
  });
  const answered = (balance: number, left: number, amount: number): CallOutcome => ({
    kind: 'executed',
    balanceMinor: BigInt(balance),
    heldMinor: BigInt(left),
    sequence: 3,
    amountMinor: BigInt(amount),
  });
  const CAPTURED: EntryParts = { key: other, type: 'capture', hold: one };
  const VOID: LoadMove = { kind: 'void', account: 'joe', hold: one, key: other };
  const VOIDED: EntryParts = { key: other, type: 'void', hold: one, amount: 20, change: 20, heldChange: -20 };
  const EXPIRED: EntryParts = {
    key: made,
    type: 'expired',
    hold: one,
    amount: 20,
    change: 20,
    heldChange: -20,
    at: new Date(ENTRY_MS + 2000),
  };
  const look = (ending: Line | undefined, entries: readonly EntryParts[], hold: LoadMove = LONG) =>
    found([FIRST, [hold, held], ...(ending === undefined ? [] : [ending])], [DEPOSIT, HELD, ...entries]);
  const PART = capture({ amountMinor: 5n, final: false });

  test.each<[string, Line, EntryParts]>([
    ['a whole one', [capture(), answered(30, 0, 20)], { ...CAPTURED, amount: 20, heldChange: -20 }],
    [
      'a part, and releases the rest',
      [capture({ amountMinor: 5n }), answered(45, 0, 5)],
      { ...CAPTURED, amount: 5, change: 15, heldChange: -20 },
    ],
    ['a part, and keeps the rest', [PART, answered(30, 15, 5)], { ...CAPTURED, amount: 5, heldChange: -5 }],
    ['nothing, but voids it', [VOID, answered(50, 0, 20)], VOIDED],
    [
      'nothing, because it is refused',
      [capture({ amountMinor: 21n }), refused('hold_exceeded')],
      { ...CAPTURED, type: 'refused', code: 'hold_exceeded', amount: 21 },
    ],
  ])('finds nothing in a hold where a call captures %s', (_, ending, entry) => {
    expect(look(ending, [entry])).toEqual(NOTHING);
  });

  test('finds nothing in a capture for another account, nor in its end', () => {
    const call = capture({ to: 'ann', amountMinor: 8n });
    const began = { ...CAPTURED, amount: 8, change: 12, heldChange: -12, other: 'ann', transfer: other };
    expect(look([call, answered(42, 8, 8)], [began, { ...SETTLED, transfer: other }])).toEqual(NOTHING);
    const returned = { ...RETURNED, transfer: other };
    expect(look([call, refused('no_such_destination')], [began, returned])).toEqual(NOTHING);
  });

  test('finds nothing in a hold that expired when its time had come', () => {
    expect(look(undefined, [EXPIRED], HOLD)).toEqual(NOTHING);
  });

  test('leaves a hold open that has expired, and whose money is not yet back', () => {
    expect(look(undefined, [], HOLD).unfinished).toEqual([
      `the hold ${one} has expired, and no entry says so`,
    ]);
  });

  test.each<[string, Line | undefined, readonly EntryParts[]]>([
    ['expired before its time', undefined, [{ ...EXPIRED, at: new Date(ENTRY_MS + 1999) }]],
    ['expired in part', undefined, [{ ...EXPIRED, amount: 5, change: 5, heldChange: -5 }]],
    ['expired twice', undefined, [EXPIRED, { ...EXPIRED, key: other }]],
    ['expired after its void', [VOID, answered(50, 0, 20)], [VOIDED, EXPIRED]],
    ['was voided after it expired', [VOID, answered(70, -20, 20)], [EXPIRED, VOIDED]],
    ['was voided by a call that was refused', [VOID, refused('hold_captured')], [VOIDED, EXPIRED]],
    ['gave back too much', [VOID, answered(51, 0, 20)], [{ ...VOIDED, change: 21 }]],
    [
      'was captured in part, and kept nothing',
      [PART, answered(45, 0, 5)],
      [{ ...CAPTURED, amount: 5, change: 15, heldChange: -20 }],
    ],
    [
      'was captured for more than its caller was answered',
      [capture(), answered(30, 0, 19)],
      [{ ...CAPTURED, amount: 20, heldChange: -20 }],
    ],
    [
      'was left with more than its caller was answered',
      [PART, answered(30, 16, 5)],
      [
        { ...CAPTURED, amount: 5, heldChange: -5 },
        { ...EXPIRED, amount: 15, change: 15, heldChange: -15 },
      ],
    ],
  ])('finds a hold that %s', (_, ending, entries) => {
    expect(look(ending, entries, HOLD).broken).toBeGreaterThan(0);
  });

  test('finds a hold that expired although its time is longer than the run', () => {
    expect(look(undefined, [EXPIRED]).broken).toBe(1);
  });
});
