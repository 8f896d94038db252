import pMap from 'p-map';
import type { BankClient, BankEvent, BankEventListener, Endpoint, Environment } from '../index.ts';
import { type Answer, type Call, send } from './call.ts';
import type { Ledger } from './ledger.ts';
import { chanceOfClient, nextCall, type OpenHold, type Shares, type Withdrawal } from './workload.ts';

export interface LoadOptions {
  readonly ledger: Ledger;
  readonly seed: number;
  readonly clients: number;
  /** Calls under way at once. Default: one of each client. */
  readonly atOnce?: number;
  /** Time between the beginnings of two calls of a client. Default: each call begins when the last one has ended. */
  readonly intervalMs?: number;
  /** The load ends after this number of calls: all of them are in memory until they have been checked. */
  readonly maxCalls: number;
  /** Accounts that a client calls, the first client being 1. */
  readonly accountsOf: (client: number) => readonly string[];
  /** Default: deposits and withdrawals alone. */
  readonly shares?: Shares;
  /** Makes the client of the bank, which has to pass its events on. */
  readonly connect: (client: number, onEvent: BankEventListener) => BankClient;
  readonly environment: Pick<Environment, 'elapsedMs' | 'setTimer'>;
  /** The load ends after this time. Default: it has no limit. */
  readonly forMs?: number;
  /** Ends the load early: no call begins after it is aborted. */
  readonly signal: AbortSignal;
}

/** What ended a load: its time was up, it reached its number of calls, or its signal was aborted. */
export type Ended = 'time' | 'calls' | 'interrupted';

const TIME_UP = 'time up';

/**
 * Has clients call until something ends the load, each one call at a time, and enters every call in the ledger. Waits for the calls
 * that are under way at the end, so that fewer outcomes are unknown.
 */
export async function runLoad(options: LoadOptions): Promise<Ended> {
  const { ledger, clients, atOnce = clients, maxCalls, environment, forMs } = options;
  const timeUp = new AbortController();
  const cancelTimer =
    forMs === undefined ? undefined : environment.setTimer(() => timeUp.abort(TIME_UP), forMs);
  const signal = AbortSignal.any([options.signal, timeUp.signal]);
  const ending = { ...options, signal };
  const sleep = sleeper(ending);
  const free = Array.from({ length: clients }, (_, index) => new LoadClient(index + 1, ending, sleep));
  const all = [...free];
  function* turns(): Generator<LoadClient> {
    while (!signal.aborted && ledger.records.length < maxCalls) {
      const client = free.shift();
      if (client === undefined) {
        throw new RangeError('more calls at once than clients');
      }
      yield client;
    }
  }
  const takeTurn = async (client: LoadClient): Promise<void> => {
    await client.call();
    free.push(client);
  };
  try {
    await pMap(turns(), takeTurn, { concurrency: Math.min(atOnce, clients) });
  } finally {
    cancelTimer?.();
    await Promise.all(all.map((client) => client.close()));
  }
  if (ledger.records.length >= maxCalls) {
    return 'calls';
  }
  return signal.reason === TIME_UP ? 'time' : 'interrupted';
}

/** Holds and withdrawals that a client remembers: it comes back to each of them a few times, also when nothing is left of it. */
const MAX_REMEMBERED = 5;

/** Sleeps until a delay is over or the load is. One listener serves all sleepers: runtimes take many on one signal for a leak. */
function sleeper({ environment, signal }: LoadOptions): (delayMs: number) => Promise<void> {
  const wakers = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of [...wakers]) {
      wake();
    }
  };
  signal.addEventListener('abort', wakeAll, { once: true });
  return (delayMs) =>
    new Promise((resolve) => {
      const wake = () => {
        cancel();
        wakers.delete(wake);
        resolve();
      };
      const cancel = environment.setTimer(wake, delayMs);
      wakers.add(wake);
      if (signal.aborted) {
        wake();
      }
    });
}

/** One client of the bank, with a program of calls of its own. */
class LoadClient {
  readonly #options: LoadOptions;
  readonly #sleep: (delayMs: number) => Promise<void>;
  readonly #client: BankClient;
  readonly #chance: () => number;
  readonly #accounts: readonly string[];
  readonly #holds: OpenHold[] = [];
  readonly #withdrawals: Withdrawal[] = [];
  #isFirst = true;
  /** URLs that failed the call that is under way, and the endpoint that answered it. */
  #failed: string[] = [];
  #answered: Endpoint | undefined;

  constructor(number: number, options: LoadOptions, sleep: (delayMs: number) => Promise<void>) {
    this.#options = options;
    this.#sleep = sleep;
    this.#chance = chanceOfClient(options.seed, number);
    this.#accounts = options.accountsOf(number);
    this.#client = options.connect(number, (event) => this.#watch(event));
  }

  async call(): Promise<void> {
    const { ledger, environment, intervalMs, signal, shares = {} } = this.#options;
    if (intervalMs !== undefined && this.#isFirst) {
      // Without this, all clients would call at the same moments.
      await this.#sleep(this.#chance() * intervalMs);
    }
    this.#isFirst = false;
    if (signal.aborted) {
      return;
    }
    const startedMs = environment.elapsedMs();
    const client = this.#client;
    const call = nextCall({
      accounts: this.#accounts,
      chance: this.#chance,
      mintKey: () => client.mintKey(),
      shares,
      holds: this.#holds,
      withdrawals: this.#withdrawals,
    });
    const record = ledger.begin(call, startedMs);
    this.#failed = [];
    this.#answered = undefined;
    const answer = await send(client, call);
    this.#remember(call, answer);
    const durationMs = environment.elapsedMs() - startedMs;
    const answered = this.#answered as Endpoint | undefined;
    const failedOver = answered !== undefined && this.#failed.some((url) => url !== answered.url);
    ledger.end(record, answer, { durationMs, failedOver, endpoint: answered?.name });
    if (intervalMs !== undefined && durationMs < intervalMs) {
      await this.#sleep(intervalMs - durationMs);
    }
  }

  /** Keeps the latest holds and withdrawals, to end or refund some of them. */
  #remember(call: Call, { outcome, key }: Answer): void {
    if (outcome.kind !== 'executed' || key === undefined) {
      return;
    }
    const { kind, account } = call;
    if (kind === 'hold') {
      this.#holds.unshift({ account, hold: key });
      this.#holds.splice(MAX_REMEMBERED);
    } else if (kind === 'withdraw') {
      this.#withdrawals.unshift({ account, call: key, amountMinor: call.amountMinor });
      this.#withdrawals.splice(MAX_REMEMBERED);
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #watch(event: BankEvent): void {
    if (event.type === 'attempt_failed') {
      this.#failed.push(event.endpoint.url);
    } else if (event.type === 'attempt_answered') {
      this.#answered = event.endpoint;
    }
  }
}
