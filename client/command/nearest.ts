/** Most changes of one letter that a slip of the fingers is taken to make. */
const MAX_CHANGES = 2;

/** The word that was probably meant; undefined when none is near. Of several that are as near, the first. */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map((word) => ({ word, changes: changesBetween(typed.toLowerCase(), word) }))
    .filter(({ word, changes }) => changes <= Math.min(MAX_CHANGES, Math.floor(word.length / 2)))
    .sort((one, other) => one.changes - other.changes);
  return best?.word;
}

/** Letters to change, add or leave out, and neighbours to swap, until one word is the other (optimal string alignment). */
export function changesBetween(one: string, other: string): number {
  // A word this much longer is far away in any case, and its table would be as large as somebody likes.
  if (Math.abs(one.length - other.length) > MAX_CHANGES) {
    return Math.abs(one.length - other.length);
  }
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (isSame ? 0 : 1),
          isSwapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, other.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
