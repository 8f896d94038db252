import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallOutcome, CallRecord } from '../../client/load/call.ts';
import { type AccountRead, type Check, check } from '../../client/load/check.ts';
import { verdictOf } from '../../client/load/report.ts';
import { seedOf } from '../support/seed.ts';
import {
  BALANCE,
  brokenOf,
  deposit,
  executed,
  type Line,
  ledgerOf,
  NOT_EXECUTED,
  openOf,
  readsOf,
  recordsOf,
  refused,
  SOUND,
  UNKNOWN,
  withdraw,
} from './records.ts';

function checked(lines: readonly Line[], balance: CallOutcome | undefined): readonly Check[] {
  return check(recordsOf(...lines), readsOf(balance), []);
}

function brokenIn(lines: readonly Line[], balance: CallOutcome | undefined): string[] {
  return Object.keys(brokenOf(checked(lines, balance)));
}

describe('a check of what was answered', () => {
  test('finds nothing where executed calls, and nothing else, come to the balance', () => {
    const lines: Line[] = [
      [withdraw(5), refused('no_such_account')],
      [deposit(10), executed(10)],
      [withdraw(50), refused()],
      [withdraw(4), executed(6)],
      [deposit(7), NOT_EXECUTED],
      [BALANCE, executed(6)],
    ];
    expect(brokenIn(lines, executed(6))).toEqual([]);
  });

  test('finds nothing where nothing was deposited and there is no account', () => {
    const lines: Line[] = [
      [withdraw(5), refused('no_such_account')],
      [BALANCE, refused('no_such_account')],
    ];
    expect(brokenIn(lines, refused('no_such_account'))).toEqual([]);
    expect(brokenIn(lines, executed(0))).toEqual(['I2']);
  });

  test.each<{ what: string; lines: Line[]; balance: number; gaps: RegExp[] }>([
    {
      what: 'a deposit that was executed twice',
      lines: [
        [deposit(10), executed(10)],
        [deposit(5), executed(25)],
      ],
      balance: 25,
      gaps: [/have a gap at 20/, /have a gap at 25/],
    },
    {
      what: 'money that two withdrawals were both given',
      lines: [
        [deposit(10), executed(10)],
        [withdraw(10), executed(0)],
        [withdraw(10), executed(0)],
      ],
      balance: 0,
      gaps: [/have a gap at 10/],
    },
    {
      what: 'a round trip from a balance that never was',
      lines: [
        [deposit(10), executed(10)],
        [deposit(5), executed(25)],
        [withdraw(5), executed(20)],
      ],
      balance: 20,
      gaps: [/have a gap at 20/, /have a gap at 25/],
    },
    {
      what: 'a balance that never was',
      lines: [
        [deposit(10), executed(10)],
        [BALANCE, executed(11)],
      ],
      balance: 10,
      gaps: [/balance 11 was read, but no call leads to it/],
    },
  ])('finds $what by the gap that it leaves', ({ lines, balance, gaps }) => {
    const { I3 = [] } = brokenOf(checked(lines, executed(balance)));
    expect([...I3].sort()).toEqual(gaps.map((gap) => expect.stringMatching(gap)));
  });

  test('finds a balance below zero that only a later deposit shows', () => {
    const { I1 } = brokenOf(checked([[deposit(10), executed(4)]], executed(4)));
    expect(I1).toEqual(['joe: -6']);
  });

  test('finds a call that was executed once more where the answers come back to that balance without a gap', () => {
    const lines: Line[] = [
      [deposit(5), executed(5)],
      // And once more, from 5 to 10.
      [withdraw(5), executed(5)],
      [deposit(5), executed(10)],
    ];
    expect(brokenIn(lines, executed(10))).toEqual(['I2']);
  });

  test('finds a Region with another balance, and names it', () => {
    const [first, second] = readsOf(executed(10));
    const reads = [first, { ...second, balance: executed(9) }] as AccountRead[];
    const checks = check(recordsOf([deposit(10), executed(10)]), reads, []);
    expect(brokenOf(checks)).toEqual({ I2: ['joe in us-east-2: 9 instead of 10'] });
    expect(verdictOf(checks)).toBe('wrong');
  });

  test('finds a fault of a statement, and names account and Region', () => {
    const reads = readsOf(executed(10), { ...SOUND, broken: ['entry 2 is in the place of entry 1'] });
    expect(brokenOf(check(recordsOf([deposit(10), executed(10)]), reads, []))).toEqual({
      statement: ['us-east-1', 'us-east-2'].map(
        (region) => `joe in ${region}: entry 2 is in the place of entry 1`,
      ),
    });
  });

  test('leaves open a transfer that has not ended, and names account and Region', () => {
    const [read] = readsOf(executed(10), { ...SOUND, unfinished: ['the transfer is under way'] });
    const checks = check(recordsOf([deposit(10), executed(10)]), [read as AccountRead], []);
    expect(openOf(checks)).toEqual({ statement: ['joe in us-east-1: the transfer is under way'] });
  });

  test('leaves open what a Region does not answer', () => {
    const read = { account: 'joe', region: 'us-east-1', balance: undefined, statement: undefined };
    const checks = check(recordsOf([deposit(10), executed(10)]), [read], []);
    expect(brokenOf(checks)).toEqual({});
    expect(openOf(checks)).toEqual({
      I2: ['joe in us-east-1: no answer'],
      statement: ['joe in us-east-1: no answer'],
    });
    expect(verdictOf(checks)).toBe('unverified');
  });

  test('leaves an account open while an outcome on it is unknown, until that is resolved', () => {
    const ledger = ledgerOf([deposit(10, 'one'), executed(10)], [withdraw(4, 'other'), UNKNOWN]);
    const look = () => check(ledger.records, readsOf(executed(6)), []);
    expect(openOf(look())).toMatchObject({ I3: ['joe: 1 outcomes are unknown'] });
    expect(brokenOf(look())).toEqual({});
    const [, unknown] = ledger.records;
    ledger.resolve(unknown as CallRecord, { outcome: executed(6), region: 'us-east-2' });
    expect(openOf(look())).toEqual({});
    expect(brokenOf(look())).toEqual({});
  });

  test('leaves out what there was nothing of, such as balances where nothing was ever executed', () => {
    const lines: Line[] = [[deposit(10, 'one'), NOT_EXECUTED]];
    const checks = checked(lines, refused('no_such_account'));
    expect(checks.map(({ name }) => name)).toEqual(['I2', 'statement']);
    expect(verdictOf(checks)).toBe('balanced');
  });

  test('calls nothing balanced where nothing was called, though accounts were read', () => {
    expect(verdictOf(check([], readsOf(refused('no_such_account')), []))).toBe('unverified');
  });

  test('calls nothing balanced where nothing was compared', () => {
    expect(verdictOf([])).toBe('unverified');
    expect(verdictOf(check([], [], []))).toBe('unverified');
  });
});

interface Planned {
  readonly kind: 'deposit' | 'withdraw';
  readonly amount: number;
}

const plans = fc.array(
  fc.record<Planned>({
    kind: fc.constantFrom('deposit', 'withdraw'),
    amount: fc.integer({ min: 1, max: 20 }),
  }),
  { minLength: 1, maxLength: 30 },
);

/** A correct bank, except that one call is executed a second time, without an answer, before another call or at the end. */
function play(planned: readonly Planned[], once?: { readonly more: Planned; readonly before: number }) {
  let balance: number | undefined;
  const execute = ({ kind, amount }: Planned) => {
    balance = (balance ?? 0) + (kind === 'deposit' ? amount : -amount);
    return executed(balance);
  };
  const lines: Line[] = [];
  for (const [index, each] of planned.entries()) {
    if (once?.before === index) {
      execute(once.more);
    }
    const isCovered = each.kind === 'deposit' || each.amount <= (balance ?? 0);
    const call = each.kind === 'deposit' ? deposit(each.amount) : withdraw(each.amount);
    lines.push([call, isCovered ? execute(each) : refused()]);
  }
  if (once?.before === planned.length) {
    execute(once.more);
  }
  return { lines, balance: balance === undefined ? refused('no_such_account') : executed(balance) };
}

describe('a check of random calls', () => {
  const seed = seedOf('the check of a ledger');

  test('finds nothing when the answers came in any order', () => {
    const shuffled = plans.chain((planned) => {
      const { lines, balance } = play(planned);
      const { length } = lines;
      return fc
        .shuffledSubarray(lines, { minLength: length, maxLength: length })
        .map((all) => ({ all, balance }));
    });
    fc.assert(
      fc.property(shuffled, ({ all, balance }) => {
        expect(brokenIn(all, balance)).toEqual([]);
      }),
      { seed },
    );
  });

  test('finds by the balance that a call was executed once more, whichever and whenever', () => {
    const once = fc.record({ pick: fc.nat(), place: fc.nat() });
    fc.assert(
      fc.property(plans, once, (planned, { pick, place }) => {
        const more = planned[pick % planned.length] as Planned;
        const { lines, balance } = play(planned, { more, before: place % (planned.length + 1) });
        expect(brokenIn(lines, balance)).toContain('I2');
      }),
      { seed },
    );
  });
});
