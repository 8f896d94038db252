/** Each class of durations is this much wider than the one before, so that no quantile is farther off. */
const WIDTH = 1.05;

/** Durations in classes: however many are added, they take the same room. */
export class Durations {
  readonly #counts = new Map<number, number>();
  #total = 0;

  add(durationMs: number): void {
    // Whatever took less than a hundredth of a millisecond is in the first class.
    const index = Math.ceil(Math.log(Math.max(durationMs, 0.01)) / Math.log(WIDTH));
    this.#counts.set(index, (this.#counts.get(index) ?? 0) + 1);
    this.#total += 1;
  }

  /** What this part of the durations does not exceed, at most 5% too high; undefined when there are none. */
  quantileMs(part: number): number | undefined {
    let rest = Math.ceil(part * this.#total);
    for (const [index, count] of [...this.#counts].sort(([one], [other]) => one - other)) {
      rest -= count;
      if (rest <= 0) {
        return WIDTH ** index;
      }
    }
    return undefined;
  }
}
