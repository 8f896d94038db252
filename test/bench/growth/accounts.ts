import { chanceFrom } from '../../support/seed.ts';
import type { MeasuredBank } from './bank.ts';
import { accountName, filledKey } from './fill.ts';
import type { Level } from './levels.ts';

/**
 * A table with so many accounts, of which each call takes one by chance. Whether an account is called for the first time or
 * again makes no difference: it remembers one reply, and the call gives that back.
 */
export function accountsLevel(
  bank: MeasuredBank,
  { count, mintedMs, seed }: { readonly count: number; readonly mintedMs: number; readonly seed: number },
): Level {
  const chance = chanceFrom(seed);
  const held = new Map<number, string>();
  let last = 0;
  return {
    level: count,
    callers: 1,
    call: async () => {
      const index = Math.floor(chance() * count);
      held.set(
        index,
        await bank.deposit(accountName(index), [held.get(index) ?? filledKey(mintedMs, index)]),
      );
      last = index;
    },
    look: () => bank.look(accountName(last)),
  };
}
