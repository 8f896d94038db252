import type { StartedBank } from '../support/started-bank.ts';

/** Where a bank that was started with `--json` shows its page. */
export function screenUrl({ events }: StartedBank): string {
  const told = events.find(({ event }) => event === 'screen');
  if (told?.event !== 'screen') {
    throw new Error('the bank told of no page');
  }
  return told.url;
}
