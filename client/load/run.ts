import pMap from 'p-map';
import type { BankClient, BankEvent, BankEventListener, Endpoint, Environment } from '../index.ts';
import { type Answer, type Call, send } from './call.ts';
import type { Ledger } from './ledger.ts';
import { chanceOfClient, nextCall, type OpenHold, type Shares, type Withdrawal } from './workload.ts';

export interface LoadOptions {
  readonly ledger: Ledger;
  readonly seed: number;
  readonly clients: number;
  /** Calls under way at once. Default: one for each client. */
  readonly atOnce?: number;
  /** Time from the beginning of one call of a client to the next. Default: each call begins when the one before has ended. */
  readonly intervalMs?: number;
  /** The load ends after this number of calls, because all of them stay in memory until they have been checked. */
  readonly maxCalls: number;
  /** Returns the accounts that a client calls. The first client is 1. */
  readonly accountsOf: (client: number) => readonly string[];
  /** Default: only deposits and withdrawals. */
  readonly shares?: Shares;
  /** Makes a client of the bank, which must pass on its events. */
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
 * Lets clients call the bank, each one call at a time, and enters every call in the ledger. At the end of the load, it waits for the calls
 * that are under way, so that fewer outcomes are unknown.
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
      // There are never more turns at once than clients.
      yield free.shift() as LoadClient;
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

/** How many holds and withdrawals a client remembers. It uses each a few times, even if nothing is left of it. */
const MAX_REMEMBERED = 5;

/** Sleeps until a delay or the load is over. All sleepers share one listener, because a runtime warns of a leak if a signal has many. */
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

/** One client of the bank, with its own sequence of calls. */
class LoadClient {
  readonly #options: LoadOptions;
  readonly #sleep: (delayMs: number) => Promise<void>;
  readonly #client: BankClient;
  readonly #chance: () => number;
  readonly #accounts: readonly string[];
  readonly #holds: OpenHold[] = [];
  readonly #withdrawals: Withdrawal[] = [];
  #isFirst = true;
  /** For the call that is under way: the URLs whose attempts failed, and the endpoint that answered. */
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
      // Without this sleep, all clients would call at the same moments.
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

  /** Remembers the latest holds and withdrawals, to end or refund some of them. */
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
