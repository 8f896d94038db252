import { KIND_NAMES, kindOf, titleOf } from './kinds.ts';
import type { Band, Timeline } from './summary.ts';
import type { Mark } from './tallies.ts';

/** Sizes in the units of the drawing. */
const GUTTER = 128;
const PLOT = 850;
const RIGHT = 22;
const ROW = 15;
const TITLE = 24;
const LINES = 150;
const AXIS = 26;
const WIDTH = GUTTER + PLOT + RIGHT;
/** Round steps of an axis, of which the first is taken that needs few enough of them. */
const STEPS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200];
const MAX_TICKS = 12;
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

/** One part of the drawing, as high as it is. */
interface Part {
  readonly height: number;
  readonly svg: string;
}

/** Draws the timeline: calls a second as lines, failovers and unknown outcomes as marks, faults as bands, on one axis of time. */
export function drawTimeline(timeline: Timeline): string {
  const parts = [
    lines(timeline),
    ...marks(timeline),
    ...timeline.regions.flatMap(({ name }) => regionBands(name, timeline)),
    ...clientBands(timeline),
  ];
  let y = 0;
  const placed = parts.map(({ height, svg }) => {
    const at = y;
    y += height;
    return `<g transform="translate(0 ${at})">${svg}</g>`;
  });
  const height = y + AXIS;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Calls, faults, failovers and unknown outcomes over time">`,
    axis(timeline.lastedMs, y),
    ...placed,
    '</svg>',
  ].join('\n');
}

function lines({ regions, lastedMs }: Timeline): Part {
  const most = Math.max(1, ...regions.flatMap(({ perSecond }) => perSecond));
  const y = (calls: number) => TITLE + LINES - (calls / most) * LINES;
  const drawn = regions.map(({ name, perSecond }, index) => {
    const points = perSecond.map((calls, second) => {
      // Drawn in the middle of its second, the last of which may have been a short one.
      const atMs = Math.min(lastedMs, second * 1000 + 500);
      return `${round(x(atMs, lastedMs))},${round(y(calls))}`;
    });
    return `<polyline class="line region${index}" points="${points.join(' ')}"><title>${escapeHtml(name)}</title></polyline>`;
  });
  const legend = regions.map(
    ({ name }, index) =>
      `<text class="legend region${index}" x="${GUTTER + index * 110}" y="14">${escapeHtml(name)}</text>`,
  );
  return {
    height: TITLE + LINES + 8,
    svg: [
      `<text class="title" x="0" y="14">Calls a second</text>`,
      ...legend,
      `<text class="label" x="${GUTTER - 8}" y="${TITLE + 5}" text-anchor="end">${most}</text>`,
      `<text class="label" x="${GUTTER - 8}" y="${TITLE + LINES + 4}" text-anchor="end">0</text>`,
      `<line class="rule" x1="${GUTTER}" x2="${GUTTER + PLOT}" y1="${TITLE + LINES}" y2="${TITLE + LINES}"/>`,
      ...drawn,
    ].join(''),
  };
}

function marks({ marks: all, regions, lastedMs }: Timeline): Part[] {
  const row = (kind: Mark['kind'], label: string): Part => {
    const ofKind = all.filter((mark) => mark.kind === kind && mark.atMs <= lastedMs);
    const path = (region: string | undefined) =>
      ofKind
        .filter((mark) => mark.region === region)
        .map(({ atMs }) => `M${round(x(atMs, lastedMs))} 3v${ROW - 5}`)
        .join('');
    const drawn = [undefined, ...regions.map(({ name }) => name)].map(
      (region, index) =>
        `<path class="mark ${region === undefined ? 'unanswered' : `region${index - 1}`}" d="${path(region)}"/>`,
    );
    return {
      height: ROW,
      svg: `${labelOf(label)}<g><title>${label}: ${ofKind.length}</title>${drawn.join('')}</g>`,
    };
  };
  return [row('failover', 'failovers'), row('unknown', 'unknown outcomes')];
}

/** One row for each kind of fault that happened in a Region, under its name. */
function regionBands(region: string, { bands, lastedMs }: Timeline): Part[] {
  const here = bands.filter(({ where }) => where === region);
  const kinds = KIND_NAMES.filter((kind) => here.some((band) => band.kind === kind));
  const rows = kinds.map((kind) =>
    row(
      titleOf(kind),
      here.filter((band) => band.kind === kind),
      lastedMs,
    ),
  );
  return [heading(region), ...rows];
}

/** One row for each client process that anything happened to. */
function clientBands({ bands, lastedMs }: Timeline): Part[] {
  const here = bands.filter(({ kind }) => kindOf(kind).place === 'client');
  const clients = [...new Set(here.map(({ where }) => where))].sort();
  const rows = clients.map((client) =>
    row(
      client,
      here.filter(({ where }) => where === client),
      lastedMs,
    ),
  );
  return rows.length === 0 ? [] : [heading('client kills'), ...rows];
}

function row(label: string, bands: readonly Band[], lastedMs: number): Part {
  return { height: ROW, svg: labelOf(label) + bands.map((band) => rectangle(band, lastedMs)).join('') };
}

function heading(title: string): Part {
  const text = `<text class="title" x="0" y="${TITLE - 7}">${escapeHtml(title)}</text>`;
  return { height: TITLE, svg: `${text}<line class="rule" x1="0" x2="${GUTTER + PLOT}" y1="2" y2="2"/>` };
}

function rectangle({ kind, where, fromMs, toMs, hits }: Band, lastedMs: number): string {
  const left = x(fromMs, lastedMs);
  const width = Math.max(2, x(toMs, lastedMs) - left);
  const { place } = kindOf(kind);
  const says = `${where}, ${titleOf(kind)}: ${seconds(fromMs)} to ${seconds(toMs)} s, ${hits} hit`;
  return `<rect class="band ${place}" x="${round(left)}" y="2" width="${round(width)}" height="${ROW - 4}" rx="2"><title>${escapeHtml(says)}</title></rect>`;
}

function axis(lastedMs: number, height: number): string {
  const lasted = lastedMs / 1000;
  const step = STEPS.find((each) => lasted / each <= MAX_TICKS) ?? 3600;
  const ticks = Array.from({ length: Math.floor(lasted / step) + 1 }, (_, index) => index * step);
  return ticks
    .map((second) => {
      const at = round(x(second * 1000, lastedMs));
      return `<line class="grid" x1="${at}" x2="${at}" y1="${TITLE}" y2="${height}"/><text class="label" x="${at}" y="${height + 16}" text-anchor="middle">${second} s</text>`;
    })
    .join('');
}

function labelOf(label: string): string {
  return `<text class="label" x="${GUTTER - 8}" y="${ROW - 4}" text-anchor="end">${escapeHtml(label)}</text>`;
}

function x(atMs: number, lastedMs: number): number {
  return GUTTER + (Math.min(atMs, lastedMs) / Math.max(1, lastedMs)) * PLOT;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function seconds(atMs: number): string {
  return (atMs / 1000).toFixed(1);
}

/** Makes text safe inside of elements and of attributes in quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
