import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { wrap } from '../../client/command/page.ts';
import { count, listed, number } from './report/format.ts';
import { type Goal, goals } from './report/goals.ts';
import { toHtml } from './report/html.ts';
import { inventedResults, inventedSummary } from './report/invented.ts';
import { numbers, words } from './report/section.ts';
import { sectionsOf } from './report/sections.ts';
import { toText } from './report/text.ts';
import { tableLines, WIDTH } from './report/text-table.ts';
import type { Summary } from './summary.ts';

const results = inventedResults();
const text = toText(results);
const html = toHtml(results);
const { document } = parseHTML(html);
const sections = sectionsOf(results);

/** What a browser would have to fetch, or to run. The names of XML are no addresses. */
const FOREIGN = /<script|<link|<img|<iframe|@import|url\(|\bsrc=|\bhref=|https?:(?!\/\/www\.w3\.org\/)/;

describe('the goals', () => {
  const missed = (change: Partial<Summary>): readonly Goal[] =>
    goals(inventedSummary(change)).filter(({ reached }) => !reached);

  test('are reached at their bounds', () => {
    expect(missed({})).toEqual([]);
  });

  const failover = inventedSummary().failover;
  const growth = inventedSummary().growth;
  test.each<Partial<Summary>>([
    { requestsPerCall: 1.21 },
    { writeUnitsPerCall: 1.36 },
    { cacheRequestsPerCall: 0.11 },
    { cacheWriteUnitsPerCall: 1.01 },
    { throughputVsBare: { '1': 0.9, '16': 0.84 } },
    { throughputVsPowertools: { '64': 2.49 } },
    { throughputVsTransaction: { '1': 1 } },
    { handlerCpuVsBare: 1.36 },
    { clientVsFetch: 0.89 },
    { clientVsFetchToRegion: 0.89 },
    { coldStartVsSdkOnly: 1.21 },
    { bundleVsSdkOnly: 1.21 },
    { failover: { ...failover, killedExtraMs: 10.1 } },
    { failover: { ...failover, frozenFirstMs: 2101 } },
    { failover: { ...failover, frozenHedgedMs: 301 } },
    { failover: { ...failover, laterExtraMs: 2.1 } },
    { growth: { ...growth, accountsVsSmallest: 1.11 } },
    { growth: { ...growth, entriesVsFewest: 0.89 } },
    { growth: { ...growth, retryRequests: 3.1 } },
    { growth: { ...growth, statementRequests: 4 } },
    { growth: { ...growth, headBytes: 8_001 } },
    { handlerCpuVsBare: Number.NaN },
  ])('are missed by one with %j, and by nothing else', (change) => {
    expect(missed(change)).toHaveLength(1);
  });

  test('are told for each number of callers that there was', () => {
    const told = goals(inventedSummary({ throughputVsBare: { '1': 0.9, '4': 0.8 } }));
    const bare = told.filter(({ name }) => name.includes('UpdateItem'));
    expect(bare.map(({ name, says, reached }) => [name.split(', ').at(-1), says, reached])).toEqual([
      ['1 caller', '0.90', true],
      ['4 callers', '0.80', false],
    ]);
  });
});

describe('the report for a terminal', () => {
  const lines = text.split('\n');

  test('tells the machine, then the goals, then everything else', () => {
    const places = ['2 cores', '27 of 27 goals reached', ...sections.map(({ title }) => `\n${title}\n`)].map(
      (words) => text.indexOf(words),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(text).toContain('Absolute figures hold for this machine alone');
  });

  test('says loudly which goal was not reached', () => {
    const told = toText(inventedResults({ summary: inventedSummary({ handlerCpuVsBare: 1.5 }) }));
    expect(told).toContain('26 of 27 goals reached.');
    expect(told).toMatch(/Processor time of the function.* 1\.50 {2}at most 1\.35 +NOT REACHED/);
  });

  test('keeps to 100 columns', () => {
    expect(lines.filter((line) => line.length > WIDTH)).toEqual([]);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
  });

  test('says that a quick run is one', () => {
    const options = { kind: 'quick', seed: 1, tookSeconds: 90 } as const;
    expect(toText(inventedResults({ options }))).toContain('A quick run shows large differences only.');
    expect(text).not.toContain('quick');
  });
});

describe('the page', () => {
  test('fetches nothing and runs nothing', () => {
    expect(html).not.toMatch(FOREIGN);
  });

  test('has every section, sentence and cell that the terminal has', () => {
    const titles = [...document.querySelectorAll('h2')].map(({ textContent }) => textContent);
    expect(titles).toEqual(sections.map(({ title }) => title));
    const cells = [...document.querySelectorAll('td')].map(({ textContent }) => textContent);
    const told = sections.flatMap(({ tables }) => tables.flatMap(({ rows }) => rows.flat()));
    expect(cells.slice(-told.length)).toEqual(told);
    const points = [...document.querySelectorAll('li')].map(({ textContent }) => textContent);
    expect(points).toEqual(sections.flatMap((section) => section.points));
    const flat = text.replaceAll(/\s+(- )?/g, ' ');
    for (const point of points) expect(flat).toContain(point);
  });

  test('has a drawing for each plot, with a label', () => {
    const drawings = [...document.querySelectorAll('svg')];
    expect(drawings).toHaveLength(sections.flatMap(({ plots }) => plots).length);
    for (const drawing of drawings) {
      expect(drawing.getAttribute('aria-label')).toBeTruthy();
      expect(drawing.getAttribute('role')).toBe('img');
      expect(drawing.outerHTML).not.toContain('NaN');
    }
  });

  test('draws what was measured: a dot for each of the contenders beside the bank', () => {
    const [throughput] = document.querySelectorAll('svg');
    expect(throughput?.querySelectorAll('circle')).toHaveLength(3 * 3 * 2);
  });

  test('has each of its colours in the light and in the dark', () => {
    const used = new Set([...html.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name));
    const [, dark = ''] = html.split('prefers-color-scheme: dark', 2);
    for (const name of used) {
      expect(html.split(`${name}:`).length, `${name} is defined twice`).toBeGreaterThanOrEqual(3);
    }
    expect(dark).not.toBe('');
  });

  test('takes nothing as markup that it was told', () => {
    expect(html).toContain('A Processor &lt;of&gt; 3 &amp; more GHz');
    const parts = [{ name: '<b>"&', bytes: 10 }];
    const page = toHtml(inventedResults({ coldStart: { ...results.coldStart, parts } }));
    expect(parseHTML(page).document.querySelector('b')).toBeNull();
    expect(page).toContain('&lt;b&gt;');
  });

  test('marks a goal that was not reached', () => {
    const page = toHtml(inventedResults({ summary: inventedSummary({ requestsPerCall: 2 }) }));
    const broken = [...parseHTML(page).document.querySelectorAll('.broken')];
    expect(broken.map(({ textContent }) => textContent)).toEqual(['NOT REACHED']);
    expect(document.querySelectorAll('.broken')).toHaveLength(0);
  });
});

describe('a table of the terminal', () => {
  test('puts words to the left and numbers to the right', () => {
    const table = {
      columns: [words('Name'), numbers('Calls')],
      rows: [
        ['one', '5'],
        ['three', '1,234'],
      ],
    };
    expect(tableLines(table)).toEqual(['Name   Calls', '-----  -----', 'one        5', 'three  1,234']);
  });

  test('wraps its widest words when it would not fit', () => {
    const long = 'word '.repeat(30).trim();
    const lines = tableLines({ columns: [words('A'), words('B')], rows: [['x'.repeat(20), long]] });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(WIDTH);
    expect(lines.join(' ').match(/word/g)).toHaveLength(30);
  });
});

test.each([
  [0, '0'],
  [0.404, '0.40'],
  [-0.2, '-0.20'],
  [9.999, '10.00'],
  [12.34, '12.3'],
  [104.5, '105'],
  [10_021, '10,021'],
  [1_234_567.8, '1,234,568'],
])('the number %d is told as %s', (value, says) => {
  expect(number(value)).toBe(says);
});

test('lists and counts are told as people do', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c']);
  expect([count(1, 'time'), count(1200, 'time')]).toEqual(['1 time', '1,200 times']);
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
});
