import { toJson } from './terminal.ts';

/** The columns of a row, in order. */
export type Columns<Row> = readonly {
  readonly name: string;
  readonly of: (row: Row) => string;
  /** A number is aligned to the right. */
  readonly isNumber?: true;
}[];

/** Number of rows that are buffered to find out how wide the columns are. A list may be larger than memory. */
const BUFFERED = 100;

/** Formats rows as a table. A column is as wide as its widest cell so far. */
export async function* tableLines<Row>(
  rows: AsyncIterable<Row>,
  columns: Columns<Row>,
): AsyncGenerator<string> {
  const widths = columns.map(() => 0);
  const align = (buffered: readonly (readonly string[])[]) => {
    for (const [index, width] of widths.entries()) {
      widths[index] = Math.max(width, ...buffered.map((cells) => cells[index]?.length ?? 0));
    }
    const pad = (text: string, index: number) =>
      columns[index]?.isNumber ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
    return buffered.map((cells) => cells.map(pad).join('  ').trimEnd());
  };
  let buffered: (readonly string[])[] = [columns.map(({ name }) => name.toUpperCase())];
  for await (const row of rows) {
    buffered.push(columns.map(({ of }) => of(row)));
    if (buffered.length === BUFFERED) {
      yield* align(buffered);
      buffered = [];
    }
  }
  yield* align(buffered);
}

/** Formats rows as CSV (RFC 4180). Lines end with CR and LF; the LF is added when a line is printed. */
export async function* csvLines<Row>(
  rows: AsyncIterable<Row>,
  columns: Columns<Row>,
): AsyncGenerator<string> {
  // Printed with the first row, so that nothing is printed if the list is refused.
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
