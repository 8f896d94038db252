import { describe, expect, test } from 'vitest';
import type { CallRecord } from '../../../client/load/call.ts';
import { deposit, executed, recordsOf, refused, UNKNOWN } from '../../load/records.ts';
import type { Ended } from './ledger.ts';
import { toHtml } from './page.ts';
import { KIND_NAMES } from './plan.ts';
import { type Findings, summarize, toJson } from './summary.ts';
import { toText } from './text.ts';

const EXECUTED = { kind: 'executed', balanceMinor: 5n } as const;

/** A call that ended, as the ledger has it. */
function ended(atMs: number, region: string | undefined, failoverMs?: number): Ended {
  const outcome = region === undefined ? ({ kind: 'unknown' } as const) : EXECUTED;
  const answer = { outcome, region, key: undefined, replayed: false };
  return { kind: 'deposit', atMs, answer, durationMs: 12, failoverMs };
}

/** The record of a call whose outcome is unknown. */
const LOST = recordsOf([deposit(10), UNKNOWN])[0] as CallRecord;

function findings(change: Partial<Findings> = {}): Findings {
  const planned = { kind: 'kill', target: 1, atMs: 500, forMs: 700 } as const;
  const clientKill = { kind: 'client_kill', target: 2, atMs: 900, forMs: 300 } as const;
  return {
    command: 'npm run chaos -- --seed 7',
    seed: 7,
    options: { minutes: 0.05, seed: 7, clients: 4, callers: 3, pace: 5, calls: 'all' },
    lastedMs: 3000,
    interrupted: false,
    regionNames: ['us-east-1', 'us-east-2'],
    occurrences: [
      { planned, beganMs: 510, endedMs: 1900, hits: 8 },
      { planned: clientKill, beganMs: 910, endedMs: undefined, hits: 2 },
    ],
    records: [{ ...LOST, resolved: EXECUTED }],
    ended: [ended(100, 'us-east-1'), ended(2100, 'us-east-2', 40), ended(2500, undefined)],
    resolved: [{ with: 'retry', by: 'other' }],
    pages: 25,
    largestItemBytes: 1234,
    history: { events: 6, checkMs: 3.4, verdict: { ok: true, accounts: [account('linearizable')] } },
    checks: [check('rules'), check('I2'), check('I1')],
    ...change,
  };
}

function account(verdict: 'linearizable' | 'broken' | 'undecided') {
  return { account: 'hot-1.1', verdict, steps: 3, tries: 4, finding: `it is ${verdict}` };
}

function check(name: string, broken: readonly string[] = []) {
  return { name, promise: `${name} holds`, checked: 3, broken, open: [] };
}

/** What a browser would have to fetch, or to run. */
const FOREIGN = /<script|<link|<img|<iframe|@import|url\(|\bsrc=|https?:/;

describe('the summary', () => {
  test('has every kind of fault, those included that did not occur', () => {
    const { faults } = summarize(findings());
    expect(faults.map(({ kind }) => kind)).toEqual(KIND_NAMES);
    expect(faults.filter(({ times }) => times > 0)).toEqual([
      { kind: 'kill', times: 1, hits: 8 },
      { kind: 'client_kill', times: 1, hits: 2 },
    ]);
  });

  test('is passed only when every promise was kept and every outcome is known', () => {
    const history = (verdict: 'broken' | 'undecided') => ({
      events: 6,
      checkMs: 1,
      verdict: { ok: false, accounts: [account(verdict)] },
    });
    expect(summarize(findings()).ok).toBe(true);
    expect(summarize(findings({ history: history('broken') })).ok).toBe(false);
    expect(summarize(findings({ history: history('undecided') })).ok).toBe(false);
    expect(summarize(findings({ checks: [check('I2', ['joe: 5 instead of 4'])] })).ok).toBe(false);
    expect(summarize(findings({ records: [LOST] })).ok).toBe(false);
    const unjudged = { ...check('I2'), checked: 0 };
    expect(summarize(findings({ checks: [unjudged] })).ok).toBe(false);
    expect(toText(summarize(findings({ checks: [unjudged] })))).toMatch(
      /^OPEN {4}I2 +I2 holds \(0 checked\)$/m,
    );
  });
});

test('does not judge the history of a run that is all transfers', () => {
  const { options } = findings();
  const { checks } = summarize(findings({ options: { ...options, calls: 'transfers' } }));
  expect(checks.map(({ name }) => name)).toEqual(['I1', 'I2', 'rules']);
});

test('counts executed transfers, holds, captures, voids, refunds and freezes, and transfers that came back', () => {
  const transfer = { kind: 'transfer', account: 'joe', to: 'ann', amountMinor: 1n } as const;
  const hold = { kind: 'hold', account: 'joe', amountMinor: 1n } as const;
  const capture = { kind: 'capture', account: 'joe', hold: 'hold' } as const;
  const records = recordsOf(
    [transfer, executed(1)],
    [transfer, refused('no_such_destination')],
    [transfer, refused('not_enough_money')],
    [hold, executed(1)],
    [capture, executed(1)],
    [{ ...capture, to: 'ann' }, executed(1)],
    [{ ...capture, to: 'ann' }, refused('balance_too_large')],
    [{ kind: 'void', account: 'joe', hold: 'hold' }, UNKNOWN],
  );
  expect(summarize(findings({ records })).moved).toEqual({
    transfers: 2,
    returned: 2,
    holds: 1,
    captures: 2,
    voids: 0,
    refunds: 0,
    freezes: 0,
  });
});

describe('the report in words', () => {
  test('says it all on some lines', () => {
    const text = toText(summarize(findings()));
    expect(text).toContain('Chaos, seed 7: 3.0 s; 4 client processes with 3 callers each');
    expect(text).toMatch(/^kill +1 time +8 hit {2}a Region is killed and started again$/m);
    expect(text).toContain('Calls: 3. 2 executed, 0 balances, 0 refused, 0 certainly not executed');
    expect(text).toContain('Failovers: 1, from the first failed attempt');
    expect(text).toContain('p50 40 ms, p99 40 ms, worst 40 ms');
    expect(text).toContain(
      'Unknown outcomes: 1. 1 turned out executed, 0 refused, 0 cancelled, all are resolved',
    );
    expect(text).toContain(
      'Transfers: 0, and 0 that came back. Holds: 0, 0 captures and 0 voids. Refunds: 0. Freezes: 0.',
    );
    expect([...text.matchAll(/^ok +(\w+)/gm)].map(([, name]) => name)).toEqual(['I1', 'I2', 'I5', 'rules']);
    expect(text).toMatch(/^To repeat: npm run chaos -- --seed 7\nPassed\.$/m);
  });

  test('says what was broken, by the first breaches', () => {
    const breaches = Array.from({ length: 9 }, (_, index) => `breach ${index}`);
    const text = toText(summarize(findings({ checks: [check('I2', breaches)] })));
    expect(text).toMatch(/^BROKEN {2}I2 +I2 holds \(3 checked, 9 broken\)$/m);
    expect(text.match(/breach \d/g)).toHaveLength(5);
    expect(text).toMatch(/NOT PASSED\.$/);
  });

  test('is one JSON object for programs', () => {
    const { checks, ...rest } = JSON.parse(toJson(summarize(findings({ checks: [check('I2', ['a'])] }))));
    expect(rest).toMatchObject({ seed: 7, ok: false, calls: 3, failovers: 1, unknown: { unresolved: 0 } });
    expect(checks).toMatchObject([
      { name: 'I2', kept: false, broken: { count: 1, examples: ['a'] } },
      { name: 'I5', kept: true },
    ]);
  });
});

describe('the report as a page', () => {
  const page = (change: Partial<Findings> = {}) => toHtml(summarize(findings(change)));

  test('needs nothing else, and has the drawing, the command and the report in words', () => {
    const html = page();
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).not.toMatch(FOREIGN);
    // One call in the first second of the one Region, and one in the third second of the other.
    expect(html).toContain('<polyline class="line region0" points="308.3,0 585,70 861.7,70"/>');
    expect(html).toContain('<polyline class="line region1" points="308.3,70 585,70 861.7,0"/>');
    expect(html.match(/<rect class="band (process|client)"/g)).toHaveLength(2);
    expect(html).toContain('<title>us-east-2, kill: 0.5 to 1.9 s, 8 hit</title>');
    // A fault that outlasts the load ends with it.
    expect(html).toContain('<title>client-3, client kill: 0.9 to 3.0 s, 2 hit</title>');
    expect(html.match(/<path class="mark region1" d="M/g)).toHaveLength(1);
    expect(html.match(/<path class="mark unanswered" d="M/g)).toHaveLength(1);
    expect(html).toContain(toText(summarize(findings())));
  });

  test('shows text as text, wherever it comes from', () => {
    const nasty = '<script>alert(1)</script>&';
    const checks = [{ ...check(nasty, [nasty]), promise: nasty }];
    const html = page({ command: nasty, regionNames: [nasty, 'us-east-2'], checks });
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&amp;');
  });

  test('can be drawn of a run in which nothing happened', () => {
    expect(page({ occurrences: [], ended: [], lastedMs: 0 })).not.toMatch(/NaN|Infinity|undefined/);
  });
});
