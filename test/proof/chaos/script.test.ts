import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { accountSchema, MAX_AMOUNT_MINOR } from '../../../client/contract/schemas.ts';
import { seedOf } from '../../support/seed.ts';
import type { Mix } from './options.ts';
import { type Line, openScript } from './script.ts';

const seed = seedOf('scripts');

function lines(caller: number, count: number, mix: Mix = 'all'): Line[] {
  const next = openScript(seed, caller, mix);
  return Array.from({ length: count }, () => next());
}

const accountOf = (line: Line) => ('otherwise' in line ? line.otherwise.account : line.account);

describe('a script', () => {
  test('is the same for the same seed and caller, and another for another caller', () => {
    expect(lines(3, 200)).toEqual(lines(3, 200));
    expect(lines(3, 200)).not.toEqual(lines(4, 200));
  });

  test('asks for everything that a bank can be asked for, in words that it takes', () => {
    const all = [0, 1, 2, 3].flatMap((caller) => lines(caller, 500));
    const kinds = new Set(all.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      ...['again', 'balance', 'cancel', 'deposit', 'end', 'hold', 'refund_one', 'retry', 'setStatus'],
      ...['transfer', 'withdraw'],
    ]);
    for (const line of all) {
      expect(v.is(accountSchema, accountOf(line)), accountOf(line)).toBe(true);
      if ('to' in line && line.to !== undefined) {
        expect(line.to).not.toBe(accountOf(line));
      }
      if ('amountMinor' in line && line.amountMinor !== undefined) {
        expect(line.amountMinor > 0n && line.amountMinor <= MAX_AMOUNT_MINOR).toBe(true);
      }
    }
    expect(all.some((line) => line.kind === 'withdraw' && line.amountMinor > 1_000_000n)).toBe(true);
    expect(all.some((line) => 'keyAgeMs' in line && line.keyAgeMs > 15 * 60_000)).toBe(true);
  });

  test('has the holds and refunds on accounts of their own, and counts what a capture pays to another one', () => {
    for (const line of [0, 1, 2, 3].flatMap((caller) => lines(caller, 500))) {
      if (line.kind === 'hold' || line.kind === 'refund_one') {
        expect(accountOf(line)).toMatch(/^held-/);
      } else if (line.kind === 'balance' || line.kind === 'transfer') {
        expect(line.account).not.toMatch(/^held-/);
      }
      if (line.kind === 'end' && line.to !== undefined) {
        expect(line.amountMinor).toBeGreaterThan(0n);
      }
    }
  });

  test('can be all transfers among ten accounts, and some deposits', () => {
    const all = [0, 1, 2].flatMap((caller) => lines(caller, 500, 'transfers'));
    expect(new Set(all.map(accountOf)).size).toBe(10);
    const share = all.filter(({ kind }) => kind === 'transfer').length / all.length;
    expect(share).toBeGreaterThan(0.85);
    expect(all.some((line) => line.kind === 'transfer' && line.to === line.account)).toBe(false);
  });

  test('freezes an account now and then, and opens it again before it freezes another one', () => {
    const changes = lines(0, 2000).flatMap((line) => (line.kind === 'setStatus' ? [line] : []));
    expect(changes.length).toBeGreaterThan(10);
    for (const [index, { account, debits, credits }] of changes.entries()) {
      if (index % 2 === 0) {
        expect([debits, credits]).toContain('frozen');
      } else {
        expect({ account, debits, credits }).toEqual({
          account: changes[index - 1]?.account,
          debits: 'open',
          credits: 'open',
        });
      }
    }
  });

  test('goes on with other accounts after a while, so that no history grows without bound', () => {
    const generations = lines(0, 450).map((line) => accountOf(line).split('.')[1]);
    expect([...new Set(generations)]).toEqual(['1', '2', '3', '4', '5']);
  });

  test('uses keys that were stored: below a watermark, near their end and past it, but for callers whose clients mint', () => {
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
