import { toKey } from './amount.ts';
import type { Answered, CallOptions, KeyOutcome, MoveOptions } from './answers.ts';
import type { BankRequest } from './attempt.ts';
import { type CallLimits, type CallResult, call } from './call.ts';
import { conclude, isClockProblem, isOfTime, isStaleSignature, reasonOf, refusedError } from './conclude.ts';
import { EndpointChoice } from './endpoints.ts';
import { UnavailableError } from './errors.ts';
import { follow } from './follow.ts';
import { Gate } from './gate.ts';
import { KeyMinter } from './key.ts';
import type { Asked } from './moves.ts';
import { duration, type ResolvedOptions } from './options.ts';
import { PreferredProbe } from './probe.ts';
import { cancelRequest, healthRequest, moveRequest, type Subject } from './requests.ts';

/**
 * Makes a client's calls, and holds what they share: which endpoint works, and the clock that keys are minted by.
 */
export class Caller {
  readonly #options: ResolvedOptions;
  readonly #gate: Gate;
  readonly #minter: KeyMinter;
  readonly #probe: PreferredProbe;
  readonly #closing = new AbortController();
  #knowsTime = false;

  constructor(options: ResolvedOptions) {
    const { environment } = options;
    this.#options = options;
    const endpoints = new EndpointChoice(options);
    this.#gate = new Gate(endpoints, options);
    this.#minter = new KeyMinter(environment);
    this.#probe = new PreferredProbe(options, endpoints, this.#minter, this.#closing.signal);
  }

  /** Mints a key by the bank's time, as far as it is known by now. */
  mintKey(): string {
    return this.#minter.mint();
  }

  /** Moves money. Mints the key unless the caller has given one. */
  async move<T extends Subject>(asked: Asked<T>, options: MoveOptions): Promise<T & Answered> {
    const givenKey = options.key === undefined ? undefined : toKey(options.key);
    return await this.#within(options, async (limits) => {
      // Where a key of a wrong time could not be replaced: a copy of its call, which the transport sent without telling, may be
      // executed once its time has come.
      if (givenKey === undefined && !this.#options.environment.sendsOnce && !this.#knowsTime) {
        await this.#call(healthRequest(), limits);
      }
      let { correctionMs } = this.#minter;
      let key = givenKey ?? this.#minter.mint();
      let result = await this.#send(asked, key, limits, givenKey !== undefined);
      if (givenKey === undefined && isClockProblem(result)) {
        // No attempt of the old key was executed or can be: the bank turned each one away. Only that makes a new key safe.
        correctionMs = this.#minter.correctionMs;
        key = this.#minter.mint();
        result = await this.#send(asked, key, limits, false);
      }
      if (givenKey === undefined && result.kind === 'answered') {
        this.#minter.prove(correctionMs);
      }
      return conclude(result, key, limits);
    });
  }

  /** Closes the matter of a key. */
  async cancel(subject: Subject, options: CallOptions): Promise<KeyOutcome> {
    return await this.#within(options, async (limits) => {
      const result = await this.#call(cancelRequest(subject), limits);
      return conclude(result, subject.key, limits);
    });
  }

  /** Asks something that changes no balance, so that asking again does no harm and its outcome is never in doubt. */
  async read<T extends object | undefined>(
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
          throw new UnavailableError(undefined, result.failures, reasonOf(result, undefined, limits.signal));
      }
    });
  }

  /** Ends calls that are under way. */
  close(): void {
    this.#closing.abort(new DOMException('the client was closed', 'AbortError'));
  }

  /** Sends a call. `mayReturn` says that its caller keeps the key, and may come back with it. */
  async #send<T extends Subject>(
    asked: Asked<T>,
    key: string,
    limits: CallLimits,
    mayReturn: boolean,
  ): Promise<CallResult<T & { replayed: boolean }>> {
    this.#options.onEvent({ type: 'key', account: asked.names.account, key });
    return await this.#call(moveRequest(asked, key, mayReturn), limits);
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
      call(request, { options: this.#options, gate: this.#gate, clock: this.#minter, ...limits });
    const result = await send();
    const isStale = this.#options.credentials !== undefined && isStaleSignature(result, this.#minter.nowMs());
    if (result.kind !== 'gave_up' && result.bankTimeMs !== undefined) {
      if (isOfTime(result)) {
        this.#minter.refuse(result.bankTimeMs);
      } else {
        this.#minter.learn(result.bankTimeMs);
      }
      this.#knowsTime = true;
    }
    return isStale ? await send() : result;
  }
}
