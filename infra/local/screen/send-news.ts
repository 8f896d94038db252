import { EventEmitter, once } from 'node:events';
import type { Writable } from 'node:stream';
import type { LocalBank } from '../bank.ts';
import type { CallSeen, News, RegionNow } from './news.ts';

/** What happens in the bank, as it happens: a Region is in another state, or has logged something. */
export class Changes extends EventEmitter<{ region: []; log: [region: string, text: string] }> {}

/** Least time between two messages to a page: under load it gets a few a second, not thousands. */
const GAP_MS = 150;
/** Most calls that wait for a page that does not read. It does not get older ones, which are still in the logs. */
const MAX_WAITING = 1_000;

/** The present state of the Regions. */
export function regionsNow(bank: Pick<LocalBank, 'status'>): readonly RegionNow[] {
  return bank.status().map(({ event: _, ...now }) => now);
}

/**
 * Sends one page the state of the bank, and then each change, as server-sent events, until the signal is aborted: the page
 * has gone, or the bank ends. While nothing changes, nothing is done.
 */
export async function sendNews(
  bank: Pick<LocalBank, 'status'>,
  changes: Changes,
  page: Writable,
  signal: AbortSignal,
): Promise<void> {
  let calls: CallSeen[] = [];
  let isDue = true;
  const due = new EventEmitter();
  const ring = () => {
    isDue = true;
    due.emit('now');
  };
  const onLog = (region: string, text: string) => {
    const seen = callsIn(region, text);
    if (seen.length > 0) {
      calls = [...calls, ...seen].slice(-MAX_WAITING);
      ring();
    }
  };
  changes.on('region', ring).on('log', onLog);
  try {
    while (!signal.aborted) {
      if (!isDue) {
        await once(due, 'now', { signal });
      }
      const news: News = { regions: regionsNow(bank), calls };
      isDue = false;
      calls = [];
      if (!page.write(`data: ${JSON.stringify(news)}\n\n`)) {
        await once(page, 'drain', { signal });
      }
      await new Promise((resolve) => setTimeout(resolve, GAP_MS));
    }
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  } finally {
    changes.off('region', ring).off('log', onLog);
  }
}

/** The calls in what a Region has logged, and its sweeps that changed something. Other lines, such as the stack of a crash, have none. */
export function callsIn(region: string, text: string): readonly CallSeen[] {
  return text.split('\n').flatMap((line) => callIn(region, line));
}

function callIn(region: string, line: string): readonly CallSeen[] {
  const { message, operation, account, key, outcome, durationMs, transfers, expired } = parse(line);
  if (message === 'sweep' && (transfers !== undefined || expired !== undefined)) {
    return [{ region, operation: 'sweep', account: '', key: '', outcome: 'answered', durationMs: 0 }];
  }
  if (message !== 'call') {
    return [];
  }
  return [
    {
      region,
      operation: String(operation),
      account: String(account ?? ''),
      key: String(key ?? ''),
      outcome: String(outcome),
      durationMs: Number(durationMs),
    },
  ];
}

function parse(line: string): Record<string, unknown> {
  if (!line.startsWith('{')) {
    return {};
  }
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
