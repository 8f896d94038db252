export { chanceFrom } from '../../client/command/hammer/chance.ts';

/** A whole number from 1 to a limit. */
export function upTo(limit: number, chance: () => number): number {
  return 1 + Math.floor(chance() * limit);
}
