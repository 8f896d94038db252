/** Numbers from 0 up to 1 that are the same for the same seed (mulberry32): what was asked can be asked again. */
export function chanceFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 up to a limit, which it does not reach. */
export function below(limit: number, chance: () => number): number {
  return Math.floor(chance() * limit);
}
