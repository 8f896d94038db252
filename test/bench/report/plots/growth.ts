import { dot, line, rectY, ruleY } from '@observablehq/plot';
import type { Dimension, GrowthLevel } from '../../growth/result.ts';
import type { Legend } from '../section.ts';
import { SERIES } from '../style.ts';
import { draw } from './draw.ts';
import { decades, tickLabel } from './scales.ts';

/** What is drawn, and in which colour. */
export const GROWTH_LEGEND: readonly Legend[] = [
  { name: 'latency', color: SERIES[1] },
  { name: 'processor time', color: SERIES[0] },
  { name: 'units', color: SERIES[2] },
];

const AXES: Readonly<Record<Dimension, string>> = {
  accounts: 'accounts in the table',
  entries: 'entries of the account',
  retries: 'entries of the account',
  lateKeys: 'entries of the account',
  statements: 'entries of the account',
  callers: 'callers at once',
};

/** How flat a cost is meant to be. */
const FLAT = { from: 0.9, to: 1.1 };

/** What a call costs as one thing grows, divided by what it costs at the first level. */
export function drawGrowth(dimension: Dimension, levels: readonly GrowthLevel[]): string {
  const units = (level: GrowthLevel) => level.writeUnits + level.readUnits;
  const rows = levels.flatMap((level) => {
    const x = level.level;
    return [
      { x, name: 'latency', ratio: level.latencyVsFirst.median },
      { x, name: 'processor time', ratio: level.processorVsFirst.median },
      { x, name: 'units', ratio: units(level) / units(levels[0] ?? level) },
    ];
  });
  const isFlat = dimension !== 'callers';
  const xs = rows.map(({ x }) => x);
  const most = Math.max(...rows.map(({ ratio }) => ratio));
  return draw(`What a call costs by ${AXES[dimension]}, divided by the first level`, {
    width: 460,
    height: 240,
    marginLeft: 45,
    marginRight: 35,
    marginBottom: 42,
    x: {
      type: 'log',
      label: AXES[dimension],
      ticks: decades(Math.min(...xs), Math.max(...xs)),
      tickFormat: tickLabel,
    },
    y: isFlat
      ? { label: 'cost / first level', domain: [0, Math.max(1.5, most * 1.1)], grid: true, ticks: 4 }
      : {
          type: 'log',
          label: 'cost / first level, logarithmic',
          domain: [0.5, Math.max(2, most) * 1.2],
          grid: true,
          ticks: decades(0.5, Math.max(2, most) * 1.2),
          tickFormat: tickLabel,
        },
    color: { domain: GROWTH_LEGEND.map(({ name }) => name), range: GROWTH_LEGEND.map(({ color }) => color) },
    marks: [
      isFlat
        ? rectY([FLAT], {
            x1: Math.min(...xs),
            x2: Math.max(...xs),
            y1: 'from',
            y2: 'to',
            fill: 'var(--rule)',
            fillOpacity: 0.5,
          })
        : ruleY([1], { stroke: 'var(--rule)' }),
      line(rows, { x: 'x', y: 'ratio', stroke: 'name', strokeWidth: 2 }),
      dot(rows, { x: 'x', y: 'ratio', fill: 'name', r: 3.5 }),
    ],
  });
}
