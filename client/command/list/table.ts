import type { Columns } from './columns.ts';

/** Rows that are held to find out how wide their columns are: a list may be longer than memory. */
const HELD = 100;

/** Writes rows below each other, in columns that are as wide as what they hold so far. */
export async function* tableLines<Row>(
  rows: AsyncIterable<Row>,
  columns: Columns<Row>,
): AsyncGenerator<string> {
  const widths = columns.map(() => 0);
  const align = (held: readonly (readonly string[])[]) => {
    for (const [index, width] of widths.entries()) {
      widths[index] = Math.max(width, ...held.map((cells) => cells[index]?.length ?? 0));
    }
    const cellOf = (text: string, index: number) =>
      columns[index]?.isNumber ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
    return held.map((cells) => cells.map(cellOf).join('  ').trimEnd());
  };
  let held: (readonly string[])[] = [columns.map(({ name }) => name.toUpperCase())];
  for await (const row of rows) {
    held.push(columns.map(({ of }) => of(row)));
    if (held.length === HELD) {
      yield* align(held);
      held = [];
    }
  }
  yield* align(held);
}
