import { describe, expect, test } from 'vitest';
import { seedOf } from '../../support/seed.ts';
import { KIND_NAMES, kindOf } from './kinds.ts';
import { type ChaosPlan, type PlannedFault, planOf } from './plan.ts';

const first = seedOf('plans');
const seeds = Array.from({ length: 50 }, (_, index) => (first + index) % 2 ** 31);
const SHORTEST = { durationMs: 6_000, clients: 1 };
const SHORT = { durationMs: 12_000, clients: 4 };
const LONG = { durationMs: 120_000, clients: 4 };

function endOf({ atMs, forMs }: PlannedFault): number {
  return atMs + forMs;
}

function ofProcess({ faults }: ChaosPlan, target: number): PlannedFault[] {
  return faults.filter((fault) => ['kill', 'freeze'].includes(fault.kind) && fault.target === target);
}

describe('a plan', () => {
  test('is the same for the same seed, and another for another', () => {
    const [one = 0, other = 0] = seeds;
    expect(planOf({ seed: one, ...LONG })).toEqual(planOf({ seed: one, ...LONG }));
    expect(planOf({ seed: one, ...LONG })).not.toEqual(planOf({ seed: other, ...LONG }));
  });

  test.each([SHORTEST, SHORT, LONG])(
    'has every kind of fault, within $durationMs ms, whatever the seed',
    (input) => {
      for (const seed of seeds) {
        const { faults } = planOf({ seed, ...input });
        expect(new Set(faults.map(({ kind }) => kind)).size, `seed ${seed}`).toBe(KIND_NAMES.length);
        for (const fault of faults) {
          expect(fault.forMs, `seed ${seed}`).toBeGreaterThanOrEqual(500);
          expect(fault.atMs, `seed ${seed}`).toBeLessThan(input.durationMs);
        }
      }
    },
  );

  test('has faults that overlap, in both Regions and in every client process', () => {
    const { faults } = planOf({ seed: first, ...LONG });
    expect(faults.some((fault, index) => endOf(fault) > (faults[index + 1]?.atMs ?? Infinity))).toBe(true);
    const targets = (isClient: boolean) =>
      new Set(
        faults
          .filter(({ kind }) => (kindOf(kind).place === 'client') === isClient)
          .map((each) => each.target),
      );
    expect([...targets(false)].sort()).toEqual([0, 1]);
    for (const target of targets(true)) {
      expect(target).toBeLessThan(LONG.clients);
    }
  });

  test('lets the process of a Region be at fault in one way at a time', () => {
    for (const seed of seeds) {
      const plan = planOf({ seed, ...LONG });
      for (const target of [0, 1]) {
        const faults = ofProcess(plan, target).sort((one, other) => one.atMs - other.atMs);
        for (const [index, fault] of faults.entries()) {
          const next = faults[index + 1];
          if (next !== undefined) {
            expect(next.atMs, `seed ${seed}`).toBeGreaterThan(endOf(fault));
          }
        }
      }
    }
  });
});
