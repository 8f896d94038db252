import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { accountSchema, MAX_AMOUNT_MINOR } from '../../../client/contract/schemas.ts';
import { seedOf } from '../../support/seed.ts';
import { type Line, openScript } from './script.ts';

const seed = seedOf('scripts');

function lines(caller: number, count: number): Line[] {
  const next = openScript(seed, caller);
  return Array.from({ length: count }, () => next());
}

describe('a script', () => {
  it('is the same for the same seed and caller, and another for another caller', () => {
    expect(lines(3, 200)).toEqual(lines(3, 200));
    expect(lines(3, 200)).not.toEqual(lines(4, 200));
  });

  it('asks for everything that a bank can be asked for, in words that it takes', () => {
    const all = [0, 1, 2, 3].flatMap((caller) => lines(caller, 500));
    const kinds = new Set(all.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['again', 'balance', 'cancel', 'deposit', 'retry', 'withdraw']);
    for (const line of all) {
      expect(v.is(accountSchema, line.account), line.account).toBe(true);
      if ('amountMinor' in line) {
        expect(line.amountMinor > 0n && line.amountMinor <= MAX_AMOUNT_MINOR).toBe(true);
      }
    }
    expect(all.some((line) => line.kind === 'withdraw' && line.amountMinor > 1_000_000n)).toBe(true);
    expect(all.some((line) => 'keyAgeMs' in line && line.keyAgeMs > 15 * 60_000)).toBe(true);
  });

  it('goes on with other accounts after a while, so that no history grows without bound', () => {
    const generations = lines(0, 450).map(({ account }) => account.split('.')[1]);
    expect([...new Set(generations)]).toEqual(['1', '2', '3', '4', '5']);
  });

  it('uses keys that were stored: below a watermark, near their end and past it, but for callers whose clients mint', () => {
    const agesOf = (callers: readonly number[]) =>
      new Set(
        callers.flatMap((caller) =>
          lines(caller, 500).flatMap((line) => ('keyAgeMs' in line ? [line.keyAgeMs / 60_000] : [])),
        ),
      );
    expect(agesOf([0, 1, 2])).toEqual(new Set([0, 16, 29 * 24 * 60, 31 * 24 * 60]));
    expect(agesOf([3])).toEqual(new Set([0]));
  });
});
