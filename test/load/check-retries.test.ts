import { describe, expect, test } from 'vitest';
import type { CallOutcome } from '../../client/load/call.ts';
import { check } from '../../client/load/check.ts';
import { isMove } from '../../client/load/ledger.ts';
import { verdictOf } from '../../client/load/report.ts';
import { brokenOf, deposit, executed, openOf, readsOf, recordsOf, refused, withdraw } from './records.ts';

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
