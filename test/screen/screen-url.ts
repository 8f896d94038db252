import type { StartedBank } from '../support/started-bank.ts';

/** Where a bank that was started with `--json` shows its page. */
export function screenUrl({ events }: StartedBank): string {
  const shown = events.find(({ event }) => event === 'screen');
  if (shown?.event !== 'screen') {
    throw new Error('the bank shows no page');
  }
  return shown.url;
}
