import type { Columns } from './columns.ts';

/** Writes rows as RFC 4180 has them: lines end with CR and LF, the latter of which every line is printed with. */
export async function* csvLines<Row>(
  rows: AsyncIterable<Row>,
  columns: Columns<Row>,
): AsyncGenerator<string> {
  // Printed with the first row: a list that is refused has no line at all.
  let header = [recordOf(columns.map(({ name }) => name))];
  for await (const row of rows) {
    yield* header;
    header = [];
    yield recordOf(columns.map(({ of }) => of(row)));
  }
  yield* header;
}

function recordOf(fields: readonly string[]): string {
  return `${fields.map(fieldOf).join(',')}\r`;
}

function fieldOf(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
