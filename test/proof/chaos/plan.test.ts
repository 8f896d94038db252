import { expect, test } from 'vitest';
import { seedOf } from '../../support/seed.ts';
import { KIND_NAMES, kindOf, planOf } from './plan.ts';

const first = seedOf('plans');
/** With the last of them, faults of both Regions' processes wait for each other until the run is over. */
const seeds = [...Array.from({ length: 50 }, (_, index) => (first + index) % 2 ** 31), 929_579_042];
const LONG = { durationMs: 120_000, clients: 4 };

test.each([{ durationMs: 6_000, clients: 1 }, { durationMs: 12_000, clients: 4 }, LONG])(
  'a plan of $durationMs ms has every kind of fault in time, and is the same for the same seed',
  (input) => {
    for (const seed of seeds) {
      const plan = planOf({ seed, ...input });
      expect(new Set(plan.faults.map(({ kind }) => kind)).size, `seed ${seed}`).toBe(KIND_NAMES.length);
      for (const { kind, target, atMs, forMs } of plan.faults) {
        expect(forMs, `seed ${seed}`).toBeGreaterThanOrEqual(500);
        expect(atMs + forMs, `seed ${seed}`).toBeLessThan(input.durationMs);
        expect(target).toBeLessThan(kindOf(kind).place === 'client' ? input.clients : 2);
      }
      expect(planOf({ seed, ...input })).toEqual(plan);
      expect(planOf({ seed: seed + 1, ...input })).not.toEqual(plan);
    }
  },
);

test('faults overlap, but the process of a Region is at fault in one way at a time', () => {
  for (const seed of seeds) {
    const { faults } = planOf({ seed, ...LONG });
    const overlapping = faults.filter(
      ({ atMs, forMs }, index) => atMs + forMs > (faults[index + 1]?.atMs ?? Infinity),
    );
    expect(overlapping, `seed ${seed}`).not.toEqual([]);
    for (const region of [0, 1]) {
      const here = faults.filter(
        ({ kind, target }) => ['kill', 'freeze'].includes(kind) && target === region,
      );
      for (const [index, { atMs, forMs }] of here.entries()) {
        expect(here[index + 1]?.atMs ?? Infinity, `seed ${seed}`).toBeGreaterThan(atMs + forMs);
      }
    }
  }
});
