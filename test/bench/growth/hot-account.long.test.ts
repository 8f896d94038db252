import { describe, expect, test } from 'vitest';
import { hotAccountOf, type SeenItem } from './hot-account.ts';

describe('what one account can take', () => {
  // 30 bytes without replies and 96 for each: ten of them stay below 1,024 bytes, eleven do not.
  const seen: readonly SeenItem[] = [
    { itemBytes: 126, remembered: 1 },
    { itemBytes: 1950, remembered: 20 },
  ];
  const hot = hotAccountOf(seen);

  test('follows from what a reply weighs', () => {
    expect(hot).toMatchObject({ emptyBytes: 30, bytesPerReply: 96, repliesInOneUnit: 10 });
    expect(hotAccountOf(seen.toReversed())).toEqual(hot);
  });

  test('is bounded by a partition at the size that the calls under way give the item', () => {
    // At 25 ms two units a write as soon as there are more than ten: 1,000 / 2. At 15 ms one unit until 10.35 / 0.015.
    expect(hot.callsPerSecond.with_next_call).toEqual({ least: 500, most: 690.2 });
  });

  test('is less when replies stay for a second and are given back by writes of their own', () => {
    // Two writes of seven units each for 71 calls with 73 replies; the 72nd call begins an eighth unit.
    const { least } = hot.callsPerSecond.after_quiet;
    const units = (perSecond: number) => Math.ceil((30 + perSecond * 1.025 * 96) / 1024);
    expect(least * 2 * units(least)).toBeLessThanOrEqual(1000);
    expect((least + 0.1) * 2 * units(least + 0.1)).toBeGreaterThan(1000);
  });

  test('is what fills the account within 15 minutes when nothing is given back', () => {
    expect(hot.callsPerSecond.never).toEqual({ least: 1.1, most: 1.1 });
  });

  test('is the same whatever a write takes when it is one write at a time', () => {
    expect(hot.oneAtATimePerSecond).toEqual({ least: 40, most: 1000 / 15 });
  });

  test('is less when the other Region writes too, the more the oftener it does', () => {
    const rejected = hot.conflicts.map((each) => each.rejected);
    expect(rejected).toEqual(rejected.toSorted((one, other) => one - other));
    for (const each of hot.conflicts) expect(each.unanswered).toBeCloseTo(each.rejected ** 3);
  });

  test('comes with advice that says the figures, and that they were not measured on AWS', () => {
    const advice = hot.advice.join('\n');
    expect(advice).toContain('500 to 690 calls a second');
    expect(advice).toContain('1.1 calls a second');
    expect(advice).toContain('40 to 67 calls a second');
    expect(advice).toContain('not documented');
  });

  test('cannot be told from items that are alike', () => {
    const [item] = seen;
    expect(() => hotAccountOf(item === undefined ? [] : [item, item])).toThrow(/what one weighs/);
  });
});
