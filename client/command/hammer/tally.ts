import type { RefusalCode } from '../../failure.ts';
import { Durations } from './durations.ts';
import type { HammerCall } from './plan.ts';

/** How a call ended. */
export type Ending =
  /** A deposit or withdrawal was made, or a balance was told. */
  | { readonly kind: 'answered'; readonly region: string }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly region: string | undefined }
  /** Certainly not executed. */
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'unknown'; readonly key: string };

/** A call of which nobody knows yet what came of it. */
export interface Unknown {
  readonly call: HammerMove;
  readonly key: string;
}
type HammerMove = Exclude<HammerCall, { kind: 'balance' }>;

/** What an unknown outcome turned out to be. */
export type Settled = 'executed' | 'refused' | 'cancelled' | 'unsettled';

/** How many calls ended how. */
export interface Counts {
  readonly calls: number;
  readonly executed: number;
  readonly refused: number;
  readonly unavailable: number;
  readonly unknown: number;
  /** Calls that each Region answered. */
  readonly regions: Readonly<Record<string, number>>;
}

/** The books of a hammering: what was asked, what came of it, and what the accounts have to hold therefore. */
export class Tally {
  readonly durations = new Durations();
  readonly unknown: Unknown[] = [];
  readonly refusals = new Map<RefusalCode, number>();
  readonly settled: Record<Settled, number> = { executed: 0, refused: 0, cancelled: 0, unsettled: 0 };
  /** Accounts of which it is not known what they have to hold. */
  readonly unsure = new Set<string>();
  readonly #expected: Map<string, bigint>;
  readonly #regions = new Map<string, number>();
  #calls = 0;
  #executed = 0;
  #refused = 0;
  #unavailable = 0;

  constructor(accounts: readonly string[]) {
    this.#expected = new Map(accounts.map((account) => [account, 0n]));
  }

  /** What each account has to hold: the executed deposits less the executed withdrawals. */
  get expected(): ReadonlyMap<string, bigint> {
    return this.#expected;
  }

  get counts(): Counts {
    return {
      calls: this.#calls,
      executed: this.#executed,
      refused: this.#refused,
      unavailable: this.#unavailable,
      unknown: this.unknown.length,
      regions: Object.fromEntries([...this.#regions].sort(([one], [other]) => (one < other ? -1 : 1))),
    };
  }

  /** Enters how a call ended. */
  enter(call: HammerCall, ending: Ending, durationMs: number): void {
    this.#calls += 1;
    this.durations.add(durationMs);
    switch (ending.kind) {
      case 'answered':
        count(this.#regions, ending.region);
        if (call.kind !== 'balance') {
          this.#executed += 1;
          this.#book(call);
        }
        break;
      case 'refused':
        this.#refused += 1;
        count(this.refusals, ending.code);
        if (ending.region !== undefined) {
          count(this.#regions, ending.region);
        }
        break;
      case 'unavailable':
        this.#unavailable += 1;
        break;
      case 'unknown':
        if (call.kind !== 'balance') {
          this.unknown.push({ call, key: ending.key });
        }
        break;
    }
  }

  /** Enters what an unknown outcome turned out to be. */
  settle({ call }: Unknown, settled: Settled): void {
    this.settled[settled] += 1;
    if (settled === 'executed') {
      this.#book(call);
    } else if (settled === 'unsettled') {
      this.unsure.add(call.account);
    }
  }

  #book({ kind, account, amountMinor }: HammerMove): void {
    const before = this.#expected.get(account) ?? 0n;
    this.#expected.set(account, kind === 'deposit' ? before + amountMinor : before - amountMinor);
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
