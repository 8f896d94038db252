/** A list that begins further on each time, so that nobody always comes first, or always after the same neighbour. */
export function turned<T>(list: readonly T[], by: number): readonly T[] {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
