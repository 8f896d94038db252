import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Books, type Outcome, type Request } from '../../infra/drill/books.ts';
import { statementsOf } from '../../infra/drill/statement.ts';
import { keyAt } from '../support/keys.ts';

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

  it('has no gap whatever was moved and in whatever order the replies came; one more execution makes one', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.integer({ min: -20, max: 30 }).filter((change) => change !== 0),
          { minLength: 1 },
        ),
        fc.nat(),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (changes, pick, chance) => {
          let balance = 0;
          const lines: Line[] = [];
          for (const change of changes) {
            if (balance + change < 0) continue;
            balance += change;
            lines.push([change > 0 ? 'deposit' : 'withdraw', Math.abs(change), executed(balance)]);
          }
          const shuffled = lines
            .map((line) => ({ line, place: chance.next().value }))
            .sort((one, other) => one.place - other.place)
            .map(({ line }) => line);
          if (shuffled.length > 0) {
            expect(statementOf(...shuffled)).toMatchObject({ balanceMinor: BigInt(balance), gaps: [] });
          }

          // From some reply on everything is higher, as if a deposit had been executed once more there.
          const from = pick % (lines.length + 1);
          const twice = lines.map(([kind, amount, outcome], index): Line => {
            const shift = index >= from && outcome.kind === 'executed' ? 7n : 0n;
            return [
              kind,
              amount,
              outcome.kind === 'executed' ? executed(Number(outcome.balanceMinor + shift)) : outcome,
            ];
          });
          // At the very end it shows in the balance only.
          if (from < lines.length) expect(statementOf(...twice)?.gaps).not.toEqual([]);
        },
      ),
    );
  });
});
