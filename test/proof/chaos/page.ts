import type { Check } from '../../../client/load/check.ts';
import { MAX_EXAMPLES, stateOf } from '../../../client/load/report.ts';
import { drawTimeline, escapeHtml } from './chart.ts';
import { kindOf, titleOf } from './kinds.ts';
import { STYLE } from './style.ts';
import type { FaultTotal, Summary } from './summary.ts';
import { bookLine, callsLine, failoverLine, historyLine, movedLine, unknownLine } from './text.ts';

/** The report as one page that needs nothing else: no script, no font, no request. */
export function toHtml(summary: Summary): string {
  const { seed, ok, checks, faults, command, timeline } = summary;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Chaos, seed ${seed}: ${ok ? 'passed' : 'not passed'}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Chaos, seed ${seed}: <span class="${ok ? 'kept' : 'broken'}">${ok ? 'passed' : 'NOT PASSED'}</span></h1>
<p>${escapeHtml(lead(summary))}</p>
<pre>${escapeHtml(command)}</pre>
<div class="wide">${drawTimeline(timeline)}</div>
<p class="key">
<span><span class="swatch process"></span>a Region's process</span>
<span><span class="swatch network"></span>between clients and a Region</span>
<span><span class="swatch table"></span>between a Region and DynamoDB</span>
<span><span class="swatch client"></span>a client process</span>
</p>
<h2>What was promised</h2>
<div class="wide"><table>
<thead><tr><th></th><th>Promise</th><th class="number">Checked</th><th></th></tr></thead>
<tbody>
${checks.map(checkRow).join('\n')}
</tbody>
</table></div>
<h2>What happened</h2>
<ul>
${[callsLine, failoverLine, unknownLine, movedLine, bookLine, historyLine].map((line) => `<li>${escapeHtml(line(summary))}</li>`).join('\n')}
</ul>
<h2>What went wrong on purpose</h2>
<div class="wide"><table>
<thead><tr><th>Fault</th><th class="number">Times</th><th class="number">Hit</th><th></th></tr></thead>
<tbody>
${faults.map(faultRow).join('\n')}
</tbody>
</table></div>
<p>The same seed gives the same faults at the same times, and the same calls in the same order for each caller. It does not
give the same interleaving: the processes are real.</p>
</body>
</html>
`;
}

function lead({ lastedMs, clients, callersPerClient, interrupted, sabotage }: Summary): string {
  const time = `${(lastedMs / 1000).toFixed(1)} seconds${interrupted ? ', ended early' : ''}`;
  const sabotaged =
    sabotage === undefined ? '' : ` The table was sabotaged (${sabotage}), which has to be found out.`;
  return `A bank in two Regions on one machine, ${clients} client processes with ${callersPerClient} callers each, ${time}.${sabotaged}`;
}

function checkRow(check: Check): string {
  const { name, says, checked, broken, open } = check;
  const verdict = stateOf(check);
  const examples = [...broken, ...open].slice(0, MAX_EXAMPLES);
  const more = broken.length + open.length - examples.length;
  const listed = [...examples, ...(more > 0 ? [`and ${more} more`] : [])]
    .map((example) => `<br><code>${escapeHtml(example)}</code>`)
    .join('');
  const cells = [
    `<td>${escapeHtml(name)}</td>`,
    `<td>${escapeHtml(says)}${listed}</td>`,
    `<td class="number">${checked}</td>`,
    `<td class="verdict ${verdict === 'ok' ? 'kept' : 'broken'}">${verdict}</td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}

function faultRow({ kind, times, hits }: FaultTotal): string {
  const { says, place } = kindOf(kind);
  const cells = [
    `<td><span class="swatch ${place}"></span>${titleOf(kind)}</td>`,
    `<td class="number">${times}</td>`,
    `<td class="number">${hits}</td>`,
    `<td>${escapeHtml(says)}</td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}
