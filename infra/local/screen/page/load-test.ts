import { BankClient, type BankEvent, type Environment } from '../../../../client/index.ts';
import { inspectAnswering, type Verdict } from '../../../../client/load/inspect.ts';
import { Ledger } from '../../../../client/load/ledger.ts';
import { latencyOf } from '../../../../client/load/report.ts';
import { askThrough, resolveInDoubt } from '../../../../client/load/resolve.ts';
import { type Ended, runLoad } from '../../../../client/load/run.ts';
import { chanceFrom } from '../../../../client/load/workload.ts';
import type { RegionEndpoint } from '../news.ts';
import type { Load, LoadStage } from './state.ts';

interface LoadTestOptions {
  readonly endpoints: readonly RegionEndpoint[];
  readonly clients: number;
  readonly seconds: number;
  /** Longest time for a call. After that, its outcome is unknown, and the run resolves it later. */
  readonly callTimeoutMs: number;
  /** The names of the run's accounts begin with it. No other run has the same one. */
  readonly prefix: string;
  readonly seed: number;
  /** Default: 250,000, because all calls stay in memory until they have been checked. */
  readonly maxCalls?: number;
  readonly onChange: (load: Load) => void;
}

/**
 * Calls under way at once. A browser opens 6 connections to one host, and a request that waits for one uses up the time of its attempt. So
 * the calls queue here, where no time limit runs, and leave one connection to the account panel.
 */
export const CALLS_AT_ONCE = 5;
/** Each client finds a frozen Region by itself. Without hedging, a hundred of them would spend most of the run in attempt timeouts. */
export const HEDGE_AFTER_MS = 300;

const ACCOUNTS = 10;
const SHARES = { transfers: 0.25, holds: 0.15, refunds: 0.05 };
const MAX_CALLS = 250_000;
const REPORT_EVERY_MS = 100;
/** Longest time for one call of the check. A Region that takes longer counts as one that does not answer. */
const CHECK_TIMEOUT_MS = 2_000;

const environment: Pick<Environment, 'elapsedMs' | 'setTimer'> = {
  elapsedMs: () => performance.now(),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** The time is longer than a transfer can be under way without a retry: the sweep ends it. */
const PATIENCE = { environment, forMs: 30_000, pauseMs: 500, atOnce: CALLS_AT_ONCE };

/** Lets many clients call a few accounts at once, and checks the answers. */
export class LoadTest {
  readonly #options: LoadTestOptions;
  readonly #accounts: readonly string[];
  readonly #ledger = new Ledger();
  readonly #startedMs = environment.elapsedMs();
  readonly #ending = new AbortController();
  #failovers = 0;
  #ended: Ended = 'time';

  constructor(options: LoadTestOptions) {
    this.#options = options;
    this.#accounts = Array.from({ length: ACCOUNTS }, (_, index) => `${options.prefix}-${index + 1}`);
  }

  /** Calls until the time is up or `stop` is called, then checks. */
  async run(): Promise<void> {
    const { seed, clients, seconds, maxCalls = MAX_CALLS } = this.#options;
    const accounts = this.#accounts;
    this.#ended = await this.#report('calling', () =>
      runLoad({
        ledger: this.#ledger,
        seed,
        clients,
        atOnce: CALLS_AT_ONCE,
        maxCalls,
        accountsOf: () => accounts,
        shares: SHARES,
        connect: (_, onEvent) => this.#connect(onEvent),
        environment,
        forMs: seconds * 1000,
        signal: this.#ending.signal,
      }),
    );
    await this.check();
  }

  /** Makes no further calls. `run` waits for the calls that are under way. */
  stop(): void {
    this.#ending.abort();
  }

  /** Resolves unknown outcomes, and compares the accounts in every Region that answers with the answers. */
  async check(): Promise<void> {
    const ledger = this.#ledger;
    await this.#report('resolving', async () => {
      await using client = this.#connect(() => {});
      await resolveInDoubt(ledger, askThrough(client), PATIENCE, 0);
    });
    await this.#report('checking', async () => {
      const endpoints = this.#options.endpoints.map(({ region, url }) => ({ name: region, region, url }));
      const verdict = await inspectAnswering(ledger, {
        endpoints,
        options: { callTimeoutMs: CHECK_TIMEOUT_MS },
        accounts: this.#accounts,
        chance: chanceFrom(this.#options.seed),
        patience: PATIENCE,
      });
      const durationsMs = ledger.records.flatMap(({ durationMs }) => durationMs ?? []);
      this.#change({ phase: 'done', verdict, ended: this.#ended, latency: latencyOf(durationsMs) });
    });
  }

  #connect(onEvent: (event: BankEvent) => void): BankClient {
    const { endpoints, callTimeoutMs } = this.#options;
    return new BankClient({
      endpoints,
      callTimeoutMs,
      hedgeAfterMs: HEDGE_AFTER_MS,
      onEvent: (event) => {
        onEvent(event);
        if (event.type === 'endpoint_changed' && event.to.name !== endpoints[0]?.region) {
          this.#failovers += 1;
        }
      },
    });
  }

  /** Reports the progress while the work runs. */
  async #report<T>(phase: 'calling' | 'resolving' | 'checking', work: () => Promise<T>): Promise<T> {
    const timer = setInterval(() => this.#change({ phase }), REPORT_EVERY_MS);
    this.#change({ phase });
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }

  #change(stage: LoadStage): void {
    const { clients, seconds, prefix, onChange } = this.#options;
    const { counts, resolved } = this.#ledger.progress;
    const tally = { ...counts, resolved, failovers: this.#failovers };
    const elapsedMs = Math.min(environment.elapsedMs() - this.#startedMs, seconds * 1000);
    onChange({ ...stage, clients, seconds, prefix, elapsedMs, tally });
  }
}

/** `partly` if the books balance, but only in the Regions that could be read. */
export function headlineOf({
  verdict,
  inDoubt,
  readIn,
  notReadIn,
}: Verdict): 'balanced' | 'partly' | 'wrong' | 'open' | 'unread' {
  if (verdict === 'wrong') {
    return 'wrong';
  }
  if (inDoubt > 0) {
    return 'open';
  }
  if (readIn.length === 0) {
    return 'unread';
  }
  if (verdict === 'unverified') {
    return 'open';
  }
  return notReadIn.length > 0 ? 'partly' : 'balanced';
}
