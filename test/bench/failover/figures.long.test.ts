import { describe, expect, it } from 'vitest';
import { latencies, measured } from '../statistics.ts';
import type { CallReport } from './caller-process.ts';
import type { Ending } from './callers.ts';
import { delaysFrom, SLOW } from './delays.ts';
import { figuresOf } from './figures.ts';
import { CALLERS, FAULTS, type FailoverResult, type FaultName } from './result.ts';
import { summarizeFailover } from './summarize.ts';
import type { CallerRecord, TrialRecord } from './trial.ts';

const EAST = 'us-east-1';
const WEST = 'us-east-2';
const plan = { trials: 2, laterCalls: 2, slowCalls: 6, seed: 1 };

function report(beganAtMs: number, durationMs: number, region: string | Ending = WEST): CallReport {
  const ending = typeof region === 'string' ? ({ kind: 'answered', region } as const) : region;
  return { beganAtMs, durationMs, ending };
}

/** A trial whose fault begins at 1000 and is over at 5000. All callers do the same. */
function trialOf(fault: FaultName, parts: Partial<CallerRecord> = {}): TrialRecord {
  const record = {
    healthy: [report(0, 4, EAST), report(50, 5, EAST), report(100, 9, EAST)],
    faulty: [report(1001, 12), report(1050, 6), report(1100, 8)],
    after: [report(2000, 5), report(5010, 5), report(5060, 7, EAST)],
    ...parts,
  };
  return {
    fault,
    preferred: EAST,
    faultAtMs: 1000,
    upAtMs: 5000,
    callers: CALLERS.map((caller) => ({ caller, ...record })),
    accounting: { calls: 10, answered: 8, unavailable: 1, settled: 1 },
  };
}

/** Two trials of each fault; the parts go into the second trial of one of them. */
function resultOf(fault: FaultName, parts: Partial<CallerRecord>): FailoverResult {
  const second = (each: FaultName) => trialOf(each, each === fault ? parts : {});
  return figuresOf(plan, [...FAULTS.map((each) => trialOf(each)), ...FAULTS.map(second)]);
}

describe('statistics', () => {
  it('takes the median and the ends of tenths, linear between samples, in whatever order they come', () => {
    expect(measured([11, 1, 6, 2, 10, 3, 9, 4, 8, 5, 7])).toEqual({
      median: 6,
      p10: 2,
      p90: 10,
      samples: 11,
    });
    expect(measured([4, 1])).toEqual({ median: 2.5, p10: 1.3, p90: expect.closeTo(3.7), samples: 2 });
    expect(measured([7])).toEqual({ median: 7, p10: 7, p90: 7, samples: 1 });
  });

  it('sorts numbers as numbers and leaves the samples as they were', () => {
    const samples = [100, 20, 3];
    expect(measured(samples).median).toBe(20);
    expect(samples).toEqual([100, 20, 3]);
  });

  it('sums up latencies', () => {
    const samples = Array.from({ length: 101 }, (_, index) => index);
    expect(latencies(samples)).toEqual({ p50Ms: 50, p90Ms: 90, p99Ms: 99, maxMs: 100, calls: 101 });
  });

  it('refuses to make something of nothing, or of what is no number', () => {
    expect(() => measured([])).toThrow(RangeError);
    expect(() => latencies([])).toThrow(RangeError);
    expect(() => measured([1, Number.NaN])).toThrow(RangeError);
  });
});

describe('the delays of a slow Region', () => {
  it.each([
    { name: 'of one seed', delays: Array.from({ length: 100_000 }, delaysFrom(1)) },
    // Each trial begins anew with the next seed, so what comes first must not be out of the ordinary.
    { name: 'that come first', delays: Array.from({ length: 100_000 }, (_, seed) => delaysFrom(seed)()) },
  ])('$name have the median and the 99th percentile that are said of them', ({ delays }) => {
    const { p50Ms, p99Ms } = latencies(delays);
    expect(Math.abs(p50Ms / SLOW.medianMs - 1)).toBeLessThan(0.05);
    expect(Math.abs(p99Ms / SLOW.p99Ms - 1)).toBeLessThan(0.1);
  });

  it('are the same for the same seed, and others for another', () => {
    const of = (seed: number) => Array.from({ length: 5 }, delaysFrom(seed));
    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
  });
});

describe('the figures', () => {
  it('hold each caller under each outage against the healthy calls of its own trial', () => {
    const { outages } = resultOf('killed', {
      healthy: [report(0, 100, EAST)],
      faulty: [report(1003, 102), report(1200, 104), report(1400, 106), report(1600, 108)],
    });
    expect(outages.map(({ fault, caller }) => `${fault} ${caller}`)).toEqual(
      FAULTS.slice(0, 4).flatMap((fault) => CALLERS.map((caller) => `${fault} ${caller}`)),
    );
    expect(outages[0]).toMatchObject({
      healthyMs: { median: 52.5, samples: 2 },
      firstBeganAfterMs: { median: 2, samples: 2 },
      firstMs: { median: 57, samples: 2 },
      firstExtraMs: { median: 4.5, samples: 2 },
      followingMs: { median: 104, samples: 5 },
      followingExtraMs: { median: 4, samples: 2 },
    });
  });

  it('count how calls ended', () => {
    const { outages, slow } = resultOf('frozen', {
      faulty: [report(1001, 9, { kind: 'timed_out', key: 'k' }), report(1100, 9, { kind: 'unavailable' })],
    });
    const none = { answered: 0, unavailable: 0, unknown: 0, timed_out: 0 };
    const frozen = outages.find(({ fault }) => fault === 'frozen');
    expect(frozen?.firstEnded).toEqual({ ...none, answered: 1, timed_out: 1 });
    expect(frozen?.followingEnded).toEqual({ ...none, answered: 2, unavailable: 1 });
    expect(slow[0]?.ended).toEqual({ ...none, answered: 6 });
  });

  it('tell when a caller was back: when the preferred Region has answered it after both were up', () => {
    const killed = (after: CallReport[]) => resultOf('killed', { after }).outages[0];
    expect(killed([report(5100, 10, EAST)])).toMatchObject({ left: 2, backMs: { median: 88.5, samples: 2 } });
    // It was sent when only the other Region was up, and waited until the preferred one was.
    expect(killed([report(4000, 1267, EAST)])).toMatchObject({
      left: 2,
      backMs: { median: 167, samples: 2 },
    });
    expect(killed([report(5100, 10)])).toMatchObject({ left: 2, backMs: { median: 67, samples: 1 } });
  });

  it('tell no way back of a caller who never left', () => {
    const stays = { faulty: [report(1001, 9, EAST), report(1100, 9, EAST)], after: [report(5001, 9, EAST)] };
    const { slow } = figuresOf(
      { ...plan, trials: 1 },
      FAULTS.map((fault) => trialOf(fault, stays)),
    );
    expect(slow[0]).toMatchObject({ left: 0, backMs: null });
  });

  it('sum up the latencies under a slow Region, and what was added to them', () => {
    const { slow, slowDelays } = resultOf('slow', { faulty: [report(1001, 30)] });
    expect(slow[0]?.latencies).toMatchObject({ maxMs: 30, calls: 4 });
    expect(slowDelays.calls).toBe(6);
  });

  it('add up what was audited', () => {
    expect(resultOf('slow', {}).accounting).toEqual({
      calls: 100,
      answered: 80,
      unavailable: 10,
      settled: 10,
    });
  });
});

describe('the summary', () => {
  it("takes the bank's client without hedging, and the worst of the faults that a target is for", () => {
    const result = resultOf('killed', {});
    const took = (extraMs: number) => measured([extraMs]);
    const outages = result.outages.map((figures) => {
      const { fault, caller } = figures;
      if (caller === 'tutorial' || caller === 'one_address') {
        return { ...figures, firstMs: took(1e6), firstExtraMs: took(1e6), followingExtraMs: took(1e6) };
      }
      const place = FAULTS.indexOf(fault) + (caller === 'bank_hedged' ? 10 : 0);
      return {
        ...figures,
        firstMs: took(100 + place),
        firstExtraMs: took(50 + place),
        followingExtraMs: took(place),
      };
    });
    expect(summarizeFailover({ outages })).toEqual({
      killedExtraMs: 50,
      frozenFirstMs: 102,
      frozenHedgedMs: 112,
      laterExtraMs: 3,
    });
  });

  it('is not made of nothing', () => {
    expect(() => summarizeFailover({ outages: [] })).toThrow(RangeError);
  });
});
