import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Seed of a random test: `TEST_SEED` to repeat a run, otherwise chance. Printed, so that a failure can be repeated. */
export function seedOf(name: string): number {
  const seed = Number(process.env['TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`${name}: TEST_SEED=${seed}`);
  return seed;
}

/** The generator's first numbers after seeds like 1, 2 and 3 are nearly the same; after these they are not. */
const WARM_UP_DRAWS = 32;

/** Numbers from 0 up to 1, evenly spread and the same for the same seed. (`fc.double` favours the odd corners.) */
export function chanceFrom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  for (let draws = 0; draws < WARM_UP_DRAWS; draws += 1) uniformFloat64(generator);
  return () => uniformFloat64(generator);
}
