import { describe, expect, test } from 'vitest';
import type { CallOutcome, LoadMove } from '../../client/load/call.ts';
import { executed, refused, UNKNOWN } from './records.ts';
import { DEPOSIT, type EntryParts, FIRST, first, found, made, NOTHING, one, other } from './statement-lab.ts';

describe('a check of the statement of an account with a refund', () => {
  const REFUND: LoadMove = { kind: 'refund', account: 'joe', call: other, amountMinor: 5n, key: one };
  const answered = (balance: number, sequence: number): CallOutcome =>
    ({ ...executed(balance, sequence), amountMinor: 5n }) as CallOutcome;
  const REFUNDING: EntryParts = { type: 'refund', amount: 5, call: other };
  const REFUNDED: EntryParts = {
    key: made,
    type: 'refunded',
    amount: 5,
    change: 5,
    call: other,
    refund: one,
  };
  const BACK: EntryParts = { key: made, type: 'returned', code: 'refund_exceeded', call: other, refund: one };
  const look = (outcome: CallOutcome, ...entries: readonly EntryParts[]) =>
    found([FIRST, [REFUND, outcome]], [DEPOSIT, ...entries]);

  test.each<[string, CallOutcome, readonly EntryParts[]]>([
    ['was executed, and is answered with the balance after its end', answered(55, 3), [REFUNDING, REFUNDED]],
    ['was refused after it began', refused('refund_exceeded'), [REFUNDING, BACK]],
    [
      'was refused before it began',
      refused('refund_exceeded'),
      [{ ...REFUNDING, type: 'refused', code: 'refund_exceeded' }],
    ],
    ['was refused', refused('account_frozen'), [{ ...REFUNDING, type: 'refused', code: 'account_frozen' }]],
    ['has an unknown outcome and no entry', UNKNOWN, []],
    ['has an unknown outcome and was executed', UNKNOWN, [REFUNDING, REFUNDED]],
    ['has an unknown outcome and was refused', UNKNOWN, [REFUNDING, BACK]],
  ])('finds nothing in a refund that %s', (_, outcome, entries) => {
    expect(look(outcome, ...entries)).toEqual(NOTHING);
  });

  test('leaves a refund open that has not ended', () => {
    expect(look(answered(55, 3), REFUNDING)).toEqual({
      broken: 0,
      unfinished: [`the refund ${one} is under way`],
    });
  });

  test.each<[string, CallOutcome, readonly EntryParts[]]>([
    ['brought its money twice', answered(55, 3), [REFUNDING, REFUNDED, { ...REFUNDED, key: first }]],
    ['brought its money at once', answered(55, 2), [{ ...REFUNDING, change: 5 }]],
    ['brought another amount', answered(56, 3), [REFUNDING, { ...REFUNDED, change: 6 }]],
    ['was answered with another balance', answered(54, 3), [REFUNDING, REFUNDED]],
    ['was answered with another entry', answered(55, 2), [REFUNDING, REFUNDED]],
    ['is of another call', answered(55, 3), [{ ...REFUNDING, call: first }, REFUNDED]],
    ['ended as that of another call', answered(55, 3), [REFUNDING, { ...REFUNDED, call: first }]],
    ['ended and never began', answered(55, 2), [REFUNDED]],
    ['was returned, and answered as executed', answered(50, 3), [REFUNDING, BACK]],
    ['was executed, and answered as refused', refused('refund_exceeded'), [REFUNDING, REFUNDED]],
    ['was returned with money', refused('refund_exceeded'), [REFUNDING, { ...BACK, change: 5 }]],
    ['has no entry', answered(55, 3), []],
  ])('finds a refund that %s', (_, outcome, entries) => {
    expect(look(outcome, ...entries).broken).toBeGreaterThan(0);
  });

  test('finds a refund that no call asked for', () => {
    expect(found([FIRST], [DEPOSIT, REFUNDING, REFUNDED]).broken).toBeGreaterThan(0);
  });
});

test('a check of a statement compares a change of status with its entry', () => {
  const FREEZE: LoadMove = { kind: 'setStatus', account: 'joe', debits: 'frozen', key: one };
  const FROZEN: EntryParts = { type: 'status', debits: 'frozen' };
  const look = (outcome: CallOutcome, ...entries: readonly EntryParts[]) =>
    found([FIRST, [FREEZE, outcome]], [DEPOSIT, ...entries]);
  expect(look(executed(50, 2), FROZEN)).toEqual(NOTHING);
  expect(look(UNKNOWN, FROZEN)).toEqual(NOTHING);
  expect(look(executed(50, 2), { ...FROZEN, credits: 'frozen' }).broken).toBe(1);
  expect(look(executed(50, 2), { ...FROZEN, change: 1 }).broken).toBeGreaterThan(0);
  expect(look(executed(50, 2)).broken).toBe(1);
});

test('a check of a statement accepts that another caller freezes the account, as long as that moves nothing', () => {
  const FROZEN: EntryParts = { type: 'status', debits: 'frozen' };
  expect(found([FIRST], [DEPOSIT, FROZEN])).toEqual(NOTHING);
  expect(found([FIRST], [DEPOSIT, { ...FROZEN, change: 1 }]).broken).toBe(1);
  expect(found([FIRST], [DEPOSIT, { ...FROZEN, heldChange: 1 }]).broken).toBe(1);
});
