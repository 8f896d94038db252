import { expect, it } from 'vitest';
import { Durations } from '../../client/command/hammer/durations.ts';
import { Tally } from '../../client/command/hammer/tally.ts';
import { judge } from '../../client/command/hammer/verdict.ts';

const expected = new Map([
  ['a', 10n],
  ['b', 0n],
]);
const NOTHING: ReadonlySet<string> = new Set();
const holding = (balance: bigint, statement = balance) => ({ balance, statement });
const told = (region: string, a: bigint, b?: bigint) => ({
  region,
  accounts: new Map([['a', holding(a)], ...(b === undefined ? [] : [['b', holding(b)] as const])] as const),
});

it('the books balance when every Region that answers tells what has to be there', () => {
  const silent = { region: 'west', accounts: undefined };
  expect(judge(expected, NOTHING, [told('east', 10n, 0n), silent])).toEqual({
    verdict: 'balanced',
    accounts: 2,
    totalMinor: 10n,
    readIn: ['east'],
    notReadIn: ['west'],
    differences: [],
  });
  expect(judge(expected, NOTHING, [told('east', 10n)])).toMatchObject({ verdict: 'balanced' });
});

it('the books are wrong when one Region tells one account otherwise, whatever else is unknown', () => {
  const verdict = judge(expected, new Set(['b']), [told('east', 10n, 5n), told('west', 9n, 5n)]);
  expect(verdict).toMatchObject({
    verdict: 'wrong',
    differences: ['balance', 'statement'].map((source) => ({
      account: 'a',
      source,
      region: 'west',
      expectedMinor: 10n,
      foundMinor: 9n,
    })),
  });
});

it('the books are wrong when a statement comes to something else than it has to, whatever the balance', () => {
  const books = { region: 'east', accounts: new Map([['a', holding(10n, 11n)]]) };
  expect(judge(expected, NOTHING, [books])).toMatchObject({
    verdict: 'wrong',
    differences: [{ account: 'a', source: 'statement', foundMinor: 11n }],
  });
});

it('the books are unverified when no Region tells them, or an outcome is still unknown', () => {
  const silent = { region: 'east', accounts: undefined };
  expect(judge(expected, NOTHING, [silent])).toMatchObject({ verdict: 'unverified', accounts: 0 });
  expect(judge(expected, new Set(['b']), [told('east', 10n, 5n)])).toMatchObject({
    verdict: 'unverified',
    accounts: 1,
    differences: [],
  });
});

it('what accounts have to hold is what was executed, also when that became known later', () => {
  const tally = new Tally(['a', 'b']);
  const move = (kind: 'deposit' | 'withdraw', amountMinor: bigint) => ({ kind, account: 'a', amountMinor });
  tally.enter(move('deposit', 10n), { kind: 'answered', region: 'east' }, 1);
  tally.enter(move('withdraw', 3n), { kind: 'answered', region: 'west' }, 1);
  tally.enter(move('withdraw', 99n), { kind: 'refused', code: 'not_enough_money', region: 'east' }, 1);
  tally.enter(move('deposit', 50n), { kind: 'unavailable' }, 1);
  for (const key of ['1', '2', '3', '4']) tally.enter(move('deposit', 100n), { kind: 'unknown', key }, 1);
  tally.enter({ kind: 'balance', account: 'b' }, { kind: 'answered', region: 'east' }, 1);
  const [one, two, three, four] = tally.unknown;
  if (!(one && two && three && four)) throw new Error('four are unknown');
  tally.settle(one, 'executed');
  tally.settle(two, 'cancelled');
  tally.settle(three, 'refused');

  expect([...tally.expected]).toEqual([
    ['a', 107n],
    ['b', 0n],
  ]);
  expect([...tally.unsure]).toEqual([]);
  expect(tally.counts).toEqual({
    calls: 9,
    executed: 2,
    refused: 1,
    unavailable: 1,
    unknown: 4,
    regions: { east: 3, west: 1 },
  });
  tally.settle(four, 'unsettled');
  expect([...tally.unsure]).toEqual(['a']);
});

it('quantiles of durations are at most 5% too high, and never too low', () => {
  const durations = new Durations();
  expect(durations.quantileMs(0.5)).toBeUndefined();
  for (let durationMs = 1000; durationMs >= 1; durationMs -= 1) durations.add(durationMs);
  for (const part of [0.01, 0.5, 0.99, 1]) {
    const exact = 1000 * part;
    expect(durations.quantileMs(part)).toBeGreaterThanOrEqual(exact * 0.999999);
    expect(durations.quantileMs(part)).toBeLessThanOrEqual(exact * 1.050001);
  }
});
