import { describe, expect, test } from 'vitest';
import { formatAnswer } from './report.ts';
import { interleave, quantile, ratioOf, spreadOf } from './statistics.ts';

describe('statistics', () => {
  test('have the median and the quartiles, linear between samples, in whatever order these come', () => {
    expect(spreadOf([5, 1, 100, 2, 3])).toEqual({ median: 3, p25: 2, p75: 5, samples: 5 });
    expect(quantile([4, 1], 0.9)).toBeCloseTo(3.7);
  });

  test('are not made of nothing, nor of what is not a number', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
    expect(() => spreadOf([1, Number.NaN, 2])).toThrow(RangeError);
  });

  test('come from rounds in which the sides take turns; the first round is dropped, and ratios are taken within a round', async () => {
    const order: string[] = [];
    const side = (name: string, values: number[]) => () => {
      order.push(name);
      return Promise.resolve(values.shift() ?? 0);
    };
    const sides = { bank: side('bank', [99, 2, 40]), bare: side('bare', [99, 1, 10]) };
    const signal = new AbortController().signal;
    const rounds = await interleave(sides, 2, { onRound: () => {}, signal });
    expect(order).toEqual(['bank', 'bare', 'bare', 'bank', 'bank', 'bare']);
    expect(ratioOf(rounds, ['bank', 'bare'], (value) => value)).toMatchObject({ median: 3, samples: 2 });
  });

  test('are not measured any more after the run was stopped', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    const sides = { bank: () => Promise.reject(new Error('measured')) };
    await expect(interleave(sides, 1, { onRound: () => {}, signal })).rejects.toThrow('stopped');
  });
});

test('an answer is printed with its load and its tables: text to the left, numbers to the right, quartiles in brackets', () => {
  const ratio = { median: 1.25, p25: 1, p75: 1.5, samples: 3 };
  const rows = [
    { contender: 'the bank', writeUnits: 1.2, ratioToBare: ratio },
    { contender: 'bare', writeUnits: 1, p50Ms: 1234.5 },
  ];
  const answer = { title: 'Cost', note: 'Counted.', loadBefore: 0.256, tookSeconds: 3 };
  expect(formatAnswer({ ...answer, tables: [{ title: 'A deposit', rows }] }).split('\n')).toEqual([
    '',
    'Cost',
    '====',
    'Counted.',
    'Load before: 0.26. Took 3 s.',
    '',
    'A deposit',
    '  contender  write units   ratio to bare  p50 ms',
    '  the bank          1.20  1.25 (1..1.50)',
    '  bare                 1                   1,235',
  ]);
});
