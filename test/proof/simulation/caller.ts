import { BankClient } from '../../../client/client.ts';
import type { Environment } from '../../../client/environment.ts';
import { KeyMinter } from '../../../client/key.ts';
import {
  type Answer,
  answerFrom,
  type CallOutcome,
  cancel,
  type LoadMove,
  send,
} from '../../../client/load/call.ts';
import { isFinalOutcome } from '../../../client/load/ledger.ts';
import type { Entry } from '../../../functions/bank/entry.ts';
import { type Asked, askedOf, completionOf, type HistoryEvent } from '../history/event.ts';
import { type Accounts, type Call, drawCall } from './calls.ts';
import type { Chance } from './chance.ts';
import { REGIONS } from './faults.ts';
import { urlOf } from './network.ts';
import type { VirtualTime } from './time.ts';

/** A call by any caller whose outcome is unknown. */
type OpenCall = Call & { readonly key: string };

/** The reply that a caller got for a key: the balance after its call, why it was refused, or neither where it was cancelled. */
export type KnownReply = Pick<HistoryEvent, 'account' | 'balance' | 'code'> & { readonly key: string };

/** What all callers of a run share. */
export interface Shared {
  readonly time: VirtualTime;
  /** A network that sends each request once at the most, and one that repeats. */
  readonly fetch: Readonly<Record<'once' | 'repeating', typeof globalThis.fetch>>;
  /** The right time, in milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly accounts: Accounts;
  readonly history: HistoryEvent[];
  /** What the bank returned to callers as the outcome of a key. */
  readonly replies: KnownReply[];
  /** Names of holds that were made, or may have been, by account. */
  readonly holds: Map<string, string[]>;
  /** All entries by account, as statements show them. */
  readonly books: ReadonlyMap<string, readonly Entry[]>;
  /** Kept by the caller over any crash. */
  readonly open: Map<string, OpenCall>;
  /** Called with how long a call took, in milliseconds, when it has ended. */
  readonly onEnd: (durationMs: number) => void;
}

const DAY_MS = 24 * 60 * 60_000;

export const CALL_TIMEOUT_MS = 10_000;
const ATTEMPT_TIMEOUT_MS = 2_000;

/** One process that calls the bank through the real client, one thing at a time, until it is done or dies. */
export class Caller {
  readonly #name: string;
  readonly #shared: Shared;
  readonly #chance: Chance;
  readonly #minter: KeyMinter;
  readonly #client: BankClient;
  #alive = true;
  #current: Asked | undefined;
  /** What is under way, where it can be made again. */
  #call: Call | undefined;

  constructor(name: string, shared: Shared, chance: Chance, options: { readonly clockErrorMs: number }) {
    this.#name = name;
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
      // A call without a key of its own is known by the one that the client mints, or by two when its clock was wrong.
      onEvent: (event) => {
        if (event.type !== 'key' || this.#current === undefined || this.#current.key === event.key) {
          return;
        }
        if (this.#current.key !== undefined) {
          this.#write('refused', { code: 'key_in_future' });
        }
        this.#current = { ...this.#current, key: event.key };
        this.#write('invoke');
      },
    });
  }

  /** Does a number of things, with pauses. Never rejects; never resolves when it dies in between. */
  async run(things: number, pauseMs: readonly [number, number]): Promise<void> {
    for (let number = 0; number < things; number += 1) {
      await this.#shared.time.wait(this.#chance.spread(...pauseMs));
      if (!this.#alive) {
        return await NEVER;
      }
      await this.#doSomething();
    }
    // What a program does at its end; it may get no answer, and that must not matter.
    void this.#client.close();
  }

  /** The process is gone in an instant: nothing that it waited for reaches it, and what it had sent is on its way. */
  die(): void {
    this.#alive = false;
    if (this.#current !== undefined) {
      this.#remember();
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
    // Whatever would reach a process that is gone never does.
    const whileAlive = (act: () => void) => () => {
      if (this.#alive) {
        act();
      }
    };
    return {
      fetch: (input, init) =>
        new Promise((resolve, reject) => {
          fetch(input, init).then(
            (response) => whileAlive(() => resolve(response))(),
            (error: unknown) => whileAlive(() => reject(error))(),
          );
        }),
      sendsOnce,
      wallClockMs: () => nowMs() + clockErrorMs,
      elapsedMs: () => time.nowMs,
      random: this.#chance.next,
      randomBytes: (length) => this.#chance.bytes(length),
      setTimer: (callback, delayMs) => time.after(delayMs, whileAlive(callback)),
    };
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
    const call = drawCall(this.#chance, this.#shared.accounts, this.#shared);
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
    this.#call = call;
    // The load engine has no refund without an amount; the client it calls has.
    await this.#ask(askedOf(call), () => send(this.#client, call as LoadMove));
  }

  async #cancel(call: OpenCall): Promise<void> {
    const { account, key } = call;
    this.#call = call;
    await this.#ask({ operation: 'cancel', account, key }, () => cancel(this.#client, account, key));
  }

  async #balance(account: string): Promise<void> {
    await this.#ask({ operation: 'balance', account }, () =>
      send(this.#client, { kind: 'balance', account }),
    );
  }

  /** Lists holds. No history has it. */
  async #holds(account: string): Promise<void> {
    const startedMs = this.#shared.time.nowMs;
    await this.#client.holds(account).catch(answerFrom);
    this.#shared.onEnd(this.#shared.time.nowMs - startedMs);
  }

  /** Asks what a key was answered so far, which changes nothing. The reply is compared with the book in the end. */
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

  async #ask(asked: Asked, work: () => Promise<Answer>): Promise<void> {
    const startedMs = this.#shared.time.nowMs;
    this.#current = asked;
    if (asked.operation === 'balance' || asked.key !== undefined) {
      this.#write('invoke');
    }
    const { outcome } = await work();
    this.#close(outcome);
    this.#shared.onEnd(this.#shared.time.nowMs - startedMs);
  }

  #close(outcome: CallOutcome): void {
    const { key, operation, account } = this.#current ?? {};
    // Where a call never got as far as a key, nothing was asked.
    if (operation === 'balance' || key !== undefined) {
      const { type, ...answered } = completionOf(outcome, operation === 'cancel');
      this.#write(type, answered);
    }
    if (outcome.kind === 'unknown') {
      this.#remember();
    } else if (key !== undefined && isFinalOutcome(outcome)) {
      this.#shared.open.delete(key);
    }
    if (operation === 'hold' && account !== undefined && key !== undefined) {
      this.#shared.holds.set(account, [...(this.#shared.holds.get(account) ?? []), key]);
    }
    this.#current = undefined;
    this.#call = undefined;
  }

  #remember(): void {
    const key = this.#current?.key;
    if (this.#call !== undefined && key !== undefined) {
      this.#shared.open.set(key, { ...this.#call, key });
    }
  }

  #write(type: HistoryEvent['type'], answered: Pick<HistoryEvent, 'balance' | 'code'> = {}): void {
    if (this.#current === undefined) {
      return;
    }
    const time = Math.round(this.#shared.time.nowMs);
    this.#shared.history.push({ time, process: this.#name, type, ...this.#current, ...answered });
  }
}

const NEVER = new Promise<never>(() => {});
