import { describe, expect, test } from 'vitest';
import type { CallRecord } from '../../client/load/call.ts';
import { totalOf } from '../../client/load/money.ts';
import { progressOf } from '../../client/load/progress.ts';
import { checkJson, checkText, latencyOf, refusalsOf, resolutionOf } from '../../client/load/report.ts';
import { BALANCE, deposit, executed, ledgerOf, NOT_EXECUTED, refused, UNKNOWN, withdraw } from './records.ts';

describe('a report of a ledger', () => {
  test('has counts that add up, also when an unknown outcome was resolved later', () => {
    const ledger = ledgerOf(
      [deposit(10), executed(10)],
      [withdraw(3), executed(7)],
      [withdraw(99), refused()],
      [deposit(50), NOT_EXECUTED],
      [BALANCE, executed(7)],
      ...['1', '2', '3', '4'].map((key) => [deposit(100, key), UNKNOWN] as const),
    );
    const [one, two, three] = ledger.inDoubt as readonly CallRecord[] as [CallRecord, CallRecord, CallRecord];
    ledger.resolve(one, { outcome: executed(107), region: 'us-east-2' });
    ledger.resolve(two, { outcome: refused('cancelled'), region: 'us-east-2' });
    ledger.resolve(three, { outcome: refused('key_expired'), region: 'us-east-2' });

    const { calls, failedOver, ...counts } = ledger.progress.counts;
    expect(counts).toEqual({ executed: 2, balances: 1, refused: 1, notExecuted: 1, unknown: 4 });
    expect({ calls, failedOver }).toEqual({ calls: 9, failedOver: 0 });
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(calls);
    expect(refusalsOf(ledger.records)).toEqual({ not_enough_money: 1 });
    expect(ledger.progress.regions).toEqual({ 'us-east-1': 4 });
    expect(ledger.progress.resolved).toBe(3);
    expect(resolutionOf(ledger.records)).toEqual({
      unknown: 4,
      executed: 1,
      refused: 1,
      cancelled: 1,
      unresolved: 1,
    });
    expect(totalOf(ledger.records)).toBe(107n);
    // Counted when each call ended, and counted again from the records.
    ledger.begin(deposit(1), 0);
    const again = progressOf(ledger.records);
    expect([again.counts, again.regions]).toEqual([ledger.progress.counts, ledger.progress.regions]);
  });

  test('has quantiles of how long calls took', () => {
    expect(latencyOf([])).toBeUndefined();
    const { p50Ms, p99Ms, worstMs } = latencyOf(Array.from({ length: 200 }, (_, index) => 200 - index)) ?? {};
    expect({ p50Ms, p99Ms, worstMs }).toEqual({ p50Ms: 100, p99Ms: 198, worstMs: 200 });
    expect(latencyOf([0])).toEqual({ p50Ms: 0, p99Ms: 0, worstMs: 0 });
  });
});

describe('a check is reported', () => {
  const examples = Array.from({ length: 12 }, (_, index) => `account ${index}`);
  const broken = { name: 'I2', promise: 'it adds up', checked: 9, broken: examples, open: [] };

  test('with a few examples of what was broken, and with how many there were', () => {
    expect(checkText(broken).join('\n')).toMatch(
      /^BROKEN {2}I2 +it adds up \(9 checked, 12 broken\)\n +account 0\n/,
    );
    expect(checkText(broken)).toHaveLength(6);
    expect(checkJson(broken)).toMatchObject({
      kept: false,
      broken: { count: 12, examples: examples.slice(0, 5) },
    });
  });

  test('as open where something was not found out, and not as kept where nothing was compared', () => {
    expect(checkText({ ...broken, broken: [], open: ['joe'] })[0]).toMatch(/^OPEN .* 1 unknown\)$/);
    expect(checkText({ ...broken, broken: [], checked: 0 })[0]).toMatch(/^OPEN /);
    expect(checkText({ ...broken, broken: [] })[0]).toMatch(/^ok /);
  });
});
