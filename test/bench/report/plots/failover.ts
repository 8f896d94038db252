import { axisFy, dot, ruleY, text } from '@observablehq/plot';
import { CALLERS, type OutageFigures } from '../../failover/result.ts';
import { ms } from '../format.ts';
import { CALLER_TITLES, FAULT_TITLES } from '../sections/failover.ts';
import { SERIES } from '../style.ts';
import { draw } from './draw.ts';
import { decades, tickLabel } from './scales.ts';

/** Shorter times are drawn as this one: a logarithmic scale has no room for nothing. */
const LEAST_MS = 1;

/** What the first call and those that follow take while the preferred Region is out. */
export function drawFailover(outages: readonly OutageFigures[]): string {
  const rows = outages.map(({ fault, caller, firstMs, followingMs }) => ({
    fault: FAULT_TITLES[fault],
    caller: CALLER_TITLES[caller],
    first: Math.max(LEAST_MS, firstMs.median),
    following: Math.max(LEAST_MS, followingMs.median),
  }));
  const names = CALLERS.map((caller) => CALLER_TITLES[caller]);
  const faults = [...new Set(rows.map(({ fault }) => fault))];
  const mostMs = Math.max(...rows.flatMap(({ first, following }) => [first, following]));
  const place = { fy: 'fault', y: 'caller' } as const;
  return draw('What a call takes while the preferred Region is out, by fault and caller', {
    width: 960,
    height: 70 + 105 * faults.length,
    marginLeft: 110,
    marginBottom: 42,
    marginRight: 90,
    fy: { label: null, domain: faults },
    x: {
      type: 'log',
      label: 'milliseconds, logarithmic',
      // Room for the figures beside the dots.
      domain: [LEAST_MS, mostMs * 12],
      grid: true,
      ticks: decades(LEAST_MS, mostMs),
      tickFormat: tickLabel,
    },
    y: { label: null, domain: names },
    color: { domain: names, range: [...SERIES] },
    marks: [
      axisFy({ anchor: 'right' }),
      ruleY(rows, { ...place, x1: 'first', x2: 'following', stroke: 'caller', strokeDasharray: '2 3' }),
      dot(rows, { ...place, x: 'first', fill: 'caller', r: 5 }),
      dot(rows, { ...place, x: 'following', stroke: 'caller', strokeWidth: 2, r: 4, fill: 'var(--paper)' }),
      text(rows, {
        ...place,
        x: ({ first, following }: { first: number; following: number }) => Math.max(first, following),
        text: ({ first, following }: { first: number; following: number }) =>
          `${ms(first)}, then ${ms(following)}`,
        textAnchor: 'start',
        dx: 9,
      }),
    ],
  });
}
