import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalBank } from '../bank.ts';
import { LogTail } from './log-tail.ts';
import type { News, RegionNow } from './news.ts';

/** How often there may be news. */
const LOOK_EVERY_MS = 150;

/** The bank as far as pages are told of it. */
export type SeenBank = Pick<LocalBank, 'status' | 'logFile'>;

/** How the Regions are at this moment. */
export function regionsNow(bank: Pick<LocalBank, 'status'>): readonly RegionNow[] {
  return bank.status().map(({ event: _, ...now }) => now);
}

/** Tells one page how the bank is, as server-sent events, until the signal is aborted: the page has gone, or the bank ends. */
export async function tellPage(bank: SeenBank, page: ServerResponse, signal: AbortSignal): Promise<void> {
  const tails: LogTail[] = [];
  let told = '';
  try {
    for (const { region } of bank.status()) tails.push(await LogTail.atEnd(region, bank.logFile(region)));
    while (!signal.aborted) {
      const regions = regionsNow(bank);
      const calls = (await Promise.all(tails.map((tail) => tail.read()))).flat();
      const state = JSON.stringify(regions);
      if (state !== told || calls.length > 0) {
        const news: News = { regions, calls };
        // A page that does not read is told nothing more until it does: what it misses waits in the log.
        if (!page.write(`data: ${JSON.stringify(news)}\n\n`)) await once(page, 'drain', { signal });
        told = state;
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.all(tails.map((tail) => tail.close()));
  }
}
