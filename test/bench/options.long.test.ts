import { describe, expect, it } from 'vitest';
import { UsageError } from '../../client/command/usage.ts';
import { readBench, USAGE } from './options.ts';
import { fullPlan, quickPlan } from './plan.ts';

const read = (...args: string[]) => readBench(args, '/data/bench.html');

describe('the command line of the benchmark', () => {
  it('asks for everything, with a page in the data folder, when it says nothing', () => {
    expect(read()).toEqual({
      kind: 'full',
      jsonFile: undefined,
      htmlFile: '/data/bench.html',
      seed: undefined,
    });
  });

  it('names files and a seed', () => {
    expect(read('--quick', '--json', 'a.json', '--html=b.html', '--seed', '7')).toEqual({
      kind: 'quick',
      jsonFile: 'a.json',
      htmlFile: 'b.html',
      seed: 7,
    });
  });

  it('explains itself, and every option that it takes', () => {
    expect(read('--help')).toEqual({ kind: 'help' });
    for (const option of ['--quick', '--json', '--html', '--seed', '--help']) expect(USAGE).toContain(option);
  });

  it.each([
    [['--slow'], /Unknown option/],
    [['extra'], /positional/],
    [['--json', ''], /names of files/],
    [['--seed', '-1'], /ambiguous/],
    [['--seed', '1.5'], /whole number/],
    [['--seed', '2147483648'], /whole number/],
  ])('turns %j away', (args, message) => {
    expect(() => read(...args)).toThrow(UsageError);
    expect(() => read(...args)).toThrow(message);
  });
});

describe('the two plans', () => {
  it('measure the same things, at the numbers of callers that there are goals for', () => {
    for (const plan of [quickPlan(1), fullPlan(1)]) {
      expect(plan.throughput.callers).toEqual([1, 16, 64]);
      expect(plan.failover.seed).toBe(1);
    }
    expect(fullPlan(1).growth.accounts.at(-1)).toBe(1_000_000);
    expect(fullPlan(1).growth.entries.at(-1)).toBe(100_000);
    expect(fullPlan(1).growth.callers.at(-1)).toBe(256);
  });
});
