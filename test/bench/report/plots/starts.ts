import { barX, text } from '@observablehq/plot';
import { type ColdStartResult, PROGRAMS } from '../../cold-start/result.ts';
import { ms } from '../format.ts';
import type { Legend } from '../section.ts';
import { PROGRAM_TITLES } from '../sections/cold-start.ts';
import { SERIES } from '../style.ts';
import { draw } from './draw.ts';

/** The parts of a start, and in which colour. */
export const STARTS_LEGEND: readonly Legend[] = [
  { name: 'Node starts', color: SERIES[2] },
  { name: 'the bundle is read and run', color: SERIES[0] },
  { name: 'the first call', color: SERIES[1] },
];

/** Where the time of a start goes. */
export function drawStarts({ starts }: ColdStartResult): string {
  const names = STARTS_LEGEND.map(({ name }) => name);
  const rows = PROGRAMS.flatMap((program) => {
    const { bootMs, importMs, firstCallMs } = starts[program];
    return [bootMs, importMs, firstCallMs].map(({ median }, index) => ({
      program: PROGRAM_TITLES[program],
      part: names[index] ?? '',
      ms: median,
    }));
  });
  const totals = PROGRAMS.map((program) => ({
    program: PROGRAM_TITLES[program],
    ms: rows.filter((row) => row.program === PROGRAM_TITLES[program]).reduce((sum, row) => sum + row.ms, 0),
    answeredMs: starts[program].answeredMs.median,
  }));
  return draw('Time of a start by its parts, of the bank and of the SDK alone', {
    width: 960,
    height: 130,
    marginLeft: 90,
    marginTop: 5,
    marginBottom: 42,
    marginRight: 60,
    x: { label: 'milliseconds', grid: true },
    y: { label: null, domain: PROGRAMS.map((program) => PROGRAM_TITLES[program]) },
    color: { domain: names, range: STARTS_LEGEND.map(({ color }) => color) },
    marks: [
      barX(rows, {
        x: 'ms',
        y: 'program',
        fill: 'part',
        order: names,
        insetTop: 2,
        insetBottom: 2,
        insetLeft: 1,
      }),
      text(totals, {
        x: 'ms',
        y: 'program',
        text: ({ answeredMs }: { answeredMs: number }) => ms(answeredMs),
        textAnchor: 'start',
        dx: 5,
      }),
    ],
  });
}
