import { describe, expect, test } from 'vitest';
import type { Entry } from '../../client/index.ts';
import type { CallOutcome, LoadMove } from '../../client/load/call.ts';
import { StatementCheck } from '../../client/load/statement.ts';
import { newKey } from '../support/keys.ts';
import {
  deposit,
  executed,
  type Line,
  NOT_EXECUTED,
  recordsOf,
  refused,
  UNKNOWN,
  withdraw,
} from './records.ts';

const [first, one, other, made] = [newKey(), newKey(), newKey(), newKey()];
/** The default time of an entry. */
const ENTRY_MS = Date.UTC(2026, 10, 27);

/** An entry, with amounts as numbers. */
type EntryParts = Partial<Omit<Entry, 'amount' | 'change' | 'heldChange'>> & {
  readonly amount?: number;
  readonly change?: number;
  readonly heldChange?: number;
};

/** Makes a statement from these entries, which adds up unless one of them has a sequence or a balance of its own. */
function statementOf(entries: readonly EntryParts[]): readonly Entry[] {
  let balance = 0n;
  return entries.map(({ amount, change = 0, heldChange, ...parts }, index) => {
    balance += BigInt(change);
    return {
      sequence: index + 1,
      key: one,
      type: 'deposit',
      at: new Date(ENTRY_MS),
      balance,
      ...parts,
      change: BigInt(change),
      ...(amount === undefined ? {} : { amount: BigInt(amount) }),
      ...(heldChange === undefined ? {} : { heldChange: BigInt(heldChange) }),
    };
  });
}

/** Returns the faults in the statement of an account, and what is unfinished. */
function found(lines: readonly Line[], entries: readonly EntryParts[], account = 'joe') {
  const statement = new StatementCheck(account, recordsOf(...lines));
  for (const entry of statementOf(entries)) {
    statement.add(entry);
  }
  const { broken, unfinished } = statement.finish();
  const named = (fault: string) => fault.replaceAll(one, 'one').replaceAll(other, 'other');
  return { broken: broken.map(named), unfinished: unfinished.map(named) };
}

const NOTHING = { broken: [], unfinished: [] };
/** A deposit of 50, and its entry. */
const FIRST: Line = [deposit(50, first), executed(50, 1)];
const DEPOSIT: EntryParts = { key: first, amount: 50, change: 50 };

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

/** What was answered to a call, and the entries that the statement has of it. */
type Row = [what: string, outcome: CallOutcome, ...entries: EntryParts[]];

/** An executed call whose answer says more than the balance. */
const answered = (balance: number, sequence: number, more: object): CallOutcome =>
  ({ ...executed(balance, sequence), ...more }) as CallOutcome;

const ENDED: EntryParts = { key: made, amount: 8, heldChange: -8, other: 'ann', transfer: one };
const SETTLED: EntryParts = { ...ENDED, type: 'settled' };
const RETURNED: EntryParts = { ...ENDED, type: 'returned', change: 8, code: 'no_such_destination' };
const TRANSFER: LoadMove = { kind: 'transfer', account: 'joe', to: 'ann', amountMinor: 8n, key: one };

describe('a check of the statement of a payer', () => {
  const look = (outcome: CallOutcome, ...entries: readonly EntryParts[]) =>
    found([FIRST, [TRANSFER, outcome]], [DEPOSIT, ...entries]);
  const ASKED: EntryParts = { amount: 8, other: 'ann', transfer: one };
  const BEGUN: EntryParts = { ...ASKED, type: 'transfer', change: -8, heldChange: 8 };
  const DONE = executed(42, 2);

  test.each<Row>([
    ['was settled', DONE, BEGUN, SETTLED],
    ['was returned', refused('no_such_destination'), BEGUN, RETURNED],
    [
      'was returned from a frozen account',
      refused('destination_frozen'),
      BEGUN,
      { ...RETURNED, code: 'destination_frozen' },
    ],
    ['was settled, and whose outcome is unknown', UNKNOWN, BEGUN, SETTLED],
    ['was returned, and whose outcome is unknown', UNKNOWN, BEGUN, RETURNED],
    ['has no entry, and whose outcome is unknown', UNKNOWN],
    ['was refused before it began', refused(), { ...ASKED, type: 'refused', code: 'not_enough_money' }],
  ])('finds nothing in a transfer that %s', (_, outcome, ...entries) => {
    expect(look(outcome, ...entries)).toEqual(NOTHING);
  });

  test('leaves a transfer open that has not ended', () => {
    expect(look(DONE, BEGUN)).toEqual({ broken: [], unfinished: ['the transfer one is under way'] });
  });

  test.each<Row>([
    ['was settled twice', DONE, BEGUN, SETTLED, { ...SETTLED, key: other }],
    ['was settled and returned', DONE, BEGUN, SETTLED, { ...RETURNED, key: other }],
    ['was returned, and answered as executed', DONE, BEGUN, RETURNED],
    ['was settled, and answered as refused', refused('no_such_destination'), BEGUN, SETTLED],
    ['was returned for another reason', refused('balance_too_large'), BEGUN, RETURNED],
    ['was returned in part', refused('no_such_destination'), BEGUN, { ...RETURNED, change: 7 }],
    ['released another amount', DONE, BEGUN, { ...SETTLED, heldChange: -7 }],
    ['was settled with another account', DONE, BEGUN, { ...SETTLED, other: 'kim' }],
    ['went to another account', DONE, { ...BEGUN, other: 'kim' }, { ...SETTLED, other: 'kim' }],
    ['held nothing', DONE, { ...ASKED, type: 'transfer', change: -8 }],
    ['began, and was certainly not executed', NOT_EXECUTED, BEGUN, SETTLED],
    ['began, and had too little money', refused(), BEGUN, SETTLED],
    ['has no entry', DONE],
    ['has no entry, and was refused by its payee', refused('no_such_destination')],
  ])('finds a transfer that %s', (_, outcome, ...entries) => {
    expect(look(outcome, ...entries).broken).not.toEqual([]);
  });

  test('finds the end of a transfer that no call asked for', () => {
    expect(found([FIRST], [DEPOSIT, SETTLED]).broken).toHaveLength(1);
  });
});

describe('a check of the statement of a payee', () => {
  const ANNS: Line = [{ ...deposit(50, first), account: 'ann' }, executed(50, 1)];
  const look = (outcome: CallOutcome, ...entries: readonly EntryParts[]) =>
    found([ANNS, [TRANSFER, outcome]], [DEPOSIT, ...entries], 'ann');
  const CREDIT: EntryParts = { key: made, type: 'credit', amount: 8, change: 8, other: 'joe', transfer: one };
  const REFUSED: EntryParts = { ...CREDIT, type: 'refused', change: 0, code: 'balance_too_large' };
  const DONE = executed(42, 2);

  test('finds nothing in a credit, a refusal, or the absence of either where the outcome is unknown', () => {
    expect(look(DONE, CREDIT)).toEqual(NOTHING);
    expect(look(refused('balance_too_large'), REFUSED)).toEqual(NOTHING);
    expect(look(UNKNOWN, CREDIT)).toEqual(NOTHING);
    expect(look(UNKNOWN)).toEqual(NOTHING);
  });

  test.each<Row>([
    ['is missing', DONE],
    ['is there twice', DONE, CREDIT, { ...CREDIT, key: other }],
    ['has another amount', DONE, { ...CREDIT, amount: 9, change: 9 }],
    ['has another payer', DONE, { ...CREDIT, other: 'kim' }],
    ['is of another transfer', DONE, { ...CREDIT, transfer: other }],
    ['has another reference', DONE, { ...CREDIT, reference: 'rent' }],
    ['was refused, and answered as executed', DONE, REFUSED],
    ['was made, and answered as refused', refused('balance_too_large'), CREDIT],
    ['was made of a transfer that had too little money', refused(), CREDIT],
    ['was made of a transfer that was certainly not executed', NOT_EXECUTED, CREDIT],
    ['was refused first', UNKNOWN, REFUSED, { ...CREDIT, key: other }],
  ])('finds a credit that %s', (_, outcome, ...entries) => {
    expect(look(outcome, ...entries).broken).not.toEqual([]);
  });
});

describe('a check of the statement of an account with holds', () => {
  const LONG: LoadMove = { kind: 'hold', account: 'joe', amountMinor: 20n, key: one };
  const HOLD: LoadMove = { ...LONG, expiresInSeconds: 2 };
  const HELD: EntryParts = { type: 'hold', hold: one, amount: 20, change: -20, heldChange: 20 };
  const capture = (more: Partial<Extract<LoadMove, { kind: 'capture' }>> = {}): LoadMove => ({
    ...{ kind: 'capture', account: 'joe', hold: one, key: other },
    ...more,
  });
  const left = (balance: number, held: number, amount: number) =>
    answered(balance, 3, { heldMinor: BigInt(held), amountMinor: BigInt(amount) });
  const PART = capture({ amountMinor: 5n, final: false });
  const CAPTURED: EntryParts = { key: other, type: 'capture', hold: one };
  const VOID: LoadMove = { kind: 'void', account: 'joe', hold: one, key: other };
  const GIVEN_BACK: EntryParts = { hold: one, amount: 20, change: 20, heldChange: -20 };
  const VOIDED: EntryParts = { ...GIVEN_BACK, key: other, type: 'void' };
  const EXPIRED: EntryParts = { ...GIVEN_BACK, key: made, type: 'expired', at: new Date(ENTRY_MS + 2000) };
  const look = (hold: LoadMove, ending: Line | undefined, ...entries: readonly EntryParts[]) => {
    const lines: Line[] = [FIRST, [hold, answered(30, 2, { heldMinor: 20n })]];
    return found(ending === undefined ? lines : [...lines, ending], [DEPOSIT, HELD, ...entries]);
  };

  test.each<[string, Line, EntryParts]>([
    ['a whole one', [capture(), left(30, 0, 20)], { ...CAPTURED, amount: 20, heldChange: -20 }],
    [
      'a part, and releases the rest',
      [capture({ amountMinor: 5n }), left(45, 0, 5)],
      { ...CAPTURED, amount: 5, change: 15, heldChange: -20 },
    ],
    ['a part, and keeps the rest', [PART, left(30, 15, 5)], { ...CAPTURED, amount: 5, heldChange: -5 }],
    ['nothing, but voids it', [VOID, left(50, 0, 20)], VOIDED],
    [
      'nothing, because it is refused',
      [capture({ amountMinor: 21n }), refused('hold_exceeded')],
      { ...CAPTURED, type: 'refused', code: 'hold_exceeded', amount: 21 },
    ],
  ])('finds nothing in a hold where a call captures %s', (_, ending, entry) => {
    expect(look(LONG, ending, entry)).toEqual(NOTHING);
  });

  test('finds nothing in a capture for another account, nor in its end', () => {
    const call = capture({ to: 'ann', amountMinor: 8n });
    const began = { ...CAPTURED, amount: 8, change: 12, heldChange: -12, other: 'ann', transfer: other };
    const settled = { ...SETTLED, transfer: other };
    expect(look(LONG, [call, left(42, 8, 8)], began, settled)).toEqual(NOTHING);
    const returned = { ...RETURNED, transfer: other };
    expect(look(LONG, [call, refused('no_such_destination')], began, returned)).toEqual(NOTHING);
  });

  test('finds nothing in a hold that expired when its time had come', () => {
    expect(look(HOLD, undefined, EXPIRED)).toEqual(NOTHING);
  });

  test('leaves a hold open that has expired, and whose money is not yet back', () => {
    expect(look(HOLD, undefined).unfinished).toEqual(['the hold one has expired, and no entry says so']);
  });

  test.each<[string, Line | undefined, ...EntryParts[]]>([
    ['expired before its time', undefined, { ...EXPIRED, at: new Date(ENTRY_MS + 1999) }],
    ['expired in part', undefined, { ...EXPIRED, amount: 5, change: 5, heldChange: -5 }],
    ['expired twice', undefined, EXPIRED, { ...EXPIRED, key: other }],
    ['expired after its void', [VOID, left(50, 0, 20)], VOIDED, EXPIRED],
    ['was voided after it expired', [VOID, left(70, -20, 20)], EXPIRED, VOIDED],
    ['was voided by a call that was refused', [VOID, refused('hold_captured')], VOIDED, EXPIRED],
    ['gave back too much', [VOID, left(51, 0, 20)], { ...VOIDED, change: 21 }],
    [
      'was captured in part, and kept nothing',
      [PART, left(45, 0, 5)],
      { ...CAPTURED, amount: 5, change: 15, heldChange: -20 },
    ],
    [
      'was captured for more than its caller was answered',
      [capture(), left(30, 0, 19)],
      { ...CAPTURED, amount: 20, heldChange: -20 },
    ],
    [
      'was left with more than its caller was answered',
      [PART, left(30, 16, 5)],
      { ...CAPTURED, amount: 5, heldChange: -5 },
      { ...EXPIRED, amount: 15, change: 15, heldChange: -15 },
    ],
  ])('finds a hold that %s', (_, ending, ...entries) => {
    expect(look(HOLD, ending, ...entries).broken).not.toEqual([]);
  });

  test('finds a hold that expired although its time is longer than the run', () => {
    expect(look(LONG, undefined, EXPIRED).broken).toHaveLength(1);
  });
});

describe('a check of the statement of an account with a refund', () => {
  const REFUND: LoadMove = { kind: 'refund', account: 'joe', call: other, amountMinor: 5n, key: one };
  const BEGUN: EntryParts = { type: 'refund', amount: 5, call: other };
  const ENDING: EntryParts = { key: made, call: other, refund: one };
  const REFUNDED: EntryParts = { ...ENDING, type: 'refunded', amount: 5, change: 5 };
  const BACK: EntryParts = { ...ENDING, type: 'returned', code: 'refund_exceeded' };
  const done = (balance: number, sequence: number) => answered(balance, sequence, { amountMinor: 5n });
  const EXCEEDED = refused('refund_exceeded');
  const look = (outcome: CallOutcome, ...entries: readonly EntryParts[]) =>
    found([FIRST, [REFUND, outcome]], [DEPOSIT, ...entries]);

  test.each<Row>([
    ['was executed, and is answered with the balance after its end', done(55, 3), BEGUN, REFUNDED],
    ['was refused after it began', EXCEEDED, BEGUN, BACK],
    ['was refused before it began', EXCEEDED, { ...BEGUN, type: 'refused', code: 'refund_exceeded' }],
    ['was refused', refused('account_frozen'), { ...BEGUN, type: 'refused', code: 'account_frozen' }],
    ['has an unknown outcome and no entry', UNKNOWN],
    ['has an unknown outcome and was executed', UNKNOWN, BEGUN, REFUNDED],
    ['has an unknown outcome and was refused', UNKNOWN, BEGUN, BACK],
  ])('finds nothing in a refund that %s', (_, outcome, ...entries) => {
    expect(look(outcome, ...entries)).toEqual(NOTHING);
  });

  test('leaves a refund open that has not ended', () => {
    expect(look(done(55, 3), BEGUN)).toEqual({ broken: [], unfinished: ['the refund one is under way'] });
  });

  test.each<Row>([
    ['brought its money twice', done(55, 3), BEGUN, REFUNDED, { ...REFUNDED, key: first }],
    ['brought its money at once', done(55, 2), { ...BEGUN, change: 5 }],
    ['brought another amount', done(56, 3), BEGUN, { ...REFUNDED, change: 6 }],
    ['was answered with another balance', done(54, 3), BEGUN, REFUNDED],
    ['was answered with another entry', done(55, 2), BEGUN, REFUNDED],
    ['is of another call', done(55, 3), { ...BEGUN, call: first }, REFUNDED],
    ['ended as that of another call', done(55, 3), BEGUN, { ...REFUNDED, call: first }],
    ['ended and never began', done(55, 2), REFUNDED],
    ['was returned, and answered as executed', done(50, 3), BEGUN, BACK],
    ['was executed, and answered as refused', EXCEEDED, BEGUN, REFUNDED],
    ['was returned with money', EXCEEDED, BEGUN, { ...BACK, change: 5 }],
    ['has no entry', done(55, 3)],
  ])('finds a refund that %s', (_, outcome, ...entries) => {
    expect(look(outcome, ...entries).broken).not.toEqual([]);
  });

  test('finds a refund that no call asked for', () => {
    expect(found([FIRST], [DEPOSIT, BEGUN, REFUNDED]).broken).not.toEqual([]);
  });
});

describe('a check of the statement of an account whose status was changed', () => {
  const FREEZE: LoadMove = { kind: 'setStatus', account: 'joe', debits: 'frozen', key: one };
  const FROZEN: EntryParts = { type: 'status', debits: 'frozen' };

  test('compares the change with its entry', () => {
    const look = (outcome: CallOutcome, ...entries: readonly EntryParts[]) =>
      found([FIRST, [FREEZE, outcome]], [DEPOSIT, ...entries]);
    expect(look(executed(50, 2), FROZEN)).toEqual(NOTHING);
    expect(look(UNKNOWN, FROZEN)).toEqual(NOTHING);
    expect(look(executed(50, 2), { ...FROZEN, credits: 'frozen' }).broken).toHaveLength(1);
    expect(look(executed(50, 2), { ...FROZEN, change: 1 }).broken).not.toEqual([]);
    expect(look(executed(50, 2)).broken).toHaveLength(1);
  });

  test('accepts that another caller changes it, as long as that moves nothing', () => {
    expect(found([FIRST], [DEPOSIT, FROZEN])).toEqual(NOTHING);
    expect(found([FIRST], [DEPOSIT, { ...FROZEN, change: 1 }]).broken).toHaveLength(1);
    expect(found([FIRST], [DEPOSIT, { ...FROZEN, heldChange: 1 }]).broken).toHaveLength(1);
  });
});
