import type { Answer, Row, Table } from './question.ts';
import type { Spread } from './statistics.ts';

const WIDTH = 100;

/** An answer as plain text. */
export function formatAnswer({ title, note, loadBefore, tookSeconds, tables }: Answer): string {
  return [
    `\n${title}\n${'='.repeat(title.length)}`,
    `${wrap(note)}\nLoad before: ${loadBefore.toFixed(2)}. Took ${tookSeconds} s.`,
    ...tables.map(formatTable),
  ].join('\n');
}

function formatTable({ title, rows }: Table): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((name) => {
    const cells = [heading(name), ...rows.map((row) => format(row[name]))];
    const width = Math.max(...cells.map((cell) => cell.length));
    const isText = rows.some((row) => typeof row[name] === 'string');
    return cells.map((cell) => (isText ? cell.padEnd(width) : cell.padStart(width)));
  });
  const lines = [-1, ...rows.keys()].map((index) => columns.map((cells) => cells[index + 1]).join('  '));
  return ['', title, ...lines.map((line) => `  ${line}`.trimEnd())].join('\n');
}

/** `firstAnswerMs` as `first answer ms`. */
function heading(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function format(value: Row[string] | undefined): string {
  switch (typeof value) {
    case 'undefined':
      return '';
    case 'string':
      return value;
    case 'number':
      return formatNumber(value);
    case 'object':
      return formatSpread(value);
  }
}

function formatSpread({ median, p25, p75, samples }: Spread): string {
  const quartiles = samples === 1 ? '' : ` (${formatNumber(p25)}..${formatNumber(p75)})`;
  return formatNumber(median) + quartiles;
}

function formatNumber(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) {
    return Math.round(value).toLocaleString('en');
  }
  return value.toFixed(2);
}

function wrap(text: string): string {
  return text.replaceAll(new RegExp(`(.{1,${WIDTH}})(?: |$)`, 'g'), '$1\n').trimEnd();
}
