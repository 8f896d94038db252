import type { Environment } from '../../client/environment.ts';
import { sleep } from '../../client/timers.ts';

/** How long to go on asking. */
export interface Patience {
  readonly environment: Environment;
  /** When it is over, by the clock that never jumps. What was begun by then is waited for. */
  readonly untilMs: number;
  /** Time between two tries. */
  readonly pauseMs: number;
}

/** Tries until something comes of it or patience is over. `tries` is 1 for the first. */
export async function insist<T>(
  { environment, untilMs, pauseMs }: Patience,
  attempt: (tries: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (let tries = 1; environment.elapsedMs() < untilMs; tries += 1) {
    const result = await attempt(tries);
    if (result !== undefined) return result;
    await sleep(pauseMs, environment, new AbortController().signal);
  }
  return undefined;
}

const AT_ONCE = 8;

/** Does something for each item, for some of them at once, and gives the results in the order of the items. */
export async function forEach<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, item] = next;
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
