import type { MeasuredBank } from './bank.ts';
import { padded } from './fill.ts';
import type { Level } from './levels.ts';

/** So many callers of one account. */
export function callersLevel(bank: MeasuredBank, callers: number): Level {
  const account = `called-by-${padded(callers)}`;
  return { level: callers, callers, call: () => bank.deposit(account) };
}
