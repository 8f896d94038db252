import type { Occurrence } from './conductor.ts';
import type { Ended } from './ledger.ts';
import { KIND_NAMES, kindOf, titleOf } from './plan.ts';
import type { Summary, Timeline } from './summary.ts';
import { toText } from './text.ts';

/** Sizes in the units of the drawing. */
const LABELS = 170;
const PLOT = 830;
const ROW = 15;
const CURVE = 70;
const TICKS = 10;
/** What a browser can draw. */
const MAX_MARKS = 2000;

/** The colours differ on white and on black. */
const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
pre { font: 0.85rem/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
svg { width: 100%; min-width: 44rem; font-size: 11px; fill: currentColor; }
.grid { stroke: #8888; stroke-dasharray: 2 3; }
.line, .mark { fill: none; stroke-width: 1.5; }
.region0 { stroke: #3a86d8; } .region1 { stroke: #d9702a; } .unanswered { stroke: #d9485a; }
.process { fill: #d9485a; color: #d9485a; } .network { fill: #d98e04; color: #d98e04; }
.table { fill: #8a63d2; color: #8a63d2; } .client { fill: #2c9a5f; color: #2c9a5f; }
`;

/** A row of the drawing: a label on the left, and what happened on the axis of time. */
interface Row {
  readonly label: string;
  readonly height: number;
  readonly svg: string;
}

/** The report as one page that needs nothing else, no script, no font, no request: a drawing above the report in words. */
export function toHtml(summary: Summary): string {
  const title = `Chaos, seed ${summary.seed}: ${summary.ok ? 'passed' : 'NOT PASSED'}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
${drawTimeline(summary.timeline)}
<p>Faults hit <b class="process">a Region's process</b>, the way <b class="network">between clients and a Region</b>,
the way <b class="table">between a Region and DynamoDB</b> or <b class="client">a client process</b>.</p>
<pre>${escapeHtml(toText(summary))}</pre>
<p>The same seed gives the same faults at the same times, and the same calls in the same order for each caller. It does not
give the same interleaving: the processes are real.</p>
</body>
</html>
`;
}

/** Draws calls a second as lines, failovers and unknown outcomes as marks, and faults as bands, on one axis of time. */
function drawTimeline({ lastedMs, regionNames, occurrences, ended }: Timeline): string {
  const x = (atMs: number) => round(LABELS + (Math.min(atMs, lastedMs) / Math.max(1, lastedMs)) * PLOT);
  const seconds = Array.from({ length: Math.max(1, Math.ceil(lastedMs / 1000)) }, () => 0);
  const counts = regionNames.map((name) => {
    const answered = [...seconds];
    for (const { atMs, answer } of ended) {
      const second = Math.floor(atMs / 1000);
      if (answer.region === name && second < answered.length) {
        answered[second] = (answered[second] ?? 0) + 1;
      }
    }
    return answered;
  });
  const most = Math.max(1, ...counts.flat());
  const curves = regionNames.map((name, index): Row => {
    // Each second is drawn in its middle.
    const points = counts[index]?.map(
      (calls, second) => `${x(second * 1000 + 500)},${round(CURVE * (1 - calls / most))}`,
    );
    const svg = `<polyline class="line region${index}" points="${points?.join(' ')}"/>`;
    return { label: `${name}: calls/s, 0 to ${most}`, height: CURVE + 5, svg };
  });
  const marks = (label: string, isMarked: (each: Ended) => boolean): Row => {
    const marked = ended.filter((each) => isMarked(each) && each.atMs <= lastedMs).slice(0, MAX_MARKS);
    const svg = marked.map(({ atMs, answer: { region } }) => {
      const place = region === undefined ? 'unanswered' : `region${regionNames.indexOf(region)}`;
      return `<path class="mark ${place}" d="M${x(atMs)} 3v${ROW - 5}"/>`;
    });
    return { label, height: ROW, svg: svg.join('') };
  };
  const whereOf = ({ planned: { kind, target } }: Occurrence) =>
    kindOf(kind).place === 'client' ? `client-${target + 1}` : (regionNames[target] ?? '');
  const band = (occurrence: Occurrence) => {
    const { planned, beganMs, endedMs = lastedMs, hits } = occurrence;
    const [from, to] = [beganMs, Math.max(beganMs, Math.min(endedMs, lastedMs))];
    const title = `${whereOf(occurrence)}, ${titleOf(planned.kind)}: ${(from / 1000).toFixed(1)} to ${(to / 1000).toFixed(1)} s, ${hits} hit`;
    const width = round(Math.max(2, x(to) - x(from)));
    return `<rect class="band ${kindOf(planned.kind).place}" x="${x(from)}" y="2" width="${width}" height="${ROW - 4}"><title>${escapeHtml(title)}</title></rect>`;
  };
  const faults = [...new Set(occurrences.map(whereOf))].sort().flatMap((where) =>
    KIND_NAMES.flatMap((kind): Row | readonly [] => {
      const here = occurrences.filter((each) => whereOf(each) === where && each.planned.kind === kind);
      return here.length === 0
        ? []
        : { label: `${where} ${titleOf(kind)}`, height: ROW, svg: here.map(band).join('') };
    }),
  );
  const rows = [
    ...curves,
    marks('failovers', ({ failoverMs }) => failoverMs !== undefined),
    marks('unknown outcomes', ({ answer }) => answer.outcome.kind === 'unknown'),
    ...faults,
  ];
  let height = 0;
  const drawn = rows.map((row) => {
    const at = height;
    height += row.height;
    return `<g transform="translate(0 ${at})"><text x="${LABELS - 8}" y="${ROW - 4}" text-anchor="end">${escapeHtml(row.label)}</text>${row.svg}</g>`;
  });
  const grid = Array.from({ length: TICKS + 1 }, (_, tick) => {
    const atMs = (tick * lastedMs) / TICKS;
    return `<line class="grid" x1="${x(atMs)}" x2="${x(atMs)}" y1="0" y2="${height}"/><text x="${x(atMs)}" y="${height + 14}" text-anchor="middle">${round(atMs / 1000)} s</text>`;
  });
  return `<svg viewBox="0 0 ${LABELS + PLOT + 30} ${height + 20}" role="img" aria-label="Calls, faults, failovers and unknown outcomes over time">
${[...grid, ...drawn].join('\n')}
</svg>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Makes text safe inside of elements. */
function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
