import type { Answer, CallOutcome } from '../../../client/load/call.ts';
import { isFinalOutcome } from '../../../client/load/ledger.ts';
import type { Call } from '../calls.ts';
import { type Asked, completionOf, type HistoryEvent } from '../history/event.ts';
import type { VirtualTime } from './time.ts';

/** A call by any caller whose outcome is unknown. */
export type OpenCall = Call & { readonly key: string };

/** What all processes of a run share. */
export interface ProcessParts {
  readonly time: VirtualTime;
  readonly history: HistoryEvent[];
  /** Kept by the caller over any crash. */
  readonly open: Map<string, OpenCall>;
  /** Names of holds that were made, or may have been, by account. */
  readonly holds: Map<string, string[]>;
  /** Called with how long a call took, in milliseconds, when it has ended. */
  readonly onEnd: (durationMs: number) => void;
}

/** A process of the history, which makes one call at a time. */
export class Process {
  readonly #name: string;
  readonly #shared: ProcessParts;
  #asked: Asked | undefined;
  /** The call that is under way, if it can be made again. */
  #call: Call | undefined;

  constructor(name: string, shared: ProcessParts) {
    this.#name = name;
    this.#shared = shared;
  }

  /** Makes a call, and enters it and its answer in the history. `call` is given if it can be made again. */
  async ask(asked: Asked, call: Call | undefined, work: () => Promise<Answer>): Promise<void> {
    const startedMs = this.#shared.time.nowMs;
    this.#asked = asked;
    this.#call = call;
    if (asked.operation === 'balance' || asked.key !== undefined) {
      this.#write('invoke');
    }
    const { outcome } = await work();
    this.#close(outcome);
    this.#shared.onEnd(this.#shared.time.nowMs - startedMs);
  }

  /** The client has minted a key for what is under way: its first one, or another because its clock was wrong. */
  mint(key: string): void {
    if (this.#asked === undefined || this.#asked.key === key) {
      return;
    }
    if (this.#asked.key !== undefined) {
      this.#write('refused', { code: 'key_in_future' });
    }
    this.#asked = { ...this.#asked, key };
    this.#write('invoke');
  }

  /** Keeps the call that is under way, so that it can be made again. */
  remember(): void {
    const key = this.#asked?.key;
    if (this.#call !== undefined && key !== undefined) {
      this.#shared.open.set(key, { ...this.#call, key });
    }
  }

  #close(outcome: CallOutcome): void {
    const { key, operation, account } = this.#asked ?? {};
    // A call that never got a key has sent nothing.
    if (operation === 'balance' || key !== undefined) {
      const { type, ...answered } = completionOf(outcome, operation === 'cancel');
      this.#write(type, answered);
    }
    if (outcome.kind === 'unknown') {
      this.remember();
    } else if (key !== undefined && isFinalOutcome(outcome)) {
      this.#shared.open.delete(key);
    }
    if (operation === 'hold' && account !== undefined && key !== undefined) {
      this.#shared.holds.set(account, [...(this.#shared.holds.get(account) ?? []), key]);
    }
    this.#asked = undefined;
    this.#call = undefined;
  }

  #write(type: HistoryEvent['type'], answered: Pick<HistoryEvent, 'balance' | 'code'> = {}): void {
    if (this.#asked === undefined) {
      return;
    }
    const time = Math.round(this.#shared.time.nowMs);
    this.#shared.history.push({ time, process: this.#name, type, ...this.#asked, ...answered });
  }
}
