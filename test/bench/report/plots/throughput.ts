import { axisFx, axisFy, dot, ruleX, ruleY, text } from '@observablehq/plot';
import { CONTENDER_NAMES, CONTENDERS } from '../../contenders/contender.ts';
import type { ThroughputResult } from '../../throughput.ts';
import { ratio } from '../format.ts';
import { draw } from './draw.ts';
import { contenderColors, perCallers, SPREAD_TITLES } from './scales.ts';

/** Calls a second of the bank divided by those of the others. */
export function drawThroughput(results: readonly ThroughputResult[]): string {
  const others = CONTENDER_NAMES.filter((name) => name !== 'bank');
  const rows = results.flatMap(({ spread, callers, contenders }) =>
    others.map((name) => ({
      spread: SPREAD_TITLES[spread],
      callers: perCallers(callers),
      name: CONTENDERS[name].title,
      ...contenders[name].bankVs,
    })),
  );
  const place = { fx: 'spread', fy: 'callers', y: 'name' } as const;
  return draw('Calls a second of the bank divided by those of another, by contender, callers and accounts', {
    width: 960,
    height: 90 + 95 * new Set(rows.map(({ callers }) => callers)).size,
    marginLeft: 160,
    marginBottom: 42,
    marginRight: 90,
    fx: { label: null },
    fy: { label: null, domain: [...new Set(rows.map(({ callers }) => callers))] },
    x: {
      label: 'bank / contender, calls a second',
      domain: [0, Math.max(1, ...rows.map(({ p90 }) => p90)) * 1.2],
      grid: true,
      ticks: 5,
    },
    y: { label: null, domain: others.map((name) => CONTENDERS[name].title) },
    color: contenderColors(),
    marks: [
      axisFx({ anchor: 'top' }),
      axisFy({ anchor: 'right' }),
      ruleX([1], { strokeDasharray: '4 3' }),
      ruleY(rows, { ...place, x1: 'p10', x2: 'p90', stroke: 'name', strokeWidth: 3 }),
      dot(rows, { ...place, x: 'median', fill: 'name', r: 5 }),
      text(rows, {
        ...place,
        x: 'p90',
        text: ({ median }: { median: number }) => ratio(median),
        textAnchor: 'start',
        dx: 8,
      }),
    ],
  });
}
