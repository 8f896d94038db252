import { escapeHtml, toPage } from '../../support/html.ts';
import type { Results } from '../results.ts';
import type { Goal } from './goals.ts';
import { leadOf, standingOf, TITLE } from './lead.ts';
import type { Column, Legend, Plot, Section, Table } from './section.ts';
import { sectionsOf } from './sections.ts';
import { STYLE } from './style.ts';

/** The report as one page that needs nothing else: no script, no font, no request. */
export function toHtml(results: Results): string {
  const { goals, says } = standingOf(results);
  return toPage({
    title: `${TITLE}: ${says}`,
    style: STYLE,
    body: [
      `<h1>${escapeHtml(TITLE)}: ${escapeHtml(says)}</h1>`,
      ...leadOf(results).map((paragraph) => `<p class="machine">${escapeHtml(paragraph)}</p>`),
      goalsTable(goals),
      ...sectionsOf(results).map(sectionHtml),
    ].join('\n'),
  });
}

function goalsTable(goals: readonly Goal[]): string {
  const rows = goals.map(
    ({ name, says, goal, reached }) =>
      `<tr><td>${escapeHtml(name)}</td><td class="number">${escapeHtml(says)}</td><td>${escapeHtml(goal)}</td><td class="verdict ${reached ? 'kept' : 'broken'}">${reached ? 'reached' : 'NOT REACHED'}</td></tr>`,
  );
  const heads = '<tr><th>Goal</th><th class="number">Figure</th><th>To reach</th><th></th></tr>';
  return `<div class="wide"><table class="goals"><thead>${heads}</thead><tbody>\n${rows.join('\n')}\n</tbody></table></div>`;
}

function sectionHtml({ title, paragraphs, tables, points, plots }: Section): string {
  const halves = plots.filter(({ isHalf }) => isHalf);
  return [
    `<h2>${escapeHtml(title)}</h2>`,
    ...paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
    ...plots.filter(({ isHalf }) => !isHalf).map(plotHtml),
    ...(halves.length === 0 ? [] : [`<div class="halves">\n${halves.map(plotHtml).join('\n')}\n</div>`]),
    ...tables.map(tableHtml),
    ...(points.length === 0
      ? []
      : [`<ul>\n${points.map((point) => `<li>${escapeHtml(point)}</li>`).join('\n')}\n</ul>`]),
  ].join('\n');
}

function plotHtml({ caption, legend = [], svg }: Plot): string {
  const key = legend.length === 0 ? '' : `<p class="key">${legend.map(legendHtml).join('')}</p>`;
  return `<figure><figcaption>${escapeHtml(caption)}</figcaption>${key}<div class="wide">${svg()}</div></figure>`;
}

function legendHtml({ name, color }: Legend): string {
  return `<span><span class="swatch" style="background:${color}"></span>${escapeHtml(name)}</span>`;
}

function tableHtml({ caption, columns, rows }: Table): string {
  const title = caption === undefined ? '' : `<caption>${escapeHtml(caption)}</caption>`;
  const heads = columns.map((column) => cell('th', column, column.name)).join('');
  const body = rows.map(
    (row) => `<tr>${columns.map((column, index) => cell('td', column, row[index] ?? '')).join('')}</tr>`,
  );
  return `<div class="wide"><table>${title}<thead><tr>${heads}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

function cell(tag: 'th' | 'td', { isNumber }: Column, text: string): string {
  return `<${tag}${isNumber ? ' class="number"' : ''}>${escapeHtml(text)}</${tag}>`;
}
