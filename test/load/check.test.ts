import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallOutcome, CallRecord } from '../../client/load/call.ts';
import { type AccountRead, type Check, check } from '../../client/load/check.ts';
import { isMove } from '../../client/load/ledger.ts';
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

describe('a check of retries', () => {
  const REFUSED = refused('not_enough_money', 'The account held less.');
  const records = recordsOf([deposit(10, 'one'), executed(10, 1)], [withdraw(50, 'other'), REFUSED]).filter(
    isMove,
  );

  /** The findings if the retries of both calls get these answers. */
  function retried(...outcomes: readonly (CallOutcome | undefined)[]) {
    const retries = records.map((record, index) => {
      const outcome = outcomes[index];
      return { record, answer: outcome && { outcome, replayed: true }, elsewhere: true };
    });
    return check(records, readsOf(executed(10)), retries);
  }

  test('finds nothing where each is given the same reply', () => {
    const checks = retried(executed(10, 1), REFUSED);
    expect(brokenOf(checks)).toEqual({});
    expect(verdictOf(checks)).toBe('balanced');
  });

  test.each<[string, CallOutcome, string]>([
    ['balance', executed(11, 1), '11 as entry 1'],
    ['entry', executed(10, 2), '10 as entry 2'],
    ['amount held', { ...executed(10, 1), heldMinor: 1n } as CallOutcome, '10 and 1 held as entry 1'],
    ['amount captured', { ...executed(10, 1), amountMinor: 1n } as CallOutcome, '10 of 1 as entry 1'],
  ])('finds another %s', (_, outcome, says) => {
    const broken = [`joe one: executed ${says} instead of executed 10 as entry 1`];
    expect(brokenOf(retried(outcome, REFUSED))).toEqual({ I4: broken });
  });

  test.each<[string, CallOutcome, string]>([
    ['an execution of what was refused', executed(0), 'executed 0'],
    ['a refusal in other words', refused('not_enough_money', 'No.'), 'not_enough_money "No."'],
  ])('finds %s', (_, outcome, says) => {
    const broken = [`joe other: ${says} instead of not_enough_money "The account held less."`];
    expect(brokenOf(retried(executed(10, 1), outcome))).toEqual({ I4r: broken });
  });

  test('finds one that is given the same reply and not from the record: the call was lost', () => {
    const retries = records.map((record) => {
      const answer = { outcome: record.outcome, replayed: false };
      return { record, answer, elsewhere: true };
    });
    expect(brokenOf(check(records, readsOf(executed(10)), retries))).toEqual({
      I4: ['joe one: the retry was executed again'],
      I4r: ['joe other: the retry was refused again, but the first refusal was not recorded'],
    });
  });

  test('does not ask for a record where a key was cancelled: nothing was answered to it before', () => {
    const cancelled = recordsOf([deposit(10, 'one'), refused('cancelled')]).filter(isMove);
    const answer = { outcome: refused('cancelled'), replayed: false };
    const retries = cancelled.map((record) => ({ record, answer, elsewhere: true }));
    expect(brokenOf(check(cancelled, readsOf(refused('no_such_account')), retries))).toEqual({});
  });

  test('leaves open what is not answered', () => {
    expect(openOf(retried(executed(10, 1), undefined))).toEqual({ I4r: ['joe other: no answer'] });
  });

  test.each(['I4', 'I4r'])(
    'does not pass where calls were answered and none of them was retried: %s',
    (name) => {
      const checks = check(records, readsOf(executed(10)), []);
      expect(checks.find((each) => each.name === name)).toMatchObject({ checked: 0 });
      expect(verdictOf(checks)).toBe('unverified');
    },
  );
});

describe('a check of transfers and holds', () => {
  const [ann, transfer, hold, part] = [
    { ...deposit(10), account: 'ann' },
    { kind: 'transfer', account: 'joe', to: 'ann', amountMinor: 4n },
    { kind: 'hold', account: 'joe', amountMinor: 5n, key: 'hold' },
    { kind: 'capture', account: 'joe', hold: 'hold', amountMinor: 2n, final: false },
  ] as const;
  const captured: CallOutcome = { kind: 'executed', balanceMinor: 11n, heldMinor: 3n, amountMinor: 2n };
  const lines: Line[] = [
    [deposit(20), executed(20)],
    [ann, executed(10)],
    [transfer, executed(16)],
    [{ ...transfer, amountMinor: 1n }, refused('balance_too_large')],
    [hold, { ...executed(11), heldMinor: 5n } as CallOutcome],
    [part, captured],
  ];
  const found = (joe: number, held: number, anns: number, more: readonly Line[] = []) => {
    const money = { joe: { ...executed(joe), heldMinor: BigInt(held) } as CallOutcome, ann: executed(anns) };
    const reads = (['joe', 'ann'] as const).map((account) => ({
      account,
      region: 'us-east-1',
      balance: money[account],
      statement: SOUND,
    }));
    return brokenOf(check(recordsOf(...lines, ...more), reads, []));
  };

  test('finds nothing where both accounts have what the calls come to', () => {
    expect(found(11, 3, 14)).toEqual({});
  });

  test('counts what ends a hold, and what a payee refused of it', () => {
    const whole = { kind: 'capture', account: 'joe', hold: 'hold' } as const;
    expect(found(11, 0, 14, [[whole, { ...captured, amountMinor: 3n }]])).toEqual({});
    expect(
      found(11, 0, 17, [
        [
          { ...whole, to: 'ann' },
          { ...captured, amountMinor: 3n },
        ],
      ]),
    ).toEqual({});
    expect(found(14, 0, 14, [[{ ...whole, to: 'ann' }, refused('balance_too_large')]])).toEqual({});
    expect(found(14, 0, 14, [[{ kind: 'void', account: 'joe', hold: 'hold' }, captured]])).toEqual({});
    const some = { ...whole, to: 'ann', amountMinor: 1n, final: false };
    expect(found(12, 2, 14, [[some, refused('no_such_destination')]])).toEqual({});
    const short = { ...hold, key: 'short', expiresInSeconds: 1 };
    expect(found(11, 3, 14, [[short, executed(6)]])).toEqual({});
  });

  test('finds money that a transfer lost or made, in the account and in the total', () => {
    const total = (minor: number) => [`us-east-1: ${minor} instead of 28`];
    expect(found(11, 3, 10)).toEqual({ I2: ['ann in us-east-1: 10 instead of 14'], I10: total(24) });
    expect(found(15, 3, 14)).toEqual({
      I2: ['joe in us-east-1: 15 and 3 held instead of 11 and 3 held'],
      I10: total(32),
    });
  });

  test('finds held money that was given back too early, by the account alone', () => {
    expect(found(14, 0, 14)).toEqual({ I2: ['joe in us-east-1: 14 instead of 11 and 3 held'] });
  });

  test('leaves both accounts open while the outcome of a transfer is unknown', () => {
    const its = [...lines, [{ ...transfer, key: 'one' }, UNKNOWN]] as const;
    const reads = [
      ...readsOf(executed(11)),
      ...readsOf(executed(14)).map((each) => ({ ...each, account: 'ann' })),
    ];
    const { I2 = [] } = openOf(check(recordsOf(...its), reads, []));
    expect(new Set(I2)).toEqual(new Set(['joe: 1 outcomes are unknown', 'ann: 1 outcomes are unknown']));
  });
});
