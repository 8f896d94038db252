import { randomInt } from 'node:crypto';

export { chanceFrom } from '../../client/load/workload.ts';

/** Seeds are whole numbers from 0 to below this. */
const SEEDS = 2 ** 31;

/**
 * Seed of a random test. It is the same for each run, so that the result of a commit does not change. `TEST_SEED=random` tries
 * another one, and prints it with the name of the test; a number repeats a run.
 */
export function seedOf(name: string): number {
  const chosen = process.env['TEST_SEED'];
  if (chosen === undefined || chosen === '') {
    return DEFAULT_SEED;
  }
  const seed = chosen === 'random' ? randomInt(SEEDS) : Number(chosen);
  if (!(Number.isInteger(seed) && seed >= 0 && seed < SEEDS)) {
    throw new Error(`TEST_SEED is "random" or a whole number from 0 to ${SEEDS - 1}, not ${chosen}`);
  }
  console.log(`${name}: TEST_SEED=${seed}`);
  return seed;
}

/** Any number will do. */
const DEFAULT_SEED = 2003;
