import { randomInt } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Seeds are whole numbers from 0 and below this. */
const SEEDS = 2 ** 31;

/**
 * Seed of a random test. The same for each run, so that a commit is green or red and not both; `TEST_SEED=random` explores,
 * and a number repeats what that found. A seed that was chosen is printed with the name of the test.
 */
export function seedOf(name: string): number {
  const chosen = process.env['TEST_SEED'];
  if (chosen === undefined || chosen === '') return DEFAULT_SEED;
  const seed = chosen === 'random' ? randomInt(SEEDS) : Number(chosen);
  if (!(Number.isInteger(seed) && seed >= 0 && seed < SEEDS)) {
    throw new Error(`TEST_SEED is "random" or a whole number from 0 to ${SEEDS - 1}, not ${chosen}`);
  }
  console.log(`${name}: TEST_SEED=${seed}`);
  return seed;
}

/** Any number will do. */
const DEFAULT_SEED = 2003;

/** The generator's first numbers after seeds like 1, 2 and 3 are nearly the same; after these they are not. */
const WARM_UP_DRAWS = 32;

/** Numbers from 0 up to 1, evenly spread and the same for the same seed. (`fc.double` favours the odd corners.) */
export function chanceFrom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  for (let draws = 0; draws < WARM_UP_DRAWS; draws += 1) uniformFloat64(generator);
  return () => uniformFloat64(generator);
}
