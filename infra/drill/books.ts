import type { Move } from '../../client/contract/schemas.ts';
import type { RefusalCode } from '../../client/failure.ts';

/** Parts of a drill, in their order. */
export const PHASES = ['before', 'fault', 'after'] as const;
export type Phase = (typeof PHASES)[number];

/** A deposit or withdrawal, with a key that the drill minted before it asked. */
export interface MoveRequest {
  readonly kind: Move;
  readonly account: string;
  readonly key: string;
  readonly amountMinor: bigint;
}

/** Something that the bank is asked. */
export type Request = MoveRequest | { readonly kind: 'balance'; readonly account: string };

/** What came of a request. */
export type Outcome =
  | { readonly kind: 'executed'; readonly balanceMinor: bigint }
  /** The answer to a balance. */
  | { readonly kind: 'told'; readonly balanceMinor: bigint }
  /** Nothing was moved; a key that was cancelled ends here too. */
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly detail: string }
  /** Nobody answered, and nothing can have been moved. */
  | { readonly kind: 'not_executed' }
  | { readonly kind: 'unknown' };

/** One call. */
export interface Entry {
  readonly request: Request;
  /** Part of the drill in which it began, or that of the fault, if the fault began before it ended. */
  readonly phase: Phase;
  /** How it ended for its caller; `unknown` until it has. */
  readonly outcome: Outcome;
  /** What the drill found out later about a call that had ended as unknown. */
  readonly settled: Outcome | undefined;
  /** Region that answered. */
  readonly region: string | undefined;
  /** True when it was answered by another endpoint than one that had failed it. */
  readonly failedOver: boolean;
  readonly durationMs: number;
}

/** How a call ended. */
export type Ending = Pick<Entry, 'outcome' | 'region' | 'failedOver' | 'durationMs'>;

/** What was asked and what came of it. A call is in the books before it is sent, so that none can be forgotten. */
export class Books {
  readonly #entries: Entry[] = [];

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Enters a request that is about to be sent, and gives its number. */
  open(request: Request, phase: Phase): number {
    const outcome = { kind: 'unknown' } as const;
    this.#entries.push({
      request,
      phase,
      outcome,
      settled: undefined,
      region: undefined,
      failedOver: false,
      durationMs: 0,
    });
    return this.#entries.length - 1;
  }

  /** Enters how a call ended, and in which part of the drill that was. */
  close(number: number, ending: Ending, phase: Phase): void {
    this.#change(number, phase === 'fault' ? { ...ending, phase } : ending);
  }

  settle(number: number, settled: Outcome, region: string | undefined): void {
    this.#change(number, { settled, region });
  }

  #change(number: number, change: Partial<Entry>): void {
    const entry = this.#entries[number];
    if (entry === undefined) throw new RangeError(`there is no entry ${number}`);
    this.#entries[number] = { ...entry, ...change };
  }
}

/** What is known of a call in the end. */
export function lastOutcome({ outcome, settled }: Entry): Outcome {
  return settled ?? outcome;
}

/** True for a deposit or withdrawal. */
export function isMove(request: Request): request is MoveRequest {
  return request.kind !== 'balance';
}
