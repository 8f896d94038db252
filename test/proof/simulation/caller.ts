import type { CallOptions } from '../../../client/call-options.ts';
import { BankClient } from '../../../client/client.ts';
import type { Environment } from '../../../client/environment.ts';
import { KeyMinter } from '../../../client/key.ts';
import { type Answer, answerFrom, cancel, type LoadMove, send } from '../../../client/load/call.ts';
import type { Entry } from '../../../functions/bank/entry.ts';
import { type Accounts, type Call, drawCall } from '../calls.ts';
import type { Chance } from '../chance.ts';
import { askedOf, type HistoryEvent } from '../history/event.ts';
import { drawRefunded } from './accounts.ts';
import { REGIONS } from './faults.ts';
import { urlOf } from './network.ts';
import { type OpenCall, Process, type ProcessParts } from './process.ts';

/** The reply that a caller got for a key: the balance after its call, why it was refused, or neither where it was cancelled. */
export type KnownReply = Pick<HistoryEvent, 'account' | 'balance' | 'code'> & { readonly key: string };

/** What all callers of a run share. */
export interface Shared extends ProcessParts {
  /** A network that sends each request once at the most, and one that repeats. */
  readonly fetch: Readonly<Record<'once' | 'repeating', typeof globalThis.fetch>>;
  /** The right time, in milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly accounts: Accounts;
  /** What the bank returned to callers as the outcome of a key. */
  readonly replies: KnownReply[];
  /** All entries by account, as statements show them. */
  readonly books: ReadonlyMap<string, readonly Entry[]>;
}

const DAY_MS = 24 * 60 * 60_000;

/** Most calls of a caller at the same time. */
const MAX_TOGETHER = 6;

export const CALL_TIMEOUT_MS = 10_000;
const ATTEMPT_TIMEOUT_MS = 2_000;

/** One process that calls the bank through the real client, one call at a time, until it is done or dies. */
export class Caller {
  readonly #shared: Shared;
  readonly #chance: Chance;
  readonly #minter: KeyMinter;
  readonly #client: BankClient;
  readonly #process: Process;
  /** Those that make calls at the same time. */
  readonly #others: readonly Process[];
  #alive = true;

  constructor(name: string, shared: Shared, chance: Chance, options: { readonly clockErrorMs: number }) {
    this.#process = new Process(name, shared);
    this.#others = Array.from(
      { length: MAX_TOGETHER },
      (_, index) => new Process(`${name}-${index}`, shared),
    );
    this.#shared = shared;
    this.#chance = chance;
    const environment = this.#environment(options.clockErrorMs);
    this.#minter = new KeyMinter(environment);
    const [first, second] = chance.happens(0.5) ? REGIONS : REGIONS.toReversed();
    this.#client = new BankClient({
      endpoints: [urlOf(first ?? 'us-east-1'), urlOf(second ?? 'us-east-2')],
      callTimeoutMs: CALL_TIMEOUT_MS,
      attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
      ...(chance.happens(0.3) ? { hedgeAfterMs: 100 } : {}),
      environment,
      batchCalls: chance.happens(0.7),
      // So few that calls also wait in the client.
      ...(chance.happens(0.5) ? { maxInFlight: chance.whole(1, 3) } : {}),
      // A call without a key of its own is known by the one that the client mints, or by two when its clock was wrong.
      onEvent: (event) => {
        if (event.type === 'key') {
          this.#process.mint(event.key);
        }
      },
    });
  }

  /** Makes a number of calls, with pauses. Never rejects, and never resolves if it dies in between. */
  async run(things: number, pauseMs: readonly [number, number]): Promise<void> {
    for (let number = 0; number < things; number += 1) {
      await this.#shared.time.wait(this.#chance.spread(...pauseMs));
      if (!this.#alive) {
        return await NEVER;
      }
      await this.#doSomething();
    }
    // As programs do at their end. It may get no answer, which must not matter.
    void this.#client.close();
  }

  /** Ends the process at once: no answer reaches it any more, and its requests are still on their way. */
  die(): void {
    this.#alive = false;
    for (const process of [this.#process, ...this.#others]) {
      process.remember();
    }
  }

  /** Tries to resolve a call: by making it again, or by cancelling its key. */
  resolve(call: OpenCall): Promise<void> {
    return this.#chance.happens(0.5) ? this.#move(call) : this.#cancel(call);
  }

  #environment(clockErrorMs: number): Environment {
    const { time, nowMs } = this.#shared;
    const sendsOnce = this.#chance.happens(0.5);
    const fetch = this.#shared.fetch[sendsOnce ? 'once' : 'repeating'];
    return {
      fetch: (input, init) =>
        new Promise((resolve, reject) => {
          fetch(input, init).then(
            (response) => this.#whileAlive(() => resolve(response))(),
            (error: unknown) => this.#whileAlive(() => reject(error))(),
          );
        }),
      sendsOnce,
      wallClockMs: () => nowMs() + clockErrorMs,
      elapsedMs: () => time.nowMs,
      random: this.#chance.next,
      randomBytes: (length) => this.#chance.bytes(length),
      setTimer: (callback, delayMs) => time.after(delayMs, this.#whileAlive(callback)),
    };
  }

  /** Nothing reaches a process that has died. */
  #whileAlive(act: () => void): () => void {
    return () => {
      if (this.#alive) {
        act();
      }
    };
  }

  /** Some calls are aborted, and some have little time. */
  #patience(): CallOptions {
    const afterMs = this.#chance.spread(1, CALL_TIMEOUT_MS);
    const dice = this.#chance.next();
    if (dice < 0.05) {
      return { timeoutMs: afterMs };
    }
    if (dice > 0.15) {
      return {};
    }
    const controller = new AbortController();
    this.#shared.time.after(
      afterMs,
      this.#whileAlive(() => controller.abort()),
    );
    return { signal: controller.signal };
  }

  async #doSomething(): Promise<void> {
    const { plain, holding } = this.#shared.accounts;
    const account = this.#chance.pick([...plain, ...holding] as [string, ...string[]]);
    const old = [...this.#shared.open.values()];
    const dice = this.#chance.next();
    if (dice < 0.1 && old.length > 0) {
      return await this.#move(this.#chance.pick(old as [OpenCall, ...OpenCall[]]));
    }
    if (dice < 0.15 && old.length > 0) {
      return await this.#cancel(this.#chance.pick(old as [OpenCall, ...OpenCall[]]));
    }
    if (dice < 0.18 && old.length > 0) {
      return await this.#outcome(this.#chance.pick(old as [OpenCall, ...OpenCall[]]));
    }
    if (dice < 0.27) {
      return await this.#balance(account);
    }
    if (dice < 0.3) {
      return await this.#holds(account);
    }
    if (dice < 0.37) {
      return await this.#moveTogether([account, this.#chance.pick(plain)]);
    }
    const { accounts, books, holds: made } = this.#shared;
    const call = drawCall(this.#chance, accounts, (of) => ({
      holds: made.get(of) ?? [],
      isThere: books.get(of)?.some(({ changeMinor }) => changeMinor > 0n) === true,
      drawRefunded: () => drawRefunded(this.#chance, accounts, books.get(of) ?? []),
    }));
    const key = this.#chance.happens(0.5) ? this.#keyOf(this.#chance.happens(0.4)) : undefined;
    await this.#move({ ...call, ...(key === undefined ? {} : { key }) });
  }

  /** A key minted now, or one that was minted long ago and is used for the first time. */
  #keyOf(old: boolean): string {
    if (!old) {
      return this.#minter.mint();
    }
    const ageMs = this.#chance.spread(1_000, 31 * DAY_MS);
    const wallClockMs = () => this.#shared.nowMs() - ageMs;
    return new KeyMinter({ wallClockMs, randomBytes: (length) => this.#chance.bytes(length) }).mint();
  }

  async #move(call: Call): Promise<void> {
    await this.#process.ask(askedOf(call), call, () => this.#send(call));
  }

  /**
   * Deposits and withdraws at the same time, also under keys whose outcome is unknown. The client may send calls of one account together,
   * and those of another one may keep them waiting.
   */
  async #moveTogether(of: readonly [string, string]): Promise<void> {
    const chance = this.#chance;
    const isCash = (call: OpenCall) =>
      of.includes(call.account) && (call.kind === 'deposit' || call.kind === 'withdraw');
    const old = [...this.#shared.open.values()].filter(isCash).slice(0, chance.whole(0, 2));
    const fresh = Array.from({ length: chance.whole(2, MAX_TOGETHER - 2) }, (): OpenCall => {
      const kind = chance.happens(0.5) ? 'deposit' : 'withdraw';
      const key = this.#keyOf(chance.happens(0.2));
      return { kind, account: chance.pick(of), amountMinor: BigInt(chance.whole(1, 30)), key };
    });
    const calls = [...old, ...fresh];
    await Promise.all(
      calls.map((call, index) => this.#others[index]?.ask(askedOf(call), call, () => this.#send(call))),
    );
  }

  #send(call: Call): Promise<Answer> {
    // The load engine has no refund without an amount; the client it calls has.
    return send(this.#client, { ...(call as LoadMove), ...this.#patience() });
  }

  async #cancel(call: OpenCall): Promise<void> {
    const { account, key } = call;
    await this.#process.ask({ operation: 'cancel', account, key }, call, () =>
      cancel(this.#client, account, key),
    );
  }

  async #balance(account: string): Promise<void> {
    await this.#process.ask({ operation: 'balance', account }, undefined, () =>
      send(this.#client, { kind: 'balance', account }),
    );
  }

  /** Lists holds, which is in no history. */
  async #holds(account: string): Promise<void> {
    const startedMs = this.#shared.time.nowMs;
    await this.#client.holds(account).catch(answerFrom);
    this.#shared.onEnd(this.#shared.time.nowMs - startedMs);
  }

  /** Reads the outcome of a key, which changes nothing. At the end the reply is compared with the book. */
  async #outcome({ account, key }: OpenCall): Promise<void> {
    const { time, replies, onEnd } = this.#shared;
    const startedMs = time.nowMs;
    const found = await this.#client.outcome(account, key).catch(answerFrom);
    if (found.outcome === 'executed') {
      replies.push({ account, key, balance: found.balance });
    }
    if (found.outcome === 'refused') {
      replies.push({ account, key, code: found.code });
    }
    if (found.outcome === 'cancelled') {
      replies.push({ account, key, code: 'cancelled' });
    }
    onEnd(time.nowMs - startedMs);
  }
}

const NEVER = new Promise<never>(() => {});
