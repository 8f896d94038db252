import { describe, expect, test } from 'vitest';
import type { CallOutcome } from '../../client/load/call.ts';
import { check } from '../../client/load/check.ts';
import {
  brokenOf,
  deposit,
  executed,
  type Line,
  openOf,
  readsOf,
  recordsOf,
  refused,
  SOUND,
  UNKNOWN,
} from './records.ts';

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
