import { describe, expect, test } from 'vitest';
import type { Entry } from '../../client/index.ts';
import type { Call, CallOutcome, LoadMove } from '../../client/load/call.ts';
import { StatementCheck } from '../../client/load/statement.ts';
import { newKey } from '../support/keys.ts';
import { deposit, executed, NOT_EXECUTED, recordsOf, refused, UNKNOWN } from './records.ts';

type Line = readonly [Call, CallOutcome];
type Said = Partial<Omit<Entry, 'amount' | 'change' | 'heldChange'>> & {
  readonly amount?: number;
  readonly change?: number;
  readonly heldChange?: number;
};

const [first, one, other, made] = [newKey(), newKey(), newKey(), newKey()];
const DAY = Date.UTC(2026, 10, 27);

/** A statement that adds up, of entries that say this. */
function statementOf(entries: readonly Said[]): readonly Entry[] {
  let balance = 0n;
  return entries.map(({ amount, change = 0, heldChange, ...said }, index) => {
    balance += BigInt(change);
    return {
      sequence: index + 1,
      key: one,
      type: 'deposit',
      at: new Date(DAY),
      balance,
      ...said,
      change: BigInt(change),
      ...(amount === undefined ? {} : { amount: BigInt(amount) }),
      ...(heldChange === undefined ? {} : { heldChange: BigInt(heldChange) }),
    };
  });
}

function found(lines: readonly Line[], entries: readonly Said[], account = 'joe') {
  const statement = new StatementCheck(account, recordsOf(...lines));
  for (const entry of statementOf(entries)) {
    statement.add(entry);
  }
  const { broken, unfinished } = statement.finish();
  return { broken: broken.length, unfinished };
}

const NOTHING = { broken: 0, unfinished: [] };
const FIRST: Line = [deposit(50, first), executed(50, 1)];
const DEPOSIT: Said = { key: first, amount: 50, change: 50 };
const TRANSFER: LoadMove = { kind: 'transfer', account: 'joe', to: 'ann', amountMinor: 8n, key: one };
const BEGUN: Said = { type: 'transfer', amount: 8, change: -8, heldChange: 8, other: 'ann', transfer: one };
const ENDED: Said = { key: made, amount: 8, heldChange: -8, other: 'ann', transfer: one };
const SETTLED: Said = { ...ENDED, type: 'settled' };
const RETURNED: Said = { ...ENDED, type: 'returned', change: 8, code: 'no_such_destination' };
const CREDIT: Said = { key: made, type: 'credit', amount: 8, change: 8, other: 'joe', transfer: one };

describe('a check of the statement of a payer', () => {
  test.each<[string, CallOutcome, readonly Said[]]>([
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

  test.each<[string, CallOutcome, readonly Said[]]>([
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
  const look = (outcome: CallOutcome, ...entries: readonly Said[]) =>
    found([ANNS, [TRANSFER, outcome]], [DEPOSIT, ...entries], 'ann');
  const REFUSED: Said = { ...CREDIT, type: 'refused', change: 0, code: 'balance_too_large' };

  test('finds nothing in a credit, a refusal, or the absence of either where the outcome is unknown', () => {
    expect(look(executed(42, 2), CREDIT)).toEqual(NOTHING);
    expect(look(refused('balance_too_large'), REFUSED)).toEqual(NOTHING);
    expect(look(UNKNOWN, CREDIT)).toEqual(NOTHING);
    expect(look(UNKNOWN)).toEqual(NOTHING);
  });

  test.each<[string, CallOutcome, readonly Said[]]>([
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

describe('a check of the statement of an account with holds', () => {
  const HOLD: LoadMove = { kind: 'hold', account: 'joe', amountMinor: 20n, expiresInSeconds: 2, key: one };
  const LONG: LoadMove = { kind: 'hold', account: 'joe', amountMinor: 20n, key: one };
  const held: CallOutcome = { ...executed(30, 2), heldMinor: 20n } as CallOutcome;
  const HELD: Said = { type: 'hold', hold: one, amount: 20, change: -20, heldChange: 20 };
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
  const CAPTURED: Said = { key: other, type: 'capture', hold: one };
  const VOID: LoadMove = { kind: 'void', account: 'joe', hold: one, key: other };
  const VOIDED: Said = { key: other, type: 'void', hold: one, amount: 20, change: 20, heldChange: -20 };
  const EXPIRED: Said = {
    key: made,
    type: 'expired',
    hold: one,
    amount: 20,
    change: 20,
    heldChange: -20,
    at: new Date(DAY + 2000),
  };
  const look = (ending: Line | undefined, entries: readonly Said[], hold: LoadMove = LONG) =>
    found([FIRST, [hold, held], ...(ending === undefined ? [] : [ending])], [DEPOSIT, HELD, ...entries]);
  const PART = capture({ amountMinor: 5n, final: false });

  test.each<[string, Line, Said]>([
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

  test.each<[string, Line | undefined, readonly Said[]]>([
    ['expired before its time', undefined, [{ ...EXPIRED, at: new Date(DAY + 1999) }]],
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

describe('a check of the statement of an account with a refund', () => {
  const REFUND: LoadMove = { kind: 'refund', account: 'joe', call: other, amountMinor: 5n, key: one };
  const answered = (balance: number, sequence: number): CallOutcome =>
    ({ ...executed(balance, sequence), amountMinor: 5n }) as CallOutcome;
  const REFUNDING: Said = { type: 'refund', amount: 5, call: other };
  const REFUNDED: Said = { key: made, type: 'refunded', amount: 5, change: 5, call: other, refund: one };
  const BACK: Said = { key: made, type: 'returned', code: 'refund_exceeded', call: other, refund: one };
  const look = (outcome: CallOutcome, ...entries: readonly Said[]) =>
    found([FIRST, [REFUND, outcome]], [DEPOSIT, ...entries]);

  test.each<[string, CallOutcome, readonly Said[]]>([
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

  test.each<[string, CallOutcome, readonly Said[]]>([
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
  const FROZEN: Said = { type: 'status', debits: 'frozen' };
  const look = (outcome: CallOutcome, ...entries: readonly Said[]) =>
    found([FIRST, [FREEZE, outcome]], [DEPOSIT, ...entries]);
  expect(look(executed(50, 2), FROZEN)).toEqual(NOTHING);
  expect(look(UNKNOWN, FROZEN)).toEqual(NOTHING);
  expect(look(executed(50, 2), { ...FROZEN, credits: 'frozen' }).broken).toBe(1);
  expect(look(executed(50, 2), { ...FROZEN, change: 1 }).broken).toBeGreaterThan(0);
  expect(look(executed(50, 2)).broken).toBe(1);
});

test('a check of a statement accepts that another caller freezes the account, as long as that moves nothing', () => {
  const FROZEN: Said = { type: 'status', debits: 'frozen' };
  expect(found([FIRST], [DEPOSIT, FROZEN])).toEqual(NOTHING);
  expect(found([FIRST], [DEPOSIT, { ...FROZEN, change: 1 }]).broken).toBe(1);
  expect(found([FIRST], [DEPOSIT, { ...FROZEN, heldChange: 1 }]).broken).toBe(1);
});
