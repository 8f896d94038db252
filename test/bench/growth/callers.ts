import type { MeasuredBank } from './bank.ts';
import { padded } from './fill.ts';
import type { Level } from './levels.ts';

/** So many callers of one account, each with a client of its own: it gives its reply back with its own next call. */
export function callersLevel(bank: MeasuredBank, callers: number): Level {
  const account = `called-by-${padded(callers)}`;
  const held = new Map<number, string>();
  return {
    level: callers,
    callers,
    call: async (caller) => {
      const key = held.get(caller);
      held.set(caller, await bank.deposit(account, key === undefined ? [] : [key]));
    },
    look: () => bank.look(account),
  };
}
