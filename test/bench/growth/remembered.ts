import type { MeasuredBank } from './bank.ts';
import { GrowthError } from './errors.ts';
import { padded } from './fill.ts';
import { inLanes } from './lanes.ts';
import type { Level } from './levels.ts';

const AT_ONCE = 16;

/**
 * An account that remembers so many replies which nobody gives back, all of them too young for the archive. The caller
 * that is measured gives its own back, so that the account stays where it is.
 */
export async function rememberedLevel(
  bank: MeasuredBank,
  replies: number,
  signal: AbortSignal,
): Promise<Level> {
  const account = `remembers-${padded(replies)}`;
  let begun = 0;
  const hoard = async () => {
    await bank.deposit(account, []);
  };
  await inLanes(AT_ONCE, () => (begun++ < replies ? hoard() : undefined), signal);
  let held = await bank.deposit(account, []);
  return {
    level: replies,
    callers: 1,
    call: async () => {
      held = await bank.deposit(account, [held]);
    },
    look: async () => {
      const look = await bank.look(account);
      if (look.remembered === replies + 1) return look;
      throw new GrowthError('not_as_grown', `${account} remembers ${look.remembered} in the end`);
    },
  };
}
