import { describe, expect, test } from 'vitest';
import { planOf } from '../../infra/tools/drill/plan.ts';
import { isPassed, type Report } from '../../infra/tools/drill/report.ts';
import { formatProgress, toJson, toText } from '../../infra/tools/drill/text.ts';
import { Timeline } from '../../infra/tools/drill/timeline.ts';

const CHECK = { name: 'I2', promise: 'it adds up', checked: 9, broken: [], open: [] } as const;
const NONE_UNKNOWN = { unknown: 0, executed: 0, refused: 0, cancelled: 0, unresolved: 0 };
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
  checks: [CHECK],
  leftBehindMinor: 7n,
  ok: true,
};

describe('a report', () => {
  test('is passed only if all is kept, all is known, and the fault did what it was meant to', () => {
    expect(isPassed(REPORT)).toBe(true);
    expect(isPassed({ ...REPORT, checks: [CHECK, { ...CHECK, broken: ['joe'] }] })).toBe(false);
    expect(isPassed({ ...REPORT, checks: [{ ...CHECK, open: ['joe'] }] })).toBe(false);
    expect(isPassed({ ...REPORT, unknown: { ...NONE_UNKNOWN, unknown: 1, unresolved: 1 } })).toBe(false);
    expect(isPassed({ ...REPORT, unknown: { ...NONE_UNKNOWN, unknown: 1, cancelled: 1 } })).toBe(true);
    expect(isPassed({ ...REPORT, fault: { ...REPORT.fault, problems: ['it never began'] } })).toBe(false);
  });

  test('is written for people and for programs, each check on a line of its own', () => {
    const report = { ...REPORT, checks: [{ ...CHECK, broken: ['account 0'] }], ok: false };
    expect(toText(report)).toMatch(/^BROKEN {2}I2 +it adds up \(9 checked, 1 broken\)\n +account 0\n/m);
    expect(JSON.parse(toJson(report))).toMatchObject({
      leftBehindMinor: '7',
      checks: [{ kept: false, broken: { count: 1, examples: ['account 0'] } }],
    });
  });

  test('says that checks are open, and how many outcomes could not be resolved', () => {
    const unknown = { ...NONE_UNKNOWN, unknown: 3, unresolved: 2 };
    const text = toText({ ...REPORT, unknown, checks: [{ ...CHECK, open: ['joe'] }], ok: false });
    expect(text).toMatch(/^OPEN {4}I2 /m);
    expect(text).toMatch(/2 COULD NOT BE RESOLVED\.$/m);
    expect(text).toMatch(/NOT PASSED\.$/);
  });

  test('says that a drill whose fault nobody felt proves little', () => {
    const felt = 'the fault had no effect on calls, so this drill proves little';
    expect(toText(REPORT)).not.toContain(felt);
    expect(toText({ ...REPORT, traffic: { ...REPORT.traffic, failovers: 0, away: 0 } })).toContain(felt);
  });

  test('does not say when a fault ended that the drill had not begun', () => {
    expect(toText(REPORT)).toMatch(/^Failovers: 8\. 3 clients had not returned to us-east-1 when/m);
    const traffic = { ...REPORT.traffic, away: 0, allBackAfterMs: 0, awayForMs: 2000 };
    expect(toText({ ...REPORT, traffic })).toMatch(
      /All were back in us-east-1 2\.0 s after the first had left/,
    );
  });
});

describe('the timeline', () => {
  let nowMs = 0;
  const timeline = new Timeline(() => nowMs);

  test('counts a call to the fault when it began or ended during it, and else to the phase in which it began', () => {
    nowMs = 100;
    timeline.enter('fault');
    nowMs = 200;
    timeline.enter('after');
    const phases = [
      [0, 50],
      [50, 100],
      [150, 10],
      [150, 100],
      [50, 200],
      [200, 1],
    ].map(([startedMs = 0, durationMs]) => timeline.phaseOf({ startedMs, durationMs }));
    expect(phases).toEqual(['before', 'fault', 'fault', 'fault', 'before', 'after']);
  });

  test('knows from when until when clients were away', () => {
    nowMs = 110;
    timeline.leave(1);
    timeline.leave(2);
    nowMs = 250;
    timeline.comeBack(1);
    expect(timeline.traffic).toMatchObject({ away: 1, firstLeftAfterMs: 10, allBackAfterMs: undefined });
    nowMs = 270;
    timeline.comeBack(2);
    expect(timeline.traffic).toEqual({
      failovers: 2,
      away: 0,
      firstLeftAfterMs: 10,
      allBackAfterMs: 70,
      awayForMs: 160,
    });
  });
});

describe('the time of a drill', () => {
  test('is divided into a tenth, seven tenths and at most two tenths', () => {
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

test('shows how far the drill is in one line', () => {
  const progress = { phase: 'fault', calls: 12, failovers: 3, away: 2 } as const;
  expect(formatProgress(progress, 61_500, 10)).toBe(
    'fault  1:01 of 10 min  12 calls  3 failovers  2 clients away',
  );
});
