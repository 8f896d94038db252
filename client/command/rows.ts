import { toJson } from './terminal.ts';

/** The columns of a row, in order. */
export type Columns<Row> = readonly {
  readonly name: string;
  readonly of: (row: Row) => string;
  /** Numbers are aligned to the right. */
  readonly isNumber?: true;
}[];

/** Rows that are held to find out how wide their columns are: a list may be longer than memory. */
const HELD = 100;

/** Writes rows in columns that are as wide as what they hold so far. */
export async function* tableLines<Row>(
  rows: AsyncIterable<Row>,
  columns: Columns<Row>,
): AsyncGenerator<string> {
  const widths = columns.map(() => 0);
  const align = (held: readonly (readonly string[])[]) => {
    for (const [index, width] of widths.entries()) {
      widths[index] = Math.max(width, ...held.map((cells) => cells[index]?.length ?? 0));
    }
    const pad = (text: string, index: number) =>
      columns[index]?.isNumber ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
    return held.map((cells) => cells.map(pad).join('  ').trimEnd());
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

/** Writes rows as RFC 4180 says: lines end with CR and LF, the latter of which every line is printed with. */
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
  const quoted = fields.map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text));
  return `${quoted.join(',')}\r`;
}

export async function* jsonLines(rows: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const row of rows) {
    yield toJson(row);
  }
}
