import { describe, expect, test } from 'vitest';
import { seedOf } from '../../support/seed.ts';
import { simulate } from './run.ts';
import { VirtualTime } from './time.ts';

const RUNS = 10;

describe('a run of the bank in virtual time', () => {
  const firstSeed = seedOf('simulation') % 1_000_000;

  test('keeps every promise', async () => {
    let batches = 0;
    for (let seed = firstSeed; seed < firstSeed + RUNS; seed += 1) {
      const run = await simulate(seed);
      expect(run.violations, `seed ${seed}`).toEqual([]);
      batches += run.batches;
    }
    expect(batches, 'writes of several calls').toBeGreaterThan(RUNS);
  });

  test('is the same for the same seed, event by event', async () => {
    const first = await simulate(firstSeed);
    const again = await simulate(firstSeed);
    expect(again.digest).toBe(first.digest);
    expect(again.history).toEqual(first.history);
    expect((await simulate(firstSeed + 1)).digest).not.toBe(first.digest);
  });
});

test('virtual time goes from event to event in their order, and does what promises set off in between', async () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  time.after(20, () => seen.push('late'));
  time.after(
    10,
    () =>
      void Promise.resolve().then(async () => {
        await Promise.resolve();
        seen.push(`after a promise at ${time.nowMs}`);
        await time.wait(5);
        seen.push(`at ${time.nowMs}`);
      }),
  );
  const cancel = time.after(12, () => seen.push('never'));
  time.after(10, () => seen.push('second of the same moment'));
  time.after(11, cancel);
  await time.runUntil(() => false);
  expect(seen).toEqual(['after a promise at 10', 'second of the same moment', 'at 15', 'late']);
});
