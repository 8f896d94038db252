import { createBank } from '../../functions/bank/bank.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { createHandler } from '../../functions/http/handler.ts';
import { fromResult, type HttpAnswer, type HttpRequest, toEvent } from '../../functions/memory/gateway.ts';
import { MemoryStore } from '../../functions/memory/store.ts';
import { onAbort } from '../follow.ts';
// `.js`, so that the bundle leaves this import as it is, and a program has only one `BankClient` and one of each error class.
import { BankClient, type BankClientOptions, type Environment } from '../index.js';
import { connectionError, Region } from './region.ts';

/** A Region of a {@link TestBank}; its clients prefer the first one. */
export type TestRegion = 'us-east-1' | 'us-east-2';

/**
 * Options of a {@link TestBank}.
 *
 * @example
 * ```ts
 * const testBank = new TestBank({ nowMs: () => Date.UTC(2026, 10, 27) }); // The clock moves only with `advance`.
 * ```
 */
export interface TestBankOptions {
  /** The bank's clock, in milliseconds since 1970. Default: `Date.now`, even if a test has mocked it. */
  readonly nowMs?: () => number;
}

/** The time limits of the function and the sweep, in milliseconds, as in AWS. */
const FUNCTION_TIMEOUT_MS = 10_000;
const SWEEP_TIMEOUT_MS = 50_000;

/**
 * A bank in two Regions for tests. It runs the deployed code, with tables in memory. Its Regions are `us-east-1`, which a client prefers,
 * and `us-east-2`. They share the accounts, and each can be killed or frozen.
 *
 * It needs no process and no port, and nothing has to be closed. A new bank is empty, and so is one after {@link TestBank.reset}.
 *
 * @example
 * ```ts
 * import { TestBank } from 'twinbank-client/testing';
 *
 * const testBank = new TestBank();
 * const bank = testBank.client();
 * await bank.deposit('joe', 10n);
 * testBank.kill('us-east-1');
 * await bank.deposit('joe', 10n); // us-east-2 answers: 20.
 * ```
 */
export class TestBank {
  /**
   * Options for a program that makes its own client: the endpoints, the network and the clock of this bank.
   *
   * @example
   * ```ts
   * const shop = new Shop(new BankClient({ ...testBank.options, hedgeAfterMs: 20 }));
   * ```
   */
  readonly options: Pick<BankClientOptions, 'endpoints'> & {
    readonly environment: Pick<Environment, 'fetch' | 'sendsOnce' | 'wallClockMs'>;
  };
  /**
   * Sends an HTTP request to a Region, for programs that call the bank without the client. The URLs are `http://us-east-1.test` and
   * `http://us-east-2.test`.
   *
   * Rejects as the `fetch` of Node does if the Region is down or the reply is lost.
   *
   * @example
   * ```ts
   * const response = await testBank.fetch('http://us-east-1.test/accounts/joe');
   * ```
   */
  readonly fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const signal = init.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const answer = this.#answer(new Request(input, { ...init, signal: null }));
    return await new Promise((resolve, reject) => {
      // As in AWS, the bank executes a request that was sent, even if its caller no longer waits.
      const release = signal ? onAbort(signal, () => reject(signal.reason)) : () => {};
      answer.finally(release).then(resolve, reject);
    });
  };

  readonly #now: () => number;
  readonly #regions: { readonly [Name in TestRegion]: Region<Name> } = {
    'us-east-1': new Region('us-east-1'),
    'us-east-2': new Region('us-east-2'),
  };
  #store: MemoryStore;
  #advancedMs = 0;
  #repliesToLose = 0;
  #requests = 0;

  /**
   * Makes an empty bank.
   *
   * @example
   * ```ts
   * const testBank = new TestBank();
   * ```
   */
  constructor({ nowMs = () => Date.now() }: TestBankOptions = {}) {
    this.#now = nowMs;
    this.#store = new MemoryStore(() => this.nowMs);
    this.options = {
      endpoints: Object.values(this.#regions).map(({ name, url }) => ({ region: name, url })),
      environment: { fetch: this.fetch, sendsOnce: true, wallClockMs: () => this.nowMs },
    };
  }

  /** The time of the bank's clock, in milliseconds since 1970. */
  get nowMs(): number {
    return Math.floor(this.#now() + this.#advancedMs);
  }

  /**
   * Makes a client of this bank. `options` are those of {@link BankClient}; the endpoints and the environment come from this bank unless
   * you give them. A frozen Region costs a call its `attemptTimeoutMs`, 2 seconds by default.
   *
   * Throws {@link InvalidArgumentError} if an option is not valid.
   *
   * @example
   * ```ts
   * const bank = testBank.client({ attemptTimeoutMs: 50 });
   * ```
   */
  client(options: Partial<BankClientOptions> = {}): BankClient {
    const environment = { ...this.options.environment, ...options.environment };
    return new BankClient({ ...this.options, ...options, environment });
  }

  /**
   * Kills a Region: it refuses connections. Requests that wait in a frozen Region are not executed. Requests under way get no answer.
   *
   * Throws if the Region is down already.
   *
   * @example
   * ```ts
   * testBank.kill('us-east-1');
   * ```
   */
  kill(region: TestRegion): void {
    this.#regions[region].kill();
  }

  /**
   * Starts a Region that was killed.
   *
   * Throws if the Region is not down.
   *
   * @example
   * ```ts
   * testBank.start('us-east-1');
   * ```
   */
  start(region: TestRegion): void {
    this.#regions[region].start();
  }

  /**
   * Freezes a Region: it accepts requests but answers none, until it is thawed or killed.
   *
   * Throws if the Region is not up.
   *
   * @example
   * ```ts
   * testBank.freeze('us-east-1');
   * ```
   */
  freeze(region: TestRegion): void {
    this.#regions[region].freeze();
  }

  /**
   * Thaws a frozen Region. It executes the requests that wait in it, even if their callers no longer wait. Their keys make that safe.
   *
   * Throws if the Region is not frozen.
   *
   * @example
   * ```ts
   * testBank.thaw('us-east-1');
   * ```
   */
  thaw(region: TestRegion): void {
    this.#regions[region].thaw();
  }

  /**
   * Loses the replies to the next requests, in either Region: the bank executes each request, and then the connection breaks. `count` is
   * how many, by default 1. With `Infinity`, all replies are lost until you call `loseReplies(0)`.
   *
   * Throws a `RangeError` if `count` is not a whole number of at least 0.
   *
   * @example
   * ```ts
   * testBank.loseReplies();
   * const { balance } = await bank.deposit('joe', 10n); // The client retries in us-east-2, which answers from the book.
   * ```
   */
  loseReplies(count = 1): void {
    if (count !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(count) && count >= 0)) {
      throw new RangeError(`count: expected a whole number of at least 0, got ${String(count)}`);
    }
    this.#repliesToLose = count;
  }

  /**
   * Moves the bank's clock forward, so that holds expire and keys become old. Timers of the client do not fire.
   *
   * Throws a `RangeError` if `timeMs` is not a number of at least 0.
   *
   * @example
   * ```ts
   * testBank.advance(7 * 24 * 60 * 60_000);
   * ```
   */
  advance(timeMs: number): void {
    if (!Number.isFinite(timeMs) || timeMs < 0) {
      throw new RangeError(`timeMs: expected a number of at least 0, got ${String(timeMs)}`);
    }
    this.#advancedMs += timeMs;
  }

  /**
   * Runs the scheduled function once. It completes transfers and refunds that were left under way, and writes the expiry of holds into the
   * statements. (A balance includes the money of a hold as soon as the hold has expired.)
   *
   * @example
   * ```ts
   * testBank.advance(3_600_000);
   * await testBank.sweep();
   * ```
   */
  async sweep(): Promise<void> {
    await sweep(this.#parts(), AbortSignal.timeout(SWEEP_TIMEOUT_MS), (account, error) => {
      throw new Error(`${account} was not swept`, { cause: error });
    });
  }

  /**
   * Makes the bank empty, starts both Regions, and takes back `advance`. Clients can still be used; each remembers which Region it used last.
   *
   * @example
   * ```ts
   * afterEach(() => testBank.reset());
   * ```
   */
  reset(): void {
    this.#store = new MemoryStore(() => this.nowMs);
    this.#advancedMs = 0;
    this.#repliesToLose = 0;
    for (const region of Object.values(this.#regions)) {
      region.restart();
    }
  }

  async #answer(request: Request): Promise<Response> {
    const { origin, pathname, search } = new URL(request.url);
    const region = Object.values(this.#regions).find(({ url }) => url === origin);
    if (region === undefined) {
      throw connectionError(`getaddrinfo ENOTFOUND ${origin}`, 'getaddrinfo');
    }
    const body = Buffer.from(await request.arrayBuffer());
    const { method, headers } = request;
    const rawHeaders = [...headers].flat();
    const answer = await region.serve(() =>
      this.#execute(
        { method, target: pathname + search, rawHeaders, body, sourceIp: '127.0.0.1' },
        region.name,
      ),
    );
    if (this.#repliesToLose > 0) {
      this.#repliesToLose -= 1;
      throw connectionError('read ECONNRESET', 'read');
    }
    return new Response(answer.body.length === 0 ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: { ...(answer.headers as Record<string, string>), date: new Date(this.nowMs).toUTCString() },
    });
  }

  /** Does what API Gateway and Lambda do with a request. */
  async #execute(request: HttpRequest, region: TestRegion): Promise<HttpAnswer> {
    this.#requests += 1;
    const requestId = `request-${this.#requests}`;
    const handler = createHandler({
      bank: createBank(this.#parts()),
      region,
      log: (_line, error) => {
        // This error is a defect of the bank, and the answer does not show it.
        if (error !== undefined && !(error instanceof StoreUnavailableError)) {
          console.error(error);
        }
      },
      elapsedMs: () => performance.now(),
      nowMs: () => this.nowMs,
      abortAfter: (timeMs) => AbortSignal.timeout(timeMs),
    });
    const context = { awsRequestId: requestId, getRemainingTimeInMillis: () => FUNCTION_TIMEOUT_MS };
    return fromResult(await handler(toEvent(request, requestId, this.nowMs), context), requestId);
  }

  #parts() {
    return { store: this.#store, nowMs: () => this.nowMs, keysNotBeforeMs: 0 };
  }
}
