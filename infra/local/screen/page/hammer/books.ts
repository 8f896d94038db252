import type { Settled } from '../../../../../client/command/hammer/tally.ts';
import type { Tally } from './tally.ts';

/** A call of the hammer. */
export interface Move {
  readonly what: 'deposit' | 'withdraw';
  readonly account: string;
  readonly amount: bigint;
}

/** What a call came to. */
export type MoveOutcome =
  | { readonly kind: 'executed' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'unknown'; readonly key: string };

/** A call without an answer, to be settled by its key. */
export interface OpenMove extends Move {
  readonly key: string;
}

/** Keeps what each account must hold, from the answers alone: what the bank says elsewhere is compared with it. */
export class Books {
  readonly #expected: Map<string, bigint>;
  readonly #open = new Set<OpenMove>();
  #tally: Tally = {
    calls: 0,
    executed: 0,
    refused: 0,
    unavailable: 0,
    unknown: 0,
    settled: 0,
    failovers: 0,
  };

  constructor(accounts: readonly string[]) {
    this.#expected = new Map(accounts.map((account) => [account, 0n]));
  }

  get tally(): Tally {
    return this.#tally;
  }

  get expected(): ReadonlyMap<string, bigint> {
    return this.#expected;
  }

  get open(): readonly OpenMove[] {
    return [...this.#open];
  }

  /** Enters a call that has ended. */
  enter(move: Move, outcome: MoveOutcome): void {
    this.#count('calls');
    this.#count(outcome.kind);
    if (outcome.kind === 'executed') this.#book(move);
    if (outcome.kind === 'unknown') this.#open.add({ ...move, key: outcome.key });
  }

  /** Enters what an open call turned out to be. */
  settle(move: OpenMove, settled: Exclude<Settled, 'unsettled'>): void {
    this.#open.delete(move);
    this.#count('settled');
    this.#count(settled === 'cancelled' ? 'unavailable' : settled);
    if (settled === 'executed') this.#book(move);
  }

  failedOver(): void {
    this.#count('failovers');
  }

  #book({ what, account, amount }: Move): void {
    const before = this.#expected.get(account) ?? 0n;
    this.#expected.set(account, what === 'deposit' ? before + amount : before - amount);
  }

  #count(what: keyof Tally): void {
    this.#tally = { ...this.#tally, [what]: this.#tally[what] + 1 };
  }
}
