import { test as base } from 'vitest';
import { BankClient, type BankClientOptions, type BankEvent } from '../../client/index.ts';
import type { Behaviour } from './behaviours.ts';
import { ManualTime } from './manual-time.ts';
import { MemoryBank, type ReceivedRequest } from './memory-bank.ts';
import { ScriptedEndpoint } from './scripted-endpoint.ts';

export type TwoRegions = Awaited<ReturnType<typeof startTwoRegions>>;

/** A bank with two scripted endpoints, of which us-east-1 is the preferred one, and what a test wants to know of it. */
export async function startTwoRegions() {
  const bank = new MemoryBank();
  const time = new ManualTime();
  bank.nowMs = () => time.nowMs();
  /** Requests of both endpoints, in the order in which they arrived. */
  const arrivals: ReceivedRequest[] = [];
  const east = await ScriptedEndpoint.start({ region: 'us-east-1', bank, arrivals });
  const west = await ScriptedEndpoint.start({ region: 'us-east-2', bank, arrivals });
  /** What the clients did, in order. */
  const events: BankEvent[] = [];
  const clients: BankClient[] = [];
  return {
    east,
    west,
    bank,
    time,
    arrivals,
    events,
    /** Has both endpoints do the same with requests for which nothing is queued. */
    usually: (behaviour: Behaviour) => {
      east.usually = behaviour;
      west.usually = behaviour;
    },
    /** Makes a client of both endpoints. Its time passes when the test says so; the waits between rounds take none. */
    client: (options: Partial<BankClientOptions> = {}) => {
      const client = new BankClient({
        endpoints: [
          { url: east.url, region: east.region },
          { url: west.url, region: west.region },
        ],
        ...options,
        environment: { ...time.environment, ...options.environment },
        onEvent: (event) => {
          events.push(event);
          if (event.type === 'waiting') {
            // The timer of the wait is set right after this event; a microtask later it can be made to fall due.
            queueMicrotask(() => time.advance(event.delayMs));
          }
          options.onEvent?.(event);
        },
      });
      clients.push(client);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await Promise.all([east.stop(), west.stop()]);
    },
  };
}

/** A test with two Regions of its own. */
export const test = base.extend<
  Pick<TwoRegions, 'east' | 'west' | 'time' | 'bank'> & { regions: TwoRegions }
>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures that this one needs, which are none, from the pattern, and takes no other first parameter.
  regions: async ({}, use) => {
    await using regions = await startTwoRegions();
    await use(regions);
  },
  east: ({ regions }, use) => use(regions.east),
  west: ({ regions }, use) => use(regions.west),
  time: ({ regions }, use) => use(regions.time),
  bank: ({ regions }, use) => use(regions.bank),
});

/** The same with the clock of this machine in the bank, for callers that have it too. */
export const realTimeTest = test.extend<{ regions: TwoRegions }>({
  regions: async ({ regions }, use) => {
    regions.bank.nowMs = () => Date.now();
    await use(regions);
  },
});

/** The Regions that requests arrived at, in order, without probes. */
export function regionsOf(arrivals: readonly ReceivedRequest[]): string[] {
  return arrivals.filter(({ path }) => path !== '/health').map(({ region }) => region);
}

/** Types of events in their order. */
export function typesOf(events: readonly BankEvent[]): string[] {
  return events.map(({ type }) => type);
}
