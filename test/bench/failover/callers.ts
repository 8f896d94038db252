import { setTimeout as sleep } from 'node:timers/promises';
import { HEADERS, pathOf } from '../../../client/contract/schemas.ts';
import {
  BankClient,
  type BankClientOptions,
  OutcomeUnknownError,
  UnavailableError,
} from '../../../client/index.ts';
import { mintKey } from '../../../client/key.ts';
import type { CallerName, EndingKind } from './result.ts';

/** How one call ended. A key is told where the outcome is not. */
export type Ending =
  | { readonly kind: Extract<EndingKind, 'answered'>; readonly region: string }
  | { readonly kind: Extract<EndingKind, 'unavailable'> }
  | { readonly kind: Extract<EndingKind, 'unknown' | 'timed_out'>; readonly key: string };

/** Makes deposits of 1 to one account. */
export interface Caller {
  deposit(): Promise<Ending>;
  close(): Promise<void>;
}

/** Where a caller calls, the preferred Region's address first, and for whom. */
export interface CallerSettings {
  readonly addresses: readonly [string, string];
  readonly account: string;
  /** Default {@link PATIENCE_MS}. */
  readonly patienceMs?: number;
}

/** Many times a healthy call, so that next to none is sent twice, and half of what a hedged call may take in an outage. */
export const HEDGE_AFTER_MS = 150;

/** How long callers that are not the bank's client wait: one address for a call, the tutorial's for an attempt, as there. */
export const PATIENCE_MS = 10_000;

/** The client that knows one address gives an attempt the time that the bank's client does. */
const ONE_ADDRESS = { attemptTimeoutMs: 2000, firstPauseMs: 100, longestPauseMs: 1000 };

/** Opens a caller of one kind. */
export function openCaller(name: CallerName, settings: CallerSettings): Caller {
  switch (name) {
    case 'bank':
      return openBankCaller(settings, {});
    case 'bank_hedged':
      return openBankCaller(settings, { hedgeAfterMs: HEDGE_AFTER_MS });
    case 'one_address':
      return openPlainCaller(settings, callOneAddress);
    case 'tutorial':
      return openPlainCaller(settings, callInOrder);
  }
}

function openBankCaller(
  { addresses, account }: CallerSettings,
  options: Omit<BankClientOptions, 'endpoints'>,
): Caller {
  const client = new BankClient({ endpoints: addresses, ...options });
  return {
    deposit: async () => {
      try {
        const { region } = await client.deposit(account, 1n);
        return { kind: 'answered', region };
      } catch (error) {
        if (error instanceof UnavailableError) return { kind: 'unavailable' };
        if (error instanceof OutcomeUnknownError) return { kind: 'unknown', key: error.key };
        throw error;
      }
    },
    close: () => client.close(),
  };
}

/** What a plain caller has to go by. */
interface Way extends Required<Pick<CallerSettings, 'addresses' | 'patienceMs'>> {
  /** Sends the deposit to an address, and gives the Region that answered it, if one did in time. */
  readonly attempt: (address: string, timeoutMs: number) => Promise<string | undefined>;
}

function openPlainCaller(settings: CallerSettings, call: (way: Way) => Promise<string | undefined>): Caller {
  const { addresses, account, patienceMs = PATIENCE_MS } = settings;
  return {
    deposit: async () => {
      const key = mintKey();
      const region = await call({
        addresses,
        patienceMs,
        attempt: (address, timeoutMs) => attempt(address, { account, key }, timeoutMs),
      });
      return region === undefined ? { kind: 'timed_out', key } : { kind: 'answered', region };
    },
    close: () => Promise.resolve(),
  };
}

/** What most people write: retries with the same key, and waits longer each time. */
async function callOneAddress({ addresses, patienceMs, attempt }: Way): Promise<string | undefined> {
  const { attemptTimeoutMs, firstPauseMs, longestPauseMs } = ONE_ADDRESS;
  const [address] = addresses;
  const deadlineMs = performance.now() + patienceMs;
  const timeLeftMs = () => Math.max(deadlineMs - performance.now(), 0);
  for (let pauseMs = firstPauseMs; timeLeftMs() > 0; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const region = await attempt(address, Math.min(attemptTimeoutMs, timeLeftMs()));
    if (region !== undefined) return region;
    await sleep(Math.min(pauseMs, timeLeftMs()));
  }
  return undefined;
}

/** What the tutorial's client does: the first address, and when that does not answer, the second; with each call anew. */
async function callInOrder({ addresses, patienceMs, attempt }: Way): Promise<string | undefined> {
  for (const address of addresses) {
    const region = await attempt(address, patienceMs);
    if (region !== undefined) return region;
  }
  return undefined;
}

async function attempt(
  address: string,
  { account, key }: { readonly account: string; readonly key: string },
  timeoutMs: number,
): Promise<string | undefined> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(address + pathOf('deposit', { account }), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [HEADERS.idempotencyKey]: key,
        [HEADERS.replyCache]: 'no',
      },
      body: JSON.stringify({ amount: '1' }),
      // A timer has whole milliseconds, and AbortSignal takes nothing else.
      signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
    });
    text = await response.text();
  } catch {
    // Refused, reset or out of time: to these callers one thing, an attempt to be followed by another.
    return undefined;
  }
  if (response.status >= 400 && response.status < 500) throw new Error(`HTTP ${response.status}: ${text}`);
  return response.ok ? (response.headers.get(HEADERS.region) ?? undefined) : undefined;
}
