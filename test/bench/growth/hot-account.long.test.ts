import { describe, expect, test } from 'vitest';
import type { SeenHead } from './heads.ts';
import { hotAccountOf } from './hot-account.ts';

describe('what one account can take', () => {
  const seen: readonly SeenHead[] = [
    { itemBytes: 1120, entries: 20 },
    { itemBytes: 5200, entries: 100 },
  ];
  const hot = hotAccountOf(seen);

  test('follows from what an entry weighs', () => {
    expect(hot).toMatchObject({ emptyBytes: 100, bytesPerEntry: 51 });
    expect(hotAccountOf(seen.toReversed())).toEqual(hot);
  });

  test('is bounded by a partition at the size that the calls under way give the head', () => {
    // At 25 ms a third unit begins with 928 / (51 * 0.05) calls a second; at 15 ms two units a write are too many before: 1,000 / 2.2.
    expect(hot.callsPerSecond).toEqual({ least: 363.9, most: 454.5 });
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
    expect(advice).toContain('364 to 455 calls a second');
    expect(advice).toContain('40 to 67 calls a second');
    expect(advice).toContain('not documented');
  });

  test('cannot be told from heads that are alike', () => {
    const [head] = seen;
    expect(() => hotAccountOf(head === undefined ? [] : [head, head])).toThrow(/what one weighs/);
  });
});
