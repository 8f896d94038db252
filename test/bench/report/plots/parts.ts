import { barX, text } from '@observablehq/plot';
import type { ColdStartResult } from '../../cold-start/result.ts';
import { kilobytes } from '../format.ts';
import { SERIES } from '../style.ts';
import { draw } from './draw.ts';

/** So many parts are told by name, and the rest together. */
const NAMED = 9;

/** What the bank's bundle is made of. */
export function drawParts({ parts }: ColdStartResult): string {
  const rest = parts.slice(NAMED);
  const shown = [
    ...parts.slice(0, NAMED),
    ...(rest.length === 0
      ? []
      : [{ name: `${rest.length} others`, bytes: rest.reduce((sum, { bytes }) => sum + bytes, 0) }]),
  ];
  return draw('Bytes of the bundle by the package that they come from', {
    width: 960,
    height: 52 + 24 * shown.length,
    marginLeft: 240,
    marginTop: 5,
    marginBottom: 42,
    marginRight: 70,
    x: { label: 'bytes in the bundle, in KB', grid: true, transform: (bytes: number) => bytes / 1000 },
    y: { label: null, domain: shown.map(({ name }) => name) },
    marks: [
      barX(shown, { x: 'bytes', y: 'name', fill: SERIES[0] }),
      text(shown, {
        x: 'bytes',
        y: 'name',
        text: ({ bytes }: { bytes: number }) => kilobytes(bytes),
        textAnchor: 'start',
        dx: 5,
      }),
    ],
  });
}
