import { describe, expect, it } from 'vitest';
import { chanceFrom } from '../../infra/drill/chance.ts';
import { accountsOf, nextRequest } from '../../infra/drill/mix.ts';
import { planOf } from '../../infra/drill/plan.ts';
import { openProgressLine } from '../../infra/drill/progress.ts';
import { isPassed, latencyOf, type Report } from '../../infra/drill/report.ts';
import { toJson, toText } from '../../infra/drill/text.ts';

const INVARIANT = { name: 'I2', says: 'it adds up', checked: 9, broken: [], open: [] } as const;
const NONE_UNKNOWN = { unknown: 0, executed: 0, refused: 0, cancelled: 0, unsettled: 0 };
const REPORT: Report = {
  run: 'r1',
  bank: 'twinbank',
  fault: { name: 'none', region: 'us-east-1', problems: [] },
  clients: 8,
  seed: 1,
  interrupted: false,
  phases: [],
  traffic: {
    failovers: 8,
    firstLeftAfterMs: 400,
    allBackAfterMs: undefined,
    awayForMs: undefined,
    away: 3,
  },
  unknown: NONE_UNKNOWN,
  invariants: [INVARIANT],
  leftBehindMinor: 7n,
  ok: true,
};

describe('a report', () => {
  it('is passed only if all is kept, all is known, and the fault did what it was meant to', () => {
    expect(isPassed(REPORT)).toBe(true);
    expect(isPassed({ ...REPORT, invariants: [INVARIANT, { ...INVARIANT, broken: ['joe'] }] })).toBe(false);
    expect(isPassed({ ...REPORT, invariants: [{ ...INVARIANT, open: ['joe'] }] })).toBe(false);
    expect(isPassed({ ...REPORT, unknown: { ...NONE_UNKNOWN, unknown: 1, unsettled: 1 } })).toBe(false);
    expect(isPassed({ ...REPORT, unknown: { ...NONE_UNKNOWN, unknown: 1, cancelled: 1 } })).toBe(true);
    expect(isPassed({ ...REPORT, fault: { ...REPORT.fault, problems: ['it never began'] } })).toBe(false);
  });

  it('gives a few examples of what was broken, and how many there were', () => {
    const broken = Array.from({ length: 12 }, (_, index) => `account ${index}`);
    const report = { ...REPORT, invariants: [{ ...INVARIANT, broken }], ok: false };
    expect(toText(report)).toMatch(/^BROKEN {2}I2 {3}it adds up \(9 checked, 12 broken\)\n +account 0\n/m);
    expect(toText(report)).not.toContain('account 5');
    expect(JSON.parse(toJson(report))).toMatchObject({
      leftBehindMinor: '7',
      invariants: [{ kept: false, broken: { count: 12, examples: broken.slice(0, 5) } }],
    });
  });

  it('does not say when a fault ended that somebody else had brought about', () => {
    expect(toText(REPORT)).toMatch(/^Failovers: 8\. 3 clients had not returned to us-east-1 when/m);
    const traffic = { ...REPORT.traffic, away: 0, allBackAfterMs: 0, awayForMs: 2000 };
    expect(toText({ ...REPORT, traffic })).toMatch(
      /All were back in us-east-1 2\.0 s after the first had left/,
    );
  });

  it('has percentiles by the nearest rank', () => {
    expect(latencyOf([])).toBeUndefined();
    expect(latencyOf([5])).toEqual({ medianMs: 5, p99Ms: 5, worstMs: 5 });
    const durations = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(latencyOf(durations)).toEqual({ medianMs: 100, p99Ms: 198, worstMs: 200 });
  });
});

describe('what is asked', () => {
  const requestsOf = (seed: number) => {
    const accounts = accountsOf('r1');
    const source = { chance: chanceFrom(seed), mint: () => 'key' };
    return Array.from({ length: 200 }, () => nextRequest(1, accounts, source));
  };

  it('is the same for the same seed, and of every kind', () => {
    expect(requestsOf(7)).toEqual(requestsOf(7));
    expect(requestsOf(7)).not.toEqual(requestsOf(8));
    expect(new Set(requestsOf(7).map(({ kind }) => kind))).toEqual(
      new Set(['deposit', 'withdraw', 'balance']),
    );
  });

  it('is of an account of its own and of one that all share', () => {
    expect(new Set(requestsOf(7).map(({ account }) => account))).toEqual(
      new Set(['drill-r1-1', 'drill-r1-shared']),
    );
  });
});

describe('the time of a drill', () => {
  it('is divided into a tenth, seven tenths and at most two tenths', () => {
    const { beforeMs, faultMs, afterAtLeastMs, afterAtMostMs, verifyMs } = planOf(10);
    expect({ beforeMs, faultMs, afterAtMostMs }).toEqual({
      beforeMs: 60_000,
      faultMs: 420_000,
      afterAtMostMs: 120_000,
    });
    expect(afterAtLeastMs).toBeLessThan(afterAtMostMs);
    expect(verifyMs).toBe(120_000);
    expect(planOf(0.1).verifyMs).toBe(60_000);
  });
});

describe('the progress line', () => {
  const progress = { phase: 'fault', calls: 12, failovers: 3, away: 2 } as const;

  it('is written over and over on a terminal, once a second and at each new phase', () => {
    const written: string[] = [];
    let nowMs = 0;
    const stream = { isTTY: true, columns: 200, write: (text: string) => written.push(text) };
    const line = openProgressLine(stream, 10, () => nowMs);
    line.show(progress);
    nowMs = 500;
    line.show({ ...progress, calls: 13 });
    line.show({ ...progress, phase: 'after' });
    nowMs = 61_500;
    line.show({ ...progress, phase: 'after', calls: 14 });
    line.clear();
    expect(written).toEqual([
      '\r\x1b[Kfault  0:00 of 10 min  12 calls  3 failovers  2 clients away',
      '\r\x1b[Kafter  0:00 of 10 min  12 calls  3 failovers  2 clients away',
      '\r\x1b[Kafter  1:01 of 10 min  14 calls  3 failovers  2 clients away',
      '\r\x1b[K',
    ]);
  });

  it('is not written where it would stay', () => {
    const written: string[] = [];
    const line = openProgressLine({ write: (text: string) => written.push(text) }, 10);
    line.show(progress);
    line.clear();
    expect(written).toEqual([]);
  });
});
