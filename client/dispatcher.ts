import { toKey } from './amount.ts';
import type { Answered } from './answers.ts';
import type { BankRequest } from './attempt.ts';
import { Batcher } from './batcher.ts';
import { type CallLimits, call, type RequestMaker } from './call.ts';
import type { CallOptions, MoveOptions } from './call-options.ts';
import { type CallResult, isKeyTimeRefusal, isStaleSignature, mayMintAnew, unwrap } from './call-result.ts';
import { EndpointChoice } from './endpoints.ts';
import { follow, onAbort } from './follow.ts';
import { Gate } from './gate.ts';
import { KeyMinter } from './key.ts';
import type { MoveCall } from './moves.ts';
import { duration, type ResolvedOptions } from './options.ts';
import { PreferredProbe } from './probe.ts';
import { healthRequest, type KeyedCall, moveRequest, type Subject } from './requests.ts';

/**
 * Makes the calls of a client, and keeps what they share: which endpoint works, and the clock for keys.
 */
export class Dispatcher {
  readonly #options: ResolvedOptions;
  readonly #gate: Gate;
  readonly #minter: KeyMinter;
  readonly #probe: PreferredProbe;
  readonly #closing = new AbortController();
  readonly #batcher: Batcher;
  #knowsTime = false;

  constructor(options: ResolvedOptions) {
    const { environment } = options;
    this.#options = options;
    // Keeps the one listener of the signal. Without it, each call that is alone would add and remove one.
    onAbort(this.#closing.signal, () => {});
    const endpoints = new EndpointChoice(options);
    this.#gate = new Gate(endpoints, options);
    this.#minter = new KeyMinter(environment);
    this.#batcher = new Batcher({
      environment,
      attemptTimeoutMs: options.attemptTimeoutMs,
      send: (make, limits) => this.#call(make, limits),
      endpoint: () => endpoints.current,
      closing: this.#closing.signal,
    });
    this.#probe = new PreferredProbe(options, endpoints, this.#minter, this.#closing.signal);
  }

  /** Mints a key with the bank's time, if it is known. */
  mintKey(): string {
    return this.#minter.mint();
  }

  /** Makes a call that has a key. Mints the key unless the caller has given one. */
  async move<T extends Subject>(move: MoveCall<T>, options: MoveOptions): Promise<T & Answered> {
    const givenKey = options.key === undefined ? undefined : toKey(options.key);
    const limits = this.#begin(options);
    try {
      // Learns the bank's time first. With this transport, a key with a wrong time could not be replaced: the transport may have sent a
      // second copy of the call, which may be executed when the time of the key has come.
      if (givenKey === undefined && !this.#options.environment.sendsOnce && !this.#knowsTime) {
        await this.#call(healthRequest, limits);
      }
      for (let isMintedAnew = false; ; isMintedAnew = true) {
        let minted: { readonly key: string; readonly correctionMs: number } | undefined;
        const mint = () => {
          if (minted === undefined) {
            minted = { key: givenKey ?? this.#minter.mint(), correctionMs: this.#minter.correctionMs };
            this.#options.onEvent({ type: 'key', account: move.names.account, key: minted.key });
          }
          return minted;
        };
        const keyed: KeyedCall<T> = {
          move,
          // Minted when the call is sent, or has ended: if it waits before that, newer keys may be on a page already.
          get key() {
            return mint().key;
          },
          mayRetry: givenKey !== undefined,
        };
        const result = this.#isBatched(move)
          ? await this.#batcher.call(keyed, limits)
          : await this.#call(() => moveRequest(keyed), limits);
        const { key, correctionMs } = mint();
        this.#learnFromRefusal(result, correctionMs);
        // A new key is safe only because no attempt with the old one was executed or can be: the bank refused each of them.
        if (givenKey === undefined && !isMintedAnew && mayMintAnew(result)) {
          continue;
        }
        if (givenKey === undefined && result.kind === 'answered') {
          this.#minter.prove(correctionMs);
        }
        return unwrap(result, key, limits.signal);
      }
    } finally {
      limits.release();
    }
  }

  /** Sends a read, or a cancellation with its key. */
  async send<T extends object | undefined>(
    request: BankRequest<T>,
    options: CallOptions,
    key?: string,
  ): Promise<T & { region: string }> {
    const limits = this.#begin(options);
    try {
      const { correctionMs } = this.#minter;
      const result = await this.#call(() => request, limits);
      this.#learnFromRefusal(result, correctionMs);
      return unwrap(result, key, limits.signal);
    } finally {
      limits.release();
    }
  }

  /** Ends the calls that are under way. */
  close(): void {
    this.#closing.abort(new DOMException('the client was closed', 'AbortError'));
  }

  /** Begins a call: one deadline for all its requests, and one signal that its caller or the end of the client aborts. */
  #begin({ signal, timeoutMs }: CallOptions): CallLimits & { readonly release: () => void } {
    const { environment, callTimeoutMs } = this.#options;
    const deadlineMs = environment.elapsedMs() + duration('timeoutMs', timeoutMs ?? callTimeoutMs);
    const closing = this.#closing.signal;
    signal?.throwIfAborted();
    closing.throwIfAborted();
    void this.#probe.probeIfDue();
    return {
      deadlineMs,
      // JavaScript may pass null, as `fetch` allows.
      ...(signal ? follow([signal, closing]) : { signal: closing, release: () => {} }),
    };
  }

  /** True if the call may be sent together with others. */
  #isBatched({ operation }: MoveCall<Subject>): boolean {
    return this.#options.batchCalls && (operation === 'deposit' || operation === 'withdraw');
  }

  async #call<T>(make: RequestMaker<T>, limits: CallLimits): Promise<CallResult<T>> {
    const context = { options: this.#options, gate: this.#gate, minter: this.#minter, ...limits };
    const result = await call(make, context);
    const isStale = this.#options.credentials !== undefined && isStaleSignature(result, this.#minter.nowMs());
    if (result.kind !== 'gave_up' && result.bankTimeMs !== undefined) {
      this.#knowsTime = true;
      if (!isKeyTimeRefusal(result)) {
        this.#minter.learn(result.bankTimeMs);
      }
    }
    return isStale ? await call(make, context) : result;
  }

  /** Learns the time of the bank if it refused a key for its time. */
  #learnFromRefusal<T>(result: CallResult<T>, correctionMs: number): void {
    if (isKeyTimeRefusal(result) && result.bankTimeMs !== undefined) {
      this.#minter.refuse(result.bankTimeMs, correctionMs);
    }
  }
}
