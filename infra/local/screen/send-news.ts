import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalBank } from '../bank.ts';
import { LogTail } from './log-tail.ts';
import type { News, RegionNow } from './news.ts';

/** How often there may be news. */
const LOOK_EVERY_MS = 150;

/** The part of the bank that pages see. */
export type SeenBank = Pick<LocalBank, 'status' | 'logFile'>;

/** How the Regions are at this moment. */
export function regionsNow(bank: Pick<LocalBank, 'status'>): readonly RegionNow[] {
  return bank.status().map(({ event: _, ...now }) => now);
}

/** Sends one page the state of the bank, as server-sent events, until the signal is aborted: the page has gone, or the bank ends. */
export async function sendNews(bank: SeenBank, page: ServerResponse, signal: AbortSignal): Promise<void> {
  const tails: LogTail[] = [];
  let sent = '';
  try {
    for (const { region } of bank.status()) {
      tails.push(await LogTail.atEnd(region, bank.logFile(region)));
    }
    while (!signal.aborted) {
      const regions = regionsNow(bank);
      const calls = (await Promise.all(tails.map((tail) => tail.read()))).flat();
      const state = JSON.stringify(regions);
      if (state !== sent || calls.length > 0) {
        const news: News = { regions, calls };
        // A page that does not read gets nothing more until it does: what it misses waits in the log.
        if (!page.write(`data: ${JSON.stringify(news)}\n\n`)) {
          await once(page, 'drain', { signal });
        }
        sent = state;
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  } finally {
    await Promise.all(tails.map((tail) => tail.close()));
  }
}
