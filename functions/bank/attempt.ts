import type { Append } from './append.ts';
import { entriesIn, isPageDue } from './book.ts';
import type { Appended, Store } from './store.ts';
import { turnAndCache } from './turn.ts';
import { StoreUnavailableError } from './unavailable.ts';

/** What the core needs from its caller. */
export interface BankParts {
  readonly store: Store;
  readonly nowMs: () => number;
  /** Calls with keys minted before this time are never executed: the bank was recovered then. 0 if it never was. */
  readonly keysNotBeforeMs: number;
}

/** Work that remains after the answer and that may be left undone: pages to turn, the end of a transfer whose payee has the money. */
export interface RemainingWork {
  /** Entries of the head when a page was due; undefined if none was. */
  readonly headEntries: number | undefined;
  readonly done: Promise<void>;
}

/** One attempt at a call: whether it may have executed the call, and which work remains. */
export class Attempt {
  readonly parts: BankParts;
  readonly signal: AbortSignal;
  /** True once the entry of the call was written, or a write of it was sent and may still arrive. */
  mayHaveExecuted = false;
  /** True once the call is known to have begun a transfer or a refund. */
  hasBegun = false;
  #headEntries: number | undefined;
  readonly #left: Promise<void>[] = [];

  constructor(parts: BankParts, signal: AbortSignal) {
    this.parts = parts;
    this.signal = signal;
  }

  get store(): Store {
    return this.parts.store;
  }

  /** Appends entries and, if that makes a page due, turns it after the answer. `executes` is true for the entries of calls. */
  async append(append: Append, executes: boolean): Promise<Appended> {
    const appended = await this.store.append(append, this.signal).catch((error: unknown) => {
      this.mayHaveExecuted ||=
        executes && error instanceof StoreUnavailableError && error.executed === 'unknown';
      throw error;
    });
    const { written, mayArrive, head } = appended;
    this.mayHaveExecuted ||= executes && (mayArrive || written);
    if (written && isPageDue(head, append.entries.length)) {
      this.#headEntries = Math.max(this.#headEntries ?? 0, entriesIn(head));
      this.later(turnAndCache(this.store, append.account, head, this.signal));
    }
    return appended;
  }

  /** Adds work that continues while the call is answered. */
  later(work: Promise<void>): void {
    // The handler reports this error. If the attempt itself fails, its own error says more.
    work.catch(() => undefined);
    this.#left.push(work);
  }

  /** Adds the work that another attempt has left. */
  leave(work: RemainingWork | undefined): void {
    if (work !== undefined) {
      this.#headEntries = Math.max(this.#headEntries ?? 0, work.headEntries ?? 0) || undefined;
      this.later(work.done);
    }
  }

  /** The work that remains, or undefined. */
  left(): RemainingWork | undefined {
    return this.#left.length === 0 ? undefined : { headEntries: this.#headEntries, done: this.#drain() };
  }

  /** Remaining work can add more: the entry that ends a transfer may make a page due. */
  async #drain(): Promise<void> {
    for (let index = 0; index < this.#left.length; index += 1) {
      await this.#left[index];
    }
  }
}
