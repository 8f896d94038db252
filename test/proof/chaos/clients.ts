import type { ChaosBank } from './bank.ts';
import { ClientHost } from './client-host.ts';
import type { ChaosError } from './errors.ts';
import type { CallerSettings } from './messages.ts';
import { letsMint } from './script.ts';

/** Shorter than the defaults, so that calls come to their ends in a run of seconds. */
const TIMES = { attemptTimeoutMs: 1000, callTimeoutMs: 4000, probeIntervalMs: 500 };
const HEDGE_AFTER_MS = 200;
/** One in this many callers hedges. */
const HEDGE_EVERY = 3;

/** Makes the client processes. Half of the callers prefer the one Region and half the other, so that both write at once. */
export function openClients(
  { clients, callersPerClient }: { readonly clients: number; readonly callersPerClient: number },
  bank: ChaosBank,
  onBroken: (error: ChaosError) => void,
): readonly ClientHost[] {
  const endpoints = bank.regions.map(({ name: region, url }) => ({ region, url }));
  return Array.from({ length: clients }, (_, number) => {
    const callers = Array.from({ length: callersPerClient }, (__, index): CallerSettings => {
      const caller = number * callersPerClient + index;
      return {
        endpoints: caller % 2 === 0 ? endpoints : endpoints.toReversed(),
        letsMint: letsMint(caller),
        hedgeAfterMs: caller % HEDGE_EVERY === HEDGE_EVERY - 1 ? HEDGE_AFTER_MS : undefined,
      };
    });
    const settings = { callers, ...TIMES };
    return new ClientHost({ number, program: bank.clientProgram, settings, onBroken });
  });
}
