import { wrap } from '../../../client/command/page.ts';
import type { Column, Table } from './section.ts';

/** Columns of a terminal that the report keeps to. */
export const WIDTH = 100;

const GAP = '  ';

/** A table as lines: words to the left, numbers to the right. What does not fit is wrapped in the widest column of words. */
export function tableLines({ caption, columns, rows }: Table): readonly string[] {
  const widths = fitted(
    columns,
    columns.map(({ name }, index) => Math.max(name.length, ...rows.map((row) => cellOf(row, index).length))),
  );
  const heads = columns.map(({ name }) => name);
  return [
    ...(caption === undefined ? [] : wrap(caption, WIDTH)),
    ...rowLines(columns, widths, heads),
    widths.map((width) => '-'.repeat(width)).join(GAP),
    ...rows.flatMap((row) => rowLines(columns, widths, row)),
  ];
}

function fitted(columns: readonly Column[], widths: readonly number[]): readonly number[] {
  const total = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
  const widest = Math.max(...widths.filter((_, index) => columns[index]?.isNumber === false));
  const index = widths.indexOf(widest);
  return total <= WIDTH || index < 0 ? widths : widths.with(index, widest - (total - WIDTH));
}

function rowLines(
  columns: readonly Column[],
  widths: readonly number[],
  row: readonly string[],
): readonly string[] {
  const cells = columns.map(({ isNumber }, index) => {
    const width = widths[index] ?? 0;
    const cell = cellOf(row, index);
    return isNumber ? [cell.padStart(width)] : wrap(cell, width).map((line) => line.padEnd(width));
  });
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, index) => lines[line] ?? ' '.repeat(widths[index] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

function cellOf(row: readonly string[], index: number): string {
  return row[index] ?? '';
}
