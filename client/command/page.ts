/** Width of a page, in characters: a terminal of 80 shows it whole. */
const WIDTH = 78;
const MARGIN = 4;
/** Column at which explanations usually begin. */
const EXPLAINED_AT = 22;

/** A heading, and lines below it that are set in. */
export function section(heading: string, lines: readonly string[]): string {
  return [heading, ...lines.map((line) => `${' '.repeat(MARGIN)}${line}`.trimEnd())].join('\n');
}

/** A text as lines. */
export function paragraph(text: string): readonly string[] {
  return wrap(text, WIDTH - MARGIN);
}

/** A term and what it means; beside it where there is room, and otherwise below it. */
export function entry(term: string, meaning: string, column = EXPLAINED_AT): readonly string[] {
  const lines = wrap(meaning, WIDTH - MARGIN - column).map((line) => `${' '.repeat(column)}${line}`);
  const [first = '', ...others] = lines;
  return term.length > column - 2 ? [term, ...lines] : [`${term}${first.slice(term.length)}`, ...others];
}

/** Breaks a text between words; a word that is longer than a line has one of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
