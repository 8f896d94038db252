import { Acknowledger } from './acknowledger.ts';
import { toAccount, toAmountMinor, toKey } from './amount.ts';
import type { Balance, CallOptions, KeyOutcome, Moved, MoveOptions, OutcomeSoFar } from './answers.ts';
import type { BankRequest } from './attempt.ts';
import { type CallLimits, type CallResult, call } from './call.ts';
import {
  conclude,
  holdsReply,
  isClockProblem,
  isRecorded,
  isStaleSignature,
  reasonOf,
  refusedError,
} from './conclude.ts';
import type { Move } from './contract.ts';
import { EndpointChoice } from './endpoints.ts';
import { RefusedError, UnavailableError } from './errors.ts';
import { follow } from './follow.ts';
import { KeyMinter } from './key.ts';
import { type BankClientOptions, duration, type ResolvedOptions, resolveOptions } from './options.ts';
import { PreferredProbe } from './probe.ts';
import {
  acknowledgeRequest,
  balanceRequest,
  cancelRequest,
  moveRequest,
  outcomeRequest,
  type Subject,
} from './requests.ts';

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
  readonly #acknowledger: Acknowledger | undefined;
  readonly #closing = new AbortController();

  /** Throws {@link InvalidArgumentError} when an option cannot be used. */
  constructor(options: BankClientOptions) {
    this.#options = resolveOptions(options);
    this.#endpoints = new EndpointChoice(this.#options.endpoints, this.#options.onEvent);
    this.#minter = new KeyMinter(this.#options.environment);
    this.#probe = new PreferredProbe(this.#options, this.#endpoints, this.#minter, this.#closing.signal);
    const { environment, acknowledgeAfterMs } = this.#options;
    this.#acknowledger =
      acknowledgeAfterMs === false
        ? undefined
        : new Acknowledger(environment, acknowledgeAfterMs, (subject) => this.#giveBack(subject));
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
    return await this.#read(balanceRequest(toAccount(account)), options);
  }

  /**
   * Makes sure that a key never executes, or tells what has come of it: either way the matter is closed. Cancelling again
   * says the same again.
   *
   * Throws {@link RefusedError} (`key_expired`: it never executes, and what it did in the past is forgotten;
   * `key_in_future`), {@link UnavailableError}, {@link OutcomeUnknownError} (cancel again) or
   * {@link InvalidArgumentError}.
   *
   * @example
   * ```ts
   * const { outcome } = await bank.cancel('joe', order.key);
   * if (outcome === 'executed') await refund(order);
   * ```
   */
  async cancel(account: string, key: string, options: CallOptions = {}): Promise<KeyOutcome> {
    const subject = { account: toAccount(account), key: toKey(key) };
    return await this.#within(options, async (limits) => {
      const result = await this.#call(cancelRequest(subject), limits);
      return conclude(result, subject.key, limits);
    });
  }

  /**
   * Tells what has come of a key, and changes nothing. `none` is not the last word: a call with the key that is still on
   * its way may be executed yet. To make sure of the opposite, cancel the key.
   *
   * Throws {@link UnavailableError} or {@link InvalidArgumentError}.
   */
  async outcome(account: string, key: string, options: CallOptions = {}): Promise<OutcomeSoFar> {
    const subject = { account: toAccount(account), key: toKey(key) };
    try {
      return await this.#read(outcomeRequest(subject), options);
    } catch (error) {
      if (error instanceof RefusedError && error.code === 'no_reply') {
        return { outcome: 'none', ...subject };
      }
      throw error;
    }
  }

  /**
   * Gives a reply back that you hold, so that the bank can forget it. After that the key must not be used again: a call
   * with it would be a new one. The client does this by itself for keys that it minted; for yours, only you know when
   * nobody will retry any more.
   *
   * Leave a day between the last attempt and this, or leave it to the archive: an attempt that went unanswered, yours or
   * one inside of the bank, may arrive late, and then nothing is there any more that keeps it from being executed.
   *
   * Throws {@link UnavailableError} or {@link InvalidArgumentError}.
   */
  async acknowledge(account: string, key: string, options: CallOptions = {}): Promise<void> {
    await this.#read(acknowledgeRequest({ account: toAccount(account), key: toKey(key) }), options);
  }

  /**
   * Ends calls that are under way as if they had been aborted, gives back the replies that the client still holds, and
   * ends what runs in the background. Waits for a bank that does not answer no longer than one attempt timeout. Safe to
   * call twice.
   */
  async close(): Promise<void> {
    this.#closing.abort(new DOMException('the client was closed', 'AbortError'));
    await this.#acknowledger?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #move(move: Move, account: string, amount: bigint | number, options: MoveOptions): Promise<Moved> {
    const name = toAccount(account);
    const amountMinor = toAmountMinor(amount);
    const givenKey = options.key === undefined ? undefined : toKey(options.key);
    return await this.#within(options, async (limits) => {
      let subject = { account: name, key: givenKey ?? this.#minter.mint() };
      let result = await this.#send(move, subject, amountMinor, limits);
      if (givenKey === undefined && isClockProblem(result)) {
        // No attempt of the old key was executed or can be: the bank turned each one away. Only that makes a new key safe.
        this.#minter.correct(result.bankTimeMs);
        subject = { account: name, key: this.#minter.mint() };
        result = await this.#send(move, subject, amountMinor, limits);
      }
      if (givenKey === undefined && holdsReply(result)) {
        this.#acknowledger?.add(subject);
      }
      return conclude(result, subject.key, limits);
    });
  }

  /** Sends a call with the replies that it can give back on its way; those that may not have arrived go with another. */
  async #send(
    move: Move,
    subject: Subject,
    amountMinor: bigint,
    limits: CallLimits,
  ): Promise<CallResult<Subject & { balance: bigint }>> {
    this.#options.onEvent({ type: 'key', ...subject });
    const keys = this.#acknowledger?.take(subject.account) ?? [];
    const result = await this.#call(moveRequest(move, subject, amountMinor, keys), limits);
    if (!(result.kind === 'answered' || isRecorded(result))) {
      for (const key of keys) {
        this.#acknowledger?.add({ account: subject.account, key });
      }
    }
    return result;
  }

  /** Asks something that changes no balance, so that asking again does no harm and its outcome is never in doubt. */
  async #read<T extends object | undefined>(
    request: BankRequest<T>,
    options: CallOptions,
  ): Promise<T & { region: string }> {
    return await this.#within(options, async (limits) => {
      const result = await this.#call(request, limits);
      switch (result.kind) {
        case 'answered':
          return { ...result.value, region: result.region } as T & { region: string };
        case 'refused':
          throw refusedError(result, undefined);
        case 'gave_up':
          throw new UnavailableError(undefined, result.failures, reasonOf(limits.signal));
      }
    });
  }

  /** Gives one reply back, beside the calls and within one attempt timeout, whether or not the client is closing. */
  async #giveBack(subject: Subject): Promise<boolean> {
    const { environment, attemptTimeoutMs } = this.#options;
    const { kind } = await call(acknowledgeRequest(subject), {
      // Events tell of the caller's calls. Nobody waits for this one.
      options: { ...this.#options, onEvent: () => {} },
      endpoints: this.#endpoints,
      clock: this.#minter,
      deadlineMs: environment.elapsedMs() + attemptTimeoutMs,
      signal: new AbortController().signal,
    });
    return kind !== 'gave_up';
  }

  /** Runs a call within its limits: one deadline for all that it sends, and the signals of its caller and of the client's closing. */
  async #within<T>({ signal, timeoutMs }: CallOptions, work: (limits: CallLimits) => Promise<T>): Promise<T> {
    const { environment, callTimeoutMs } = this.#options;
    const deadlineMs = environment.elapsedMs() + duration('timeoutMs', timeoutMs ?? callTimeoutMs);
    const closing = this.#closing.signal;
    const followed = signal === undefined ? undefined : follow([signal, closing]);
    const ending = followed?.signal ?? closing;
    try {
      ending.throwIfAborted();
      void this.#probe.probeIfDue();
      return await work({ signal: ending, deadlineMs });
    } finally {
      followed?.release();
    }
  }

  async #call<T>(request: BankRequest<T>, limits: CallLimits): Promise<CallResult<T>> {
    const send = () =>
      call(request, { options: this.#options, endpoints: this.#endpoints, clock: this.#minter, ...limits });
    const result = await send();
    if (this.#options.credentials === undefined || !isStaleSignature(result, this.#minter.nowMs())) {
      return result;
    }
    this.#minter.correct(result.bankTimeMs);
    return await send();
  }
}
