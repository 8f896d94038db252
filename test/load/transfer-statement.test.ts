import { describe, expect, test } from 'vitest';
import type { CallOutcome, LoadMove } from '../../client/load/call.ts';
import { deposit, executed, type Line, NOT_EXECUTED, refused, UNKNOWN } from './records.ts';
import {
  DEPOSIT,
  type EntryParts,
  FIRST,
  first,
  found,
  made,
  NOTHING,
  one,
  other,
  RETURNED,
  SETTLED,
} from './statement-lab.ts';

const TRANSFER: LoadMove = { kind: 'transfer', account: 'joe', to: 'ann', amountMinor: 8n, key: one };
const BEGUN: EntryParts = {
  type: 'transfer',
  amount: 8,
  change: -8,
  heldChange: 8,
  other: 'ann',
  transfer: one,
};
const CREDIT: EntryParts = { key: made, type: 'credit', amount: 8, change: 8, other: 'joe', transfer: one };

describe('a check of the statement of a payer', () => {
  test.each<[string, CallOutcome, readonly EntryParts[]]>([
    ['was settled', executed(42, 2), [BEGUN, SETTLED]],
    ['was returned', refused('no_such_destination'), [BEGUN, RETURNED]],
    [
      'was returned from a frozen account',
      refused('destination_frozen'),
      [BEGUN, { ...RETURNED, code: 'destination_frozen' }],
    ],
    ['was settled, and whose outcome is unknown', UNKNOWN, [BEGUN, SETTLED]],
    ['was returned, and whose outcome is unknown', UNKNOWN, [BEGUN, RETURNED]],
    ['has no entry, and whose outcome is unknown', UNKNOWN, []],
    [
      'was refused before it began',
      refused(),
      [{ type: 'refused', code: 'not_enough_money', amount: 8, other: 'ann', transfer: one }],
    ],
  ])('finds nothing in a transfer that %s', (_, outcome, entries) => {
    expect(found([FIRST, [TRANSFER, outcome]], [DEPOSIT, ...entries])).toEqual(NOTHING);
  });

  test('leaves a transfer open that has not ended', () => {
    expect(found([FIRST, [TRANSFER, executed(42, 2)]], [DEPOSIT, BEGUN])).toEqual({
      broken: 0,
      unfinished: [`the transfer ${one} is under way`],
    });
  });

  test.each<[string, CallOutcome, readonly EntryParts[]]>([
    ['was settled twice', executed(42, 2), [BEGUN, SETTLED, { ...SETTLED, key: other }]],
    ['was settled and returned', executed(42, 2), [BEGUN, SETTLED, { ...RETURNED, key: other }]],
    ['was returned, and answered as executed', executed(42, 2), [BEGUN, RETURNED]],
    ['was settled, and answered as refused', refused('no_such_destination'), [BEGUN, SETTLED]],
    ['was returned for another reason', refused('balance_too_large'), [BEGUN, RETURNED]],
    ['was returned in part', refused('no_such_destination'), [BEGUN, { ...RETURNED, change: 7 }]],
    ['released another amount', executed(42, 2), [BEGUN, { ...SETTLED, heldChange: -7 }]],
    ['was settled with another account', executed(42, 2), [BEGUN, { ...SETTLED, other: 'kim' }]],
    [
      'went to another account',
      executed(42, 2),
      [
        { ...BEGUN, other: 'kim' },
        { ...SETTLED, other: 'kim' },
      ],
    ],
    [
      'held nothing',
      executed(42, 2),
      [{ type: 'transfer', amount: 8, change: -8, other: 'ann', transfer: one }],
    ],
    ['began, and was certainly not executed', NOT_EXECUTED, [BEGUN, SETTLED]],
    ['began, and had too little money', refused(), [BEGUN, SETTLED]],
    ['has no entry', executed(42, 2), []],
    ['has no entry, and was refused by its payee', refused('no_such_destination'), []],
  ])('finds a transfer that %s', (_, outcome, entries) => {
    expect(found([FIRST, [TRANSFER, outcome]], [DEPOSIT, ...entries]).broken).toBeGreaterThan(0);
  });

  test('finds the end of a transfer that no call asked for', () => {
    expect(found([FIRST], [DEPOSIT, SETTLED]).broken).toBe(1);
  });
});

describe('a check of the statement of a payee', () => {
  const ANNS: Line = [{ ...deposit(50, first), account: 'ann' }, executed(50, 1)];
  const look = (outcome: CallOutcome, ...entries: readonly EntryParts[]) =>
    found([ANNS, [TRANSFER, outcome]], [DEPOSIT, ...entries], 'ann');
  const REFUSED: EntryParts = { ...CREDIT, type: 'refused', change: 0, code: 'balance_too_large' };

  test('finds nothing in a credit, a refusal, or the absence of either where the outcome is unknown', () => {
    expect(look(executed(42, 2), CREDIT)).toEqual(NOTHING);
    expect(look(refused('balance_too_large'), REFUSED)).toEqual(NOTHING);
    expect(look(UNKNOWN, CREDIT)).toEqual(NOTHING);
    expect(look(UNKNOWN)).toEqual(NOTHING);
  });

  test.each<[string, CallOutcome, readonly EntryParts[]]>([
    ['is missing', executed(42, 2), []],
    ['is there twice', executed(42, 2), [CREDIT, { ...CREDIT, key: other }]],
    ['has another amount', executed(42, 2), [{ ...CREDIT, amount: 9, change: 9 }]],
    ['has another payer', executed(42, 2), [{ ...CREDIT, other: 'kim' }]],
    ['is of another transfer', executed(42, 2), [{ ...CREDIT, transfer: other }]],
    ['has another reference', executed(42, 2), [{ ...CREDIT, reference: 'rent' }]],
    ['was refused, and answered as executed', executed(42, 2), [REFUSED]],
    ['was made, and answered as refused', refused('balance_too_large'), [CREDIT]],
    ['was made of a transfer that had too little money', refused(), [CREDIT]],
    ['was made of a transfer that was certainly not executed', NOT_EXECUTED, [CREDIT]],
    ['was refused first', UNKNOWN, [REFUSED, { ...CREDIT, key: other }]],
  ])('finds a credit that %s', (_, outcome, entries) => {
    expect(look(outcome, ...entries).broken).toBeGreaterThan(0);
  });
});
