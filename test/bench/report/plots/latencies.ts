import { axisFx, axisFy, dot, ruleY, text, tickX } from '@observablehq/plot';
import { CONTENDER_NAMES, CONTENDERS } from '../../contenders/contender.ts';
import type { ThroughputResult } from '../../throughput.ts';
import { number } from '../format.ts';
import { draw } from './draw.ts';
import { contenderColors, decades, perCallers, SPREAD_TITLES, tickLabel } from './scales.ts';

/** The median and the slow calls of each contender. */
export function drawLatencies(results: readonly ThroughputResult[]): string {
  const rows = results.flatMap(({ spread, callers, contenders }) =>
    CONTENDER_NAMES.map((name) => ({
      spread: SPREAD_TITLES[spread],
      callers: perCallers(callers),
      name: CONTENDERS[name].title,
      p50: contenders[name].latencies.p50Ms,
      p99: contenders[name].latencies.p99Ms,
    })),
  );
  const leastMs = Math.min(...rows.map(({ p50 }) => p50)) / 1.3;
  const mostMs = Math.max(...rows.map(({ p99 }) => p99));
  const place = { fx: 'spread', fy: 'callers', y: 'name' } as const;
  return draw('Latency of a call, p50 to p99, by contender, callers and accounts', {
    width: 960,
    height: 90 + 110 * new Set(rows.map(({ callers }) => callers)).size,
    marginLeft: 160,
    marginBottom: 42,
    marginRight: 90,
    fx: { label: null },
    fy: { label: null, domain: [...new Set(rows.map(({ callers }) => callers))] },
    x: {
      type: 'log',
      label: 'milliseconds, logarithmic',
      // Room for the figures at the ends of the lines.
      domain: [leastMs, mostMs * 8],
      grid: true,
      ticks: decades(leastMs, mostMs),
      tickFormat: tickLabel,
    },
    y: { label: null, domain: CONTENDER_NAMES.map((name) => CONTENDERS[name].title) },
    color: contenderColors(),
    marks: [
      axisFx({ anchor: 'top' }),
      axisFy({ anchor: 'right' }),
      ruleY(rows, { ...place, x1: 'p50', x2: 'p99', stroke: 'name', strokeWidth: 3 }),
      tickX(rows, { ...place, x: 'p99', stroke: 'name', strokeWidth: 2, insetTop: 3, insetBottom: 3 }),
      dot(rows, { ...place, x: 'p50', fill: 'name', r: 5 }),
      text(rows, {
        ...place,
        x: 'p99',
        text: ({ p50, p99 }: { p50: number; p99: number }) => `${number(p50)} to ${number(p99)}`,
        textAnchor: 'start',
        dx: 6,
      }),
    ],
  });
}
