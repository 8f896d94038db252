import { BankClient } from '../../../client/client.ts';
import type { Environment } from '../../../client/environment.ts';
import { KeyMinter } from '../../../client/key.ts';
import { type Answer, cancel, type Outcome, send } from '../../../client/load/call.ts';
import { isFinal } from '../../../client/load/ledger.ts';
import { completionOf, type HistoryEvent } from '../history/event.ts';
import type { Chance } from './chance.ts';
import { REGIONS } from './faults.ts';
import { urlOf } from './network.ts';
import type { VirtualTime } from './time.ts';

/** A call that somebody made and whose outcome is unknown. */
export interface OpenCall {
  readonly account: string;
  readonly operation: 'deposit' | 'withdraw';
  readonly amountMinor: bigint;
  readonly key: string;
}

/** What all callers of a run share. */
export interface Shared {
  readonly time: VirtualTime;
  /** A network that sends each request once at the most, and one that repeats. */
  readonly fetch: Readonly<Record<'once' | 'repeating', typeof globalThis.fetch>>;
  /** The right time, in milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly accounts: readonly [string, ...string[]];
  readonly history: HistoryEvent[];
  /** Kept by the caller over any crash. */
  readonly open: Map<string, OpenCall>;
  /** Hears how long a call took that has ended, in milliseconds. */
  readonly onEnd: (durationMs: number) => void;
}

const DAY_MS = 24 * 60 * 60_000;

export const CALL_TIMEOUT_MS = 10_000;
const ATTEMPT_TIMEOUT_MS = 2_000;

type Asked = Pick<HistoryEvent, 'operation' | 'account' | 'amount' | 'key'>;

/** One process that calls the bank through the real client, one thing at a time, until it is done or dies. */
export class Caller {
  readonly #name: string;
  readonly #shared: Shared;
  readonly #chance: Chance;
  readonly #minter: KeyMinter;
  readonly #client: BankClient;
  #alive = true;
  #current: Asked | undefined;

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
        if (event.type !== 'key' || this.#current === undefined || this.#current.key === event.key) return;
        if (this.#current.key !== undefined) this.#write('refused', { code: 'key_in_future' });
        this.#current = { ...this.#current, key: event.key };
        this.#write('invoke');
      },
    });
  }

  /** Does a number of things, with pauses. Never rejects; never resolves when it dies in between. */
  async run(things: number, pauseMs: readonly [number, number]): Promise<void> {
    for (let number = 0; number < things; number += 1) {
      await this.#shared.time.wait(this.#chance.spread(...pauseMs));
      if (!this.#alive) return await NEVER;
      await this.#doSomething();
    }
    // What a program does at its end; it may be told nothing, and that must not matter.
    void this.#client.close();
  }

  /** The process is gone in an instant: nothing that it waited for reaches it, and what it had sent is on its way. */
  die(): void {
    this.#alive = false;
    if (this.#current !== undefined) this.#remember();
  }

  /** Tries to resolve a call: by making it again, or by cancelling its key. */
  resolve(call: OpenCall): Promise<void> {
    return this.#chance.happens(0.5) ? this.#retry(call) : this.#cancel(call);
  }

  #environment(clockErrorMs: number): Environment {
    const { time, nowMs } = this.#shared;
    const sendsOnce = this.#chance.happens(0.5);
    const fetch = this.#shared.fetch[sendsOnce ? 'once' : 'repeating'];
    // Whatever would reach a process that is gone never does.
    const whileAlive = (act: () => void) => () => {
      if (this.#alive) act();
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
    const account = this.#chance.pick(this.#shared.accounts);
    const old = [...this.#shared.open.values()];
    const dice = this.#chance.next();
    if (dice < 0.1 && old.length > 0)
      return await this.#retry(this.#chance.pick(old as [OpenCall, ...OpenCall[]]));
    if (dice < 0.15 && old.length > 0)
      return await this.#cancel(this.#chance.pick(old as [OpenCall, ...OpenCall[]]));
    if (dice < 0.3) return await this.#balance(account);
    const operation = dice < 0.65 ? 'deposit' : 'withdraw';
    const amountMinor = BigInt(this.#chance.whole(1, 30));
    const key = this.#chance.happens(0.5) ? this.#keyOf(this.#chance.happens(0.4)) : undefined;
    await this.#move({ account, operation, amountMinor, key });
  }

  /** A key of now, or one that was stored long ago and is used for the first time. */
  #keyOf(old: boolean): string {
    if (!old) return this.#minter.mint();
    const ageMs = this.#chance.spread(1_000, 31 * DAY_MS);
    const wallClockMs = () => this.#shared.nowMs() - ageMs;
    return new KeyMinter({ wallClockMs, randomBytes: (length) => this.#chance.bytes(length) }).mint();
  }

  async #move({
    account,
    operation,
    amountMinor,
    key,
  }: Omit<OpenCall, 'key'> & { readonly key: string | undefined }) {
    const asked: Asked = { operation, account, amount: amountMinor, ...(key === undefined ? {} : { key }) };
    const call = { kind: operation, account, amountMinor, ...(key === undefined ? {} : { key }) };
    await this.#ask(asked, () => send(this.#client, call));
  }

  async #retry(call: OpenCall): Promise<void> {
    await this.#move(call);
  }

  async #cancel({ account, key }: OpenCall): Promise<void> {
    await this.#ask({ operation: 'cancel', account, key }, () => cancel(this.#client, account, key));
  }

  async #balance(account: string): Promise<void> {
    await this.#ask({ operation: 'balance', account }, () =>
      send(this.#client, { kind: 'balance', account }),
    );
  }

  async #ask(asked: Asked, work: () => Promise<Answer>): Promise<void> {
    const startedMs = this.#shared.time.nowMs;
    this.#current = asked;
    if (asked.operation === 'balance' || asked.key !== undefined) this.#write('invoke');
    this.#close((await work()).outcome);
    this.#shared.onEnd(this.#shared.time.nowMs - startedMs);
  }

  #close(outcome: Outcome): void {
    const { key, operation } = this.#current ?? {};
    // Where a call never got as far as a key, nothing was asked.
    if (operation === 'balance' || key !== undefined) {
      const { type, ...answered } = completionOf(outcome, operation === 'cancel');
      this.#write(type, answered);
    }
    if (outcome.kind === 'unknown') this.#remember();
    else if (key !== undefined && isFinal(outcome)) this.#shared.open.delete(key);
    this.#current = undefined;
  }

  #remember(): void {
    const { operation, account, amount, key } = this.#current ?? {};
    if ((operation === 'deposit' || operation === 'withdraw') && account && amount && key !== undefined) {
      this.#shared.open.set(key, { account, operation, amountMinor: amount, key });
    }
  }

  #write(type: HistoryEvent['type'], answered: Pick<HistoryEvent, 'balance' | 'code'> = {}): void {
    if (this.#current === undefined) return;
    const time = Math.round(this.#shared.time.nowMs);
    this.#shared.history.push({ time, process: this.#name, type, ...this.#current, ...answered });
  }
}

const NEVER = new Promise<never>(() => {});
