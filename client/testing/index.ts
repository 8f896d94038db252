import { createBank } from '../../functions/bank/bank.ts';
import { StoreUnavailableError } from '../../functions/bank/store.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { createHandler } from '../../functions/http/handler.ts';
import { fromResult, type HttpAnswer, type HttpRequest, toEvent } from '../../functions/memory/gateway.ts';
import { MemoryStore } from '../../functions/memory/store.ts';
// Not `.ts`: the bundle leaves this import as it is, so that a program has one `BankClient` and one of each error class.
import { BankClient, type BankClientOptions, type Environment } from '../index.js';
import { unlessAborted } from '../timers.ts';
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
  /** The bank's clock, in milliseconds since 1970. Default: `Date.now`, also one that a test has mocked. */
  readonly nowMs?: () => number;
}

/** The longest time that the function and the sweep have, in milliseconds, as in AWS. */
const FUNCTION_TIMEOUT_MS = 10_000;
const SWEEP_TIMEOUT_MS = 50_000;

/**
 * A bank in two Regions for tests, in memory: no process, no port, no table. It runs the code that is deployed, from the HTTP
 * event to the rules of the book; only the tables are others. Its Regions are `us-east-1`, which a client prefers, and `us-east-2`. They
 * share the accounts, and each can be killed or frozen.
 *
 * Nothing is left running, so there is nothing to close. A new one is empty; so is one after {@link TestBank.reset}.
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
   * What a client of this bank needs, for a program that makes its own: the endpoints, the network and the clock.
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
   * Sends an HTTP request to a Region: `http://us-east-1.test` or `http://us-east-2.test`. For programs that call the bank without the
   * client.
   *
   * Rejects as the `fetch` of Node does when the Region is down or the reply is lost.
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
    // As in AWS, the bank executes a request that was sent, even if its caller has stopped waiting.
    return await (signal === undefined ? answer : unlessAborted(answer, signal));
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

  /** The time by the bank's clock, in milliseconds since 1970. */
  get nowMs(): number {
    return Math.floor(this.#now() + this.#advancedMs);
  }

  /**
   * Makes a client of this bank. `options` are those of {@link BankClient}; what they leave out comes from this bank or has its default.
   * A Region that is frozen costs a client its `attemptTimeoutMs`, 2 seconds by default.
   *
   * Throws {@link InvalidArgumentError} when an option cannot be used.
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
   * Kills a Region: it refuses connections. Requests that it holds are not executed, and those that it works on get no answer.
   *
   * Throws when it is down already.
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
   * Throws when it is not down.
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
   * Freezes a Region: it takes requests and answers none, until it is thawed or killed.
   *
   * Throws when it is not up.
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
   * Thaws a frozen Region. It executes the requests that it holds, although their callers may have left: their keys make that safe.
   *
   * Throws when it is not frozen.
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
   * Loses the replies of the next requests, in either Region: the bank executes each, and then the connection breaks. Default: 1.
   * With `Infinity`, all replies are lost until you call `loseReplies(0)`.
   *
   * Throws a `RangeError` when `count` is no whole number from 0 on.
   *
   * @example
   * ```ts
   * testBank.loseReplies();
   * const { balance } = await bank.deposit('joe', 10n); // The client asks us-east-2, which answers from the book.
   * ```
   */
  loseReplies(count = 1): void {
    if (count !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(count) && count >= 0)) {
      throw new RangeError(`count: expected a whole number from 0 on, got ${String(count)}`);
    }
    this.#repliesToLose = count;
  }

  /**
   * Moves the bank's clock ahead: holds expire, and keys become old. It does not fire the client's timers.
   *
   * Throws a `RangeError` when `timeMs` is no number from 0 on.
   *
   * @example
   * ```ts
   * testBank.advance(7 * 24 * 60 * 60_000);
   * ```
   */
  advance(timeMs: number): void {
    if (!Number.isFinite(timeMs) || timeMs < 0) {
      throw new RangeError(`timeMs: expected a number from 0 on, got ${String(timeMs)}`);
    }
    this.#advancedMs += timeMs;
  }

  /**
   * Runs the scheduled function once. It writes the expiry of holds into the statements of their accounts. (A balance has the money as
   * soon as the hold is expired.)
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
   * Makes the bank empty, with both Regions up and the clock where it began. Clients can go on; each remembers which Region it used last.
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
        // A defect of the bank, which its answer does not show.
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
