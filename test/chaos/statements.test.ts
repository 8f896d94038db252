import { describe, expect, it } from 'vitest';
import type { Entry } from '../../client/index.ts';
import type { Entry as Asked, Outcome } from '../../infra/drill/books.ts';
import { newKey } from '../support/keys.ts';
import { checkStatements } from './statements.ts';

const [one, other] = [newKey(), newKey()];
const at = new Date();

function asked(key: string, outcome: Outcome, kind: 'deposit' | 'withdraw' = 'deposit'): Asked {
  const request = { kind, account: 'joe', amountMinor: 10n, key };
  return {
    request,
    phase: 'fault',
    outcome,
    settled: undefined,
    region: undefined,
    failedOver: false,
    durationMs: 1,
  };
}

const entry = (sequence: number, key: string, change: bigint, balance: bigint, type = 'deposit'): Entry => ({
  sequence,
  key,
  type,
  change,
  balance,
  at,
});

const executed = (balanceMinor: bigint): Outcome => ({ kind: 'executed', balanceMinor });
const refused = (code: 'not_enough_money' | 'cancelled'): Outcome => ({ kind: 'refused', code, detail: '' });

function brokenIn(calls: readonly Asked[], entries: readonly Entry[]): readonly string[] {
  return checkStatements(calls, [{ account: 'joe', region: 'us-east-1', entries }]).broken.map((fault) =>
    fault.replace('joe in us-east-1: ', '').replace(one, 'one').replace(other, 'other'),
  );
}

describe('the look at statements', () => {
  it('finds nothing where every call stands in its place', () => {
    const calls = [asked(one, executed(10n)), asked(other, refused('cancelled'))];
    expect(brokenIn(calls, [entry(1, one, 10n, 10n), entry(2, other, 0n, 10n, 'cancelled')])).toEqual([]);
  });

  it.each<[string, readonly Asked[], readonly Entry[], string]>([
    ['a call that is missing', [asked(one, executed(10n))], [], 'one was executed with 10 and is not there'],
    [
      'a refusal that is missing',
      [asked(one, refused('not_enough_money'))],
      [],
      'one was not_enough_money and is not there',
    ],
    [
      'another balance than the one told',
      [asked(one, executed(11n))],
      [entry(1, one, 10n, 10n)],
      'one was executed with 11 and is deposit  10',
    ],
    [
      'another kind of call',
      [asked(one, executed(10n), 'withdraw')],
      [entry(1, one, 10n, 10n)],
      'one was executed with 10 and is deposit  10',
    ],
    [
      'a call that was told as certainly not executed',
      [asked(one, { kind: 'not_executed' })],
      [entry(1, one, 10n, 10n)],
      'one was certainly not executed and is there',
    ],
    ['a gap', [], [entry(2, one, 10n, 10n)], 'entry 2 stands where 1 belongs'],
    ['a sum that is wrong', [], [entry(1, one, 10n, 11n)], 'entry 1: a balance of 11 instead of 10'],
    [
      'a key that is there twice',
      [],
      [entry(1, one, 10n, 10n), entry(2, one, 10n, 20n)],
      'a key is in the statement twice',
    ],
  ])('finds %s', (_, calls, entries, fault) => {
    expect(brokenIn(calls, entries)).toEqual([fault]);
  });

  it('does not take a Region that did not answer for one that has nothing to say', () => {
    const read = { account: 'joe', region: 'us-east-1', entries: undefined };
    expect(checkStatements([], [read])).toMatchObject({ broken: [], open: ['joe in us-east-1: no answer'] });
  });
});
