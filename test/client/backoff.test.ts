import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffDelayMs } from '../../client/backoff.ts';
import { seedOf } from '../support/seed.ts';

const seed = seedOf('backoff');
const durations = fc.double({ min: 1, max: 2 ** 31, noNaN: true });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const rounds = fc.nat(10_000);

function check(property: fc.IRawProperty<unknown>): void {
  fc.assert(property, { seed, numRuns: 1000 });
}

describe('the wait between rounds', () => {
  test('is never negative, never above the cap, and never above the base times two to the power of the round', () => {
    check(
      fc.property(rounds, durations, durations, chance, (round, baseMs, capMs, random) => {
        const delayMs = backoffDelayMs(round, { baseMs, capMs }, random);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(capMs);
        expect(delayMs).toBeLessThanOrEqual(baseMs * 2 ** round);
      }),
    );
  });

  test('is full jitter: chance decides about all of it, from nothing up to the bound', () => {
    check(
      fc.property(rounds, durations, durations, chance, (round, baseMs, capMs, random) => {
        const boundMs = backoffDelayMs(round, { baseMs, capMs }, 1);
        expect(backoffDelayMs(round, { baseMs, capMs }, 0)).toBe(0);
        expect(backoffDelayMs(round, { baseMs, capMs }, random)).toBeCloseTo(random * boundMs, 3);
      }),
    );
  });

  test('has a bound that doubles until it meets the cap, and stays there', () => {
    check(
      fc.property(rounds, durations, durations, (round, baseMs, capMs) => {
        const boundMs = (of: number) => backoffDelayMs(of, { baseMs, capMs }, 1);
        expect(boundMs(0)).toBe(Math.min(baseMs, capMs));
        expect(boundMs(round + 1)).toBe(Math.min(2 * boundMs(round), capMs));
      }),
    );
  });

  test('is a number for every round that a call can reach, however many', () => {
    for (const round of [0, 1, 10, 1023, 1024, Number.MAX_SAFE_INTEGER]) {
      expect(backoffDelayMs(round, { baseMs: 50, capMs: 1000 }, 0.5)).toBeLessThanOrEqual(500);
    }
  });
});
