import * as v from 'valibot';
import { expect, test } from 'vitest';
import { accountSchema, MAX_AMOUNT_MINOR } from '../../../client/contract/schemas.ts';
import { SOON_SECONDS } from '../../../client/load/money.ts';
import { deposit, recordsOf, UNKNOWN } from '../../load/records.ts';
import { newKey } from '../../support/keys.ts';
import { seedOf } from '../../support/seed.ts';
import type { Mix } from '../calls.ts';
import type { Known } from './ledger.ts';
import { type Made, openScript } from './script.ts';

const seed = seedOf('scripts');
const NOTHING: Made = { unknown: [], answered: [], holds: [], refundable: [] };

/** What a caller of the second client asks, when callers have made these calls. */
function questions(
  caller: number,
  count: number,
  { mix = 'all', made = NOTHING }: { mix?: Mix; made?: Made } = {},
) {
  const next = openScript(seed, { caller, client: 1, mix });
  return Array.from({ length: count }, () => next(made));
}

function newCalls(caller: number, count: number, options?: { mix?: Mix; made?: Made }) {
  return questions(caller, count, options).flatMap(({ asked }) => ('keyAgeMs' in asked ? [asked] : []));
}

/** A call that a caller of a client made, and on each account with holds a hold and a withdrawal. */
function madeBy(owner: number): Made {
  const move = { ...deposit(5), key: newKey() };
  const known = { record: recordsOf([move, UNKNOWN])[0], move, owner } as Known;
  const of = ['held-1', 'held-2'].flatMap((name) =>
    Array.from({ length: 9 }, (_, index) => `${name}.${index + 1}`),
  );
  return {
    unknown: [known],
    answered: [known],
    holds: of.map((account) => ({ account, hold: newKey() })),
    refundable: of.map((account) => ({ account, call: newKey(), amountMinor: 7n })),
  };
}

test('a script is the same for the same seed and caller, and another for another caller', () => {
  expect(questions(3, 200)).toEqual(questions(3, 200));
  expect(questions(3, 200)).not.toEqual(questions(4, 200));
});

test('a script makes the same new calls whatever was made by then', () => {
  const made = { ...madeBy(0), holds: [], refundable: [] };
  const calls = newCalls(0, 100, { made });
  expect(newCalls(0, 100)).toEqual(expect.arrayContaining(calls));
});

test('a hold expires before the accounts are inspected, or not within any run', () => {
  const seconds = newCalls(0, 3000).flatMap((call) =>
    call.kind === 'hold' ? [call.expiresInSeconds ?? 0] : [],
  );
  expect(seconds.some((each) => each <= SOON_SECONDS)).toBe(true);
  expect(seconds.filter((each) => each > SOON_SECONDS && each < 86_400)).toEqual([]);
});

test('a script asks for everything that a bank can be asked for, in words that it takes', () => {
  const made = madeBy(0);
  const all = [0, 1, 2, 3].flatMap((caller) => questions(caller, 500, { made }).map(({ asked }) => asked));
  expect([...new Set(all.map(({ kind }) => kind))].sort()).toEqual([
    ...[
      'balance',
      'cancel',
      'capture',
      'deposit',
      'hold',
      'refund',
      'setStatus',
      'transfer',
      'void',
      'withdraw',
    ],
  ]);
  for (const asked of all.flatMap((each) => (each.kind === 'cancel' ? [] : [each]))) {
    expect(v.is(accountSchema, asked.account), asked.account).toBe(true);
    if ('to' in asked) {
      expect(asked.to).not.toBe(asked.account);
    }
    if ('amountMinor' in asked) {
      expect(asked.amountMinor > 0n && asked.amountMinor <= MAX_AMOUNT_MINOR).toBe(true);
    }
    if (asked.kind === 'hold' || asked.kind === 'refund') {
      expect(asked.account).toMatch(/^held-/);
    }
  }
});

test('a script retries and cancels calls of its own client and of others', () => {
  for (const owner of [0, 1]) {
    const made = madeBy(owner);
    const about = questions(0, 300, { made }).flatMap(({ asked, known }) =>
      known === undefined ? [] : [asked.kind],
    );
    expect(new Set(about)).toEqual(new Set(['deposit', 'cancel']));
  }
});

test('a script can be all transfers among ten accounts, and some deposits', () => {
  const all = [0, 1, 2].flatMap((caller) => newCalls(caller, 500, { mix: 'transfers' }));
  expect(new Set(all.map(({ account }) => account)).size).toBe(10);
  const share = all.filter(({ kind }) => kind === 'transfer').length / all.length;
  expect(share).toBeGreaterThan(0.85);
});

test('a script goes on with other accounts after a while, so that no history grows without bound', () => {
  const generations = newCalls(0, 290).map(({ account }) => account.split('.')[1]);
  expect([...new Set(generations)]).toEqual(['1', '2', '3', '4', '5']);
});

test('a script uses keys that were stored: below a watermark, near their end and past it, but for callers whose clients mint', () => {
  const agesOf = (callers: readonly number[]) =>
    new Set(callers.flatMap((caller) => newCalls(caller, 500).map(({ keyAgeMs }) => keyAgeMs / 60_000)));
  expect(agesOf([0, 1, 2])).toEqual(new Set([0, 16, 29 * 24 * 60, 31 * 24 * 60]));
  expect(agesOf([3])).toEqual(new Set([0]));
});
