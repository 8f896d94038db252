/** Seed of a random test: `TEST_SEED` to repeat a run, otherwise chance. Printed, so that a failure can be repeated. */
export function seedOf(name: string): number {
  const seed = Number(process.env['TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`${name}: TEST_SEED=${seed}`);
  return seed;
}
