import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Books, type Outcome, type Request } from '../../infra/drill/books.ts';
import { judge } from '../../infra/drill/judge.ts';
import { statementsOf } from '../../infra/drill/statement.ts';
import { keyAt } from '../support/keys.ts';
import { seedOf } from '../support/seed.ts';

type Line = readonly [kind: 'deposit' | 'withdraw' | 'balance', amount: number, outcome: Outcome];

const executed = (balance: number): Outcome => ({ kind: 'executed', balanceMinor: BigInt(balance) });
const told = (balance: number): Outcome => ({ kind: 'told', balanceMinor: BigInt(balance) });
const refused: Outcome = { kind: 'refused', code: 'not_enough_money', detail: 'no' };

function booksOf(...lines: readonly Line[]): Books {
  const books = new Books();
  for (const [kind, amount, outcome] of lines) {
    const request: Request =
      kind === 'balance'
        ? { kind, account: 'joe' }
        : { kind, account: 'joe', key: keyAt(0), amountMinor: BigInt(amount) };
    const number = books.open(request, 'before');
    books.close(number, { outcome, region: undefined, failedOver: false, durationMs: 1 }, 'before');
  }
  return books;
}

function statementOf(...lines: readonly Line[]) {
  const [statement] = statementsOf(booksOf(...lines).entries);
  return statement;
}

describe('the statement of an account', () => {
  it('adds up what was executed, and nothing else', () => {
    expect(
      statementOf(
        ['withdraw', 5, { ...refused, code: 'no_such_account' }],
        ['deposit', 10, executed(10)],
        ['withdraw', 50, refused],
        ['withdraw', 4, executed(6)],
        ['deposit', 7, { kind: 'not_executed' }],
        ['balance', 0, told(6)],
      ),
    ).toEqual({ account: 'joe', balanceMinor: 6n, unknown: 0, told: 3, belowZero: [], gaps: [] });
  });

  it('knows no balance of an account that nothing was ever put into', () => {
    expect(statementOf(['withdraw', 5, refused], ['balance', 0, refused])).toMatchObject({
      balanceMinor: undefined,
      gaps: [],
    });
  });

  it('has what was found out later about an outcome that was unknown', () => {
    const books = booksOf(['deposit', 10, executed(10)], ['withdraw', 4, { kind: 'unknown' }]);
    expect(statementsOf(books.entries)).toMatchObject([{ balanceMinor: 10n, unknown: 1 }]);
    books.settle(1, executed(6), 'us-east-2');
    expect(statementsOf(books.entries)).toMatchObject([{ balanceMinor: 6n, unknown: 0, gaps: [] }]);
  });

  it.each<{ what: string; lines: Line[]; gaps: RegExp[] }>([
    {
      what: 'a deposit that took effect twice',
      lines: [
        ['deposit', 10, executed(10)],
        ['deposit', 5, executed(25)],
      ],
      gaps: [/do not lead to 20/, /do not lead to 25/],
    },
    {
      what: 'money that two withdrawals were both given',
      lines: [
        ['deposit', 10, executed(10)],
        ['withdraw', 10, executed(0)],
        ['withdraw', 10, executed(0)],
      ],
      gaps: [/do not lead to 10/],
    },
    {
      what: 'a round trip from a balance that never was',
      lines: [
        ['deposit', 10, executed(10)],
        ['deposit', 5, executed(25)],
        ['withdraw', 5, executed(20)],
      ],
      gaps: [/do not lead to 20/, /do not lead to 25/],
    },
    {
      what: 'a balance that never was',
      lines: [
        ['deposit', 10, executed(10)],
        ['balance', 0, told(11)],
      ],
      gaps: [/11 was told, and no reply leads to it/],
    },
  ])('has a gap where there was $what', ({ lines, gaps }) => {
    expect([...(statementOf(...lines)?.gaps ?? [])].sort()).toEqual(
      gaps.map((gap) => expect.stringMatching(gap)),
    );
  });

  it('gives away a balance below zero that only a later deposit shows', () => {
    expect(statementOf(['deposit', 10, executed(4)])?.belowZero).toEqual(['joe: -6']);
  });

  it('has no gap where a call took effect once more and the replies came back to that balance', () => {
    const lines: Line[] = [
      ['deposit', 5, executed(5)],
      // And once more, from 5 to 10.
      ['withdraw', 5, executed(5)],
      ['deposit', 5, executed(10)],
    ];
    expect(statementOf(...lines)).toMatchObject({ balanceMinor: 5n, gaps: [] });
    expect(brokenIn(lines, told(10))).toEqual(['I2']);
  });
});

interface Call {
  readonly kind: 'deposit' | 'withdraw';
  readonly amount: number;
}

const calls = fc.array(
  fc.record<Call>({ kind: fc.constantFrom('deposit', 'withdraw'), amount: fc.integer({ min: 1, max: 20 }) }),
  { minLength: 1, maxLength: 30 },
);

/** A bank that is right, but for a call that takes effect once more, without a reply, before another one or at the end. */
function play(made: readonly Call[], once?: { readonly more: Call; readonly before: number }) {
  let balance: number | undefined;
  const take = ({ kind, amount }: Call) => {
    balance = (balance ?? 0) + (kind === 'deposit' ? amount : -amount);
    return executed(balance);
  };
  const lines: Line[] = [];
  for (const [index, call] of made.entries()) {
    if (once?.before === index) take(once.more);
    const isCovered = call.kind === 'deposit' || call.amount <= (balance ?? 0);
    lines.push([call.kind, call.amount, isCovered ? take(call) : refused]);
  }
  if (once?.before === made.length) take(once.more);
  const noAccount: Outcome = { kind: 'refused', code: 'no_such_account', detail: '' };
  return { lines, final: balance === undefined ? noAccount : told(balance) };
}

/** The promises that the judge finds broken where both Regions tell this in the end. */
function brokenIn(lines: readonly Line[], final: Outcome): string[] {
  const reads = ['us-east-1', 'us-east-2'].map((region) => ({ account: 'joe', region, outcome: final }));
  return judge(booksOf(...lines).entries, reads, [])
    .filter(({ broken }) => broken.length > 0)
    .map(({ name }) => name);
}

describe('the judge', () => {
  const seed = seedOf('the judge of the books');

  it('finds nothing, whatever was moved and in whatever order the replies came', () => {
    const shuffled = calls.chain((made) => {
      const { lines, final } = play(made);
      const { length } = lines;
      return fc
        .shuffledSubarray(lines, { minLength: length, maxLength: length })
        .map((all) => ({ all, final }));
    });
    fc.assert(
      fc.property(shuffled, ({ all, final }) => {
        expect(brokenIn(all, final)).toEqual([]);
      }),
      { seed },
    );
  });

  it('finds that a call took effect once more, whichever and whenever: the balance shows it', () => {
    const once = fc.record({ pick: fc.nat(), place: fc.nat() });
    fc.assert(
      fc.property(calls, once, (made, { pick, place }) => {
        const more = made[pick % made.length] as Call;
        const { lines, final } = play(made, { more, before: place % (made.length + 1) });
        expect(brokenIn(lines, final)).toContain('I2');
      }),
      { seed },
    );
  });
});
