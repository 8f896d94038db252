import * as v from 'valibot';
import { toAccount, toAmountMinor, toKey } from './amount.ts';
import type { BankRequest } from './attempt.ts';
import { type CallLimits, type CallResult, call } from './call.ts';
import { balanceBodySchema, HEADERS, type Move, movedSchema, paths } from './contract.ts';
import { EndpointChoice } from './endpoints.ts';
import { OutcomeUnknownError, RefusedError, UnavailableError } from './errors.ts';
import { follow } from './follow.ts';
import { KeyMinter } from './key.ts';
import { type BankClientOptions, duration, type ResolvedOptions, resolveOptions } from './options.ts';
import { PreferredProbe } from './probe.ts';

/** Options of one call. */
export interface CallOptions {
  /** Ends the call early. A call that was sent by then ends as {@link OutcomeUnknownError}. */
  readonly signal?: AbortSignal;
  /** Longest time for this call, in milliseconds. Default: the client's `callTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** Options of a call that moves money. */
export interface MoveOptions extends CallOptions {
  /** Idempotency key (UUIDv7) of the call, for a retry or to be able to retry after a crash. Default: a new one. */
  readonly key?: string;
}

/** The answer to a deposit or withdrawal. */
export interface Moved {
  readonly account: string;
  /** Key of the call; a retry with it is given this same answer. */
  readonly key: string;
  /** Balance right after this call, in minor units. */
  readonly balance: bigint;
  /** AWS Region that answered. */
  readonly region: string;
}

/** The answer to a balance. */
export interface Balance {
  readonly account: string;
  /** Balance in minor units. */
  readonly balance: bigint;
  /** AWS Region that answered. */
  readonly region: string;
}

/**
 * A client of a bank that lives in two Regions. It goes on as if nothing had happened when one of them fails.
 *
 * @example
 * ```ts
 * const bank = new BankClient({ endpoints: ['http://127.0.0.1:3020', 'http://127.0.0.1:3030'] });
 * const { balance } = await bank.deposit('joe', 10n);
 * ```
 */
export class BankClient implements AsyncDisposable {
  readonly #options: ResolvedOptions;
  readonly #endpoints: EndpointChoice;
  readonly #minter: KeyMinter;
  readonly #probe: PreferredProbe;
  readonly #closing = new AbortController();

  /** Throws {@link InvalidArgumentError} when an option cannot be used. */
  constructor(options: BankClientOptions) {
    this.#options = resolveOptions(options);
    this.#endpoints = new EndpointChoice(this.#options.endpoints, this.#options.onEvent);
    this.#minter = new KeyMinter(this.#options.environment);
    this.#probe = new PreferredProbe(this.#options, this.#endpoints, this.#minter, this.#closing.signal);
  }

  /**
   * Puts an amount of minor units into an account; the first deposit opens it.
   *
   * Throws {@link RefusedError} (`balance_too_large`, `key_reused`, `key_expired`, ...), {@link UnavailableError}
   * (certainly not executed), {@link OutcomeUnknownError} (retry with its key) or {@link InvalidArgumentError}.
   */
  deposit(account: string, amount: bigint | number, options: MoveOptions = {}): Promise<Moved> {
    return this.#move('deposit', account, amount, options);
  }

  /**
   * Takes an amount of minor units out of an account, never more than is in it.
   *
   * Throws as {@link BankClient.deposit} does, with `not_enough_money` and `no_such_account`.
   */
  withdraw(account: string, amount: bigint | number, options: MoveOptions = {}): Promise<Moved> {
    return this.#move('withdraw', account, amount, options);
  }

  /**
   * Asks for a balance: a strongly consistent read, so it holds everything that was answered before it was asked.
   *
   * Throws {@link RefusedError} (`no_such_account`), {@link UnavailableError} or {@link InvalidArgumentError}.
   */
  async balance(account: string, options: CallOptions = {}): Promise<Balance> {
    const name = toAccount(account);
    return await this.#within(options, async (limits) => {
      const result = await this.#call(
        {
          method: 'GET',
          path: paths.account(name),
          headers: {},
          body: undefined,
          parse: (body) => answerTo(v.parse(balanceBodySchema, body), { account: name }),
        },
        limits,
      );
      switch (result.kind) {
        case 'answered':
          return { ...result.value, region: result.region };
        case 'refused':
          throw refusedError(result, undefined);
        case 'gave_up':
          throw new UnavailableError(undefined, result.failures, reasonOf(limits.signal));
      }
    });
  }

  /** Ends what runs in the background, and calls that are under way as if they had been aborted. Safe to call twice. */
  close(): Promise<void> {
    this.#closing.abort(new DOMException('the client was closed', 'AbortError'));
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #move(move: Move, account: string, amount: bigint | number, options: MoveOptions): Promise<Moved> {
    const name = toAccount(account);
    const amountMinor = toAmountMinor(amount);
    const givenKey = options.key === undefined ? undefined : toKey(options.key);
    return await this.#within(options, async (limits) => {
      const send = (key: string) => {
        this.#options.onEvent({ type: 'key', account: name, key });
        return this.#call(moveRequest(move, name, amountMinor, key), limits);
      };

      let key = givenKey ?? this.#minter.mint();
      let result = await send(key);
      if (givenKey === undefined && isClockProblem(result)) {
        // No attempt of the old key was executed or can be: the bank turned each one away. Only that makes a new key safe.
        this.#minter.correct(result.bankTimeMs);
        key = this.#minter.mint();
        result = await send(key);
      }

      switch (result.kind) {
        case 'answered':
          return { ...result.value, region: result.region };
        case 'refused':
          throw result.executed === 'no'
            ? refusedError(result, key)
            : new OutcomeUnknownError(key, result.failures, { cause: refusedError(result, key) });
        case 'gave_up': {
          const failure = result.executed === 'no' ? UnavailableError : OutcomeUnknownError;
          throw new failure(key, result.failures, reasonOf(limits.signal));
        }
      }
    });
  }

  /** Runs a call within its limits: one deadline for all that it sends, and the signals of its caller and of the client's closing. */
  async #within<T>({ signal, timeoutMs }: CallOptions, work: (limits: CallLimits) => Promise<T>): Promise<T> {
    const { environment, callTimeoutMs } = this.#options;
    const deadlineMs = environment.elapsedMs() + duration('timeoutMs', timeoutMs ?? callTimeoutMs);
    const closing = this.#closing.signal;
    const followed = follow(signal === undefined ? [closing] : [signal, closing]);
    try {
      followed.signal.throwIfAborted();
      void this.#probe.probeIfDue();
      return await work({ signal: followed.signal, deadlineMs });
    } finally {
      followed.release();
    }
  }

  #call<T>(request: BankRequest<T>, limits: CallLimits): Promise<CallResult<T>> {
    return call(request, {
      options: this.#options,
      endpoints: this.#endpoints,
      clock: this.#minter,
      ...limits,
    });
  }
}

function moveRequest(
  move: Move,
  account: string,
  amountMinor: bigint,
  key: string,
): BankRequest<{ account: string; key: string; balance: bigint }> {
  return {
    method: 'POST',
    path: paths.move(account, move),
    headers: { 'content-type': 'application/json', [HEADERS.idempotencyKey]: key },
    body: JSON.stringify({ amount: String(amountMinor) }),
    parse: (body) => answerTo(v.parse(movedSchema, body), { account, key }),
  };
}

/** An answer to somebody else's call is not an answer: better to ask again than to believe a mixed-up connection. */
function answerTo<T extends { account: string; key?: string }>(
  answer: T,
  asked: { account: string; key?: string },
): T {
  if (answer.account !== asked.account || answer.key !== asked.key) {
    throw new Error(`asked about ${JSON.stringify(asked)}, answered about ${JSON.stringify(answer.account)}`);
  }
  return answer;
}

/** The bank took the key for one from the future or the distant past, and told its own time. */
function isClockProblem<T>(
  result: CallResult<T>,
): result is Extract<CallResult<T>, { kind: 'refused' }> & { bankTimeMs: number } {
  return (
    result.kind === 'refused' &&
    result.executed === 'no' &&
    (result.refusal.code === 'key_in_future' || result.refusal.code === 'key_expired') &&
    result.bankTimeMs !== undefined
  );
}

function refusedError(
  { refusal, region }: Extract<CallResult<unknown>, { kind: 'refused' }>,
  key: string | undefined,
): RefusedError {
  return new RefusedError(refusal.code, refusal.detail, { status: refusal.status, region, key });
}

function reasonOf(signal: AbortSignal): ErrorOptions {
  return signal.aborted ? { cause: signal.reason } : {};
}
