import { wrap } from '../../../client/command/page.ts';
import type { Results } from '../results.ts';
import { leadOf, standingOf, TITLE } from './lead.ts';
import { numbers, type Section, type Table, words } from './section.ts';
import { sectionsOf } from './sections.ts';
import { tableLines, WIDTH } from './text-table.ts';

/** The report for a terminal, the goals first. No line is longer than 100 columns. */
export function toText(results: Results): string {
  const { goals, says } = standingOf(results);
  const goalsTable: Table = {
    columns: [words('Goal'), numbers('Figure'), words('To reach'), words('')],
    rows: goals.map(({ name, says: figure, goal, reached }) => [
      name,
      figure,
      goal,
      reached ? 'reached' : 'NOT REACHED',
    ]),
  };
  return [
    TITLE,
    ...leadOf(results).flatMap((paragraph) => wrap(paragraph, WIDTH)),
    '',
    ...tableLines(goalsTable),
    '',
    says,
    ...sectionsOf(results).flatMap(sectionLines),
  ].join('\n');
}

function sectionLines({ title, paragraphs, tables, points }: Section): readonly string[] {
  return [
    '',
    '',
    title,
    '='.repeat(title.length),
    ...paragraphs.flatMap((paragraph) => wrap(paragraph, WIDTH)),
    ...tables.flatMap((table) => ['', ...tableLines(table)]),
    ...(points.length === 0 ? [] : ['']),
    ...points.flatMap((point) =>
      wrap(point, WIDTH - 2).map((line, index) => `${index === 0 ? '-' : ' '} ${line}`),
    ),
  ];
}
