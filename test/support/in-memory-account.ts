import {
  MAX_AMOUNT_MINOR,
  MAX_OPEN_HOLDS,
  type Move,
  type PathNames,
  type ProblemCode,
} from '../../client/contract/schemas.ts';
import type { Side, Status } from '../../client/index.ts';

/** What a call asks of an account. */
export interface Call extends Pick<PathNames, 'to' | 'hold' | 'call'> {
  readonly operation: Move;
  readonly key: string;
  /** The members of all bodies. */
  readonly body: {
    readonly amount?: bigint | undefined;
    readonly reference?: string | undefined;
    readonly mustExist?: boolean | undefined;
    readonly expiresInSeconds?: number;
    readonly final?: boolean;
    readonly debits?: Side | undefined;
    readonly credits?: Side | undefined;
  };
}

/** An entry of a statement, as it is on the wire. Members that are undefined are left out there. */
export interface StatementEntry {
  readonly sequence: number;
  readonly key: string;
  readonly type: string;
  readonly code?: ProblemCode | undefined;
  readonly amount?: string | undefined;
  readonly change: string;
  readonly heldChange?: string | undefined;
  readonly balance: string;
  readonly reference?: string | undefined;
  readonly other?: string | undefined;
  readonly transfer?: string | undefined;
  readonly hold?: string | undefined;
  readonly call?: string | undefined;
  readonly refund?: string | undefined;
  readonly debits?: Side | undefined;
  readonly credits?: Side | undefined;
  readonly at: string;
}

/** What an entry says; its place, its time and the balance follow. */
type Said = Omit<StatementEntry, 'sequence' | 'balance' | 'at' | 'amount' | 'change' | 'heldChange'> & Moves;

interface Moves {
  readonly amount?: bigint | undefined;
  readonly change?: bigint;
  readonly heldChange?: bigint;
}

interface HoldState {
  readonly remainingMinor: bigint;
  readonly expiresAtMs: number;
  /** How it ended. */
  readonly ended?: 'hold_captured' | 'hold_voided' | 'hold_expired';
}

/** What an executed call does, and how it leaves the hold that it is about. A refund says where its money goes. */
type Effect = Pick<Said, 'type' | 'other'> & Moves & { readonly leaves?: HoldState };

/** An account of the in-memory bank: its money, its holds, whether it is frozen, and its statement, the oldest entry first. */
export class InMemoryAccount {
  balanceMinor: bigint | undefined;
  heldMinor = 0n;
  status: Status = {};
  readonly holds = new Map<string, HoldState>();
  /** What is left to refund, by the key of the call. */
  readonly refundable = new Map<string, bigint>();
  readonly entries: StatementEntry[] = [];

  append({ amount, change = 0n, heldChange = 0n, ...said }: Said, atMs: number): StatementEntry {
    this.balanceMinor = change === 0n ? this.balanceMinor : (this.balanceMinor ?? 0n) + change;
    this.heldMinor += heldChange;
    const entry = {
      ...said,
      sequence: this.entries.length + 1,
      amount: amount === undefined ? undefined : String(amount),
      change: String(change),
      heldChange: heldChange === 0n ? undefined : String(heldChange),
      balance: String(this.balanceMinor ?? 0n),
      at: new Date(atMs).toISOString(),
    };
    this.entries.push(entry);
    return entry;
  }

  /** Releases the holds whose time is over. */
  expire(atMs: number): void {
    for (const [hold, state] of this.holds) {
      const { remainingMinor: amount, expiresAtMs, ended } = state;
      if (ended === undefined && expiresAtMs <= atMs) {
        this.holds.set(hold, { ...state, ended: 'hold_expired' });
        const moves = { amount, change: amount, heldChange: -amount };
        this.append({ key: bankKeyOf(hold), type: 'expired', ...moves, hold }, atMs);
      }
    }
  }

  /** What a call does, or why it is refused. */
  decide({ operation, hold, call, body }: Call, atMs: number): Effect | ProblemCode {
    const { amount = 0n, mustExist, expiresInSeconds = 0 } = body;
    const exists = this.balanceMinor !== undefined;
    switch (operation) {
      case 'deposit': {
        const refusal = mustExist && !exists ? 'no_such_account' : this.#cannotTake(amount);
        return refusal ?? { type: 'deposit', amount, change: amount };
      }
      case 'withdraw':
        return this.#cannotPay(amount) ?? { type: 'withdrawal', amount, change: -amount };
      case 'transfer':
        return this.#cannotPay(amount) ?? { type: 'transfer', amount, change: -amount, heldChange: amount };
      case 'hold': {
        const open = [...this.holds.values()].filter(({ ended }) => ended === undefined);
        const refusal = open.length >= MAX_OPEN_HOLDS ? 'too_many_open' : undefined;
        const leaves = { remainingMinor: amount, expiresAtMs: atMs + expiresInSeconds * 1000 };
        return (
          this.#cannotPay(amount) ??
          refusal ?? { type: 'hold', amount, change: -amount, heldChange: amount, leaves }
        );
      }
      case 'capture':
      case 'captureTo':
      case 'void': {
        const state = this.holds.get(hold ?? '');
        if (!exists || state === undefined) {
          return exists ? 'no_such_hold' : 'no_such_account';
        }
        return state.ended ?? this.#end(operation, state, body);
      }
      case 'refund':
        return exists ? this.#refund(call, body) : 'no_such_account';
      case 'setStatus':
        return exists ? { type: 'status' } : 'no_such_account';
    }
  }

  /** Why a transfer to the account has to return. */
  cannotBePaid(amount: bigint): ProblemCode | undefined {
    const code = this.balanceMinor === undefined ? 'no_such_destination' : this.#cannotTake(amount);
    return code === 'account_frozen' ? 'destination_frozen' : code;
  }

  /** Why money must not leave the account, or cannot. */
  #cannotPay(amount: bigint): ProblemCode | undefined {
    if (this.balanceMinor === undefined) {
      return 'no_such_account';
    }
    if (this.status.debits === 'frozen') {
      return 'account_frozen';
    }
    return this.balanceMinor < amount ? 'not_enough_money' : undefined;
  }

  /** Why money must not come in, or cannot. */
  #cannotTake(amount: bigint): ProblemCode | undefined {
    if (this.status.credits === 'frozen') {
      return 'account_frozen';
    }
    return (this.balanceMinor ?? 0n) + amount > MAX_AMOUNT_MINOR ? 'balance_too_large' : undefined;
  }

  /** Of what had left the bank nothing moves yet. What a transfer had brought is taken and held, to be paid back. */
  #refund(key: string | undefined, body: Call['body']): Effect | ProblemCode {
    const original = this.entries.find((entry) => entry.key === key && entry.type !== 'refused');
    const leftMinor = this.refundable.get(key ?? '');
    if (leftMinor === undefined) {
      return original === undefined ? 'no_such_call' : 'not_refundable';
    }
    const { amount = leftMinor } = body;
    if (amount > leftMinor || amount === 0n) {
      return 'refund_exceeded';
    }
    const other = original?.other;
    return other === undefined
      ? (this.#cannotTake(amount) ?? { type: 'refund', amount })
      : (this.#cannotPay(amount) ?? { type: 'refund', amount, change: -amount, heldChange: amount, other });
  }

  #end(
    operation: 'capture' | 'captureTo' | 'void',
    state: HoldState,
    body: Call['body'],
  ): Effect | ProblemCode {
    const { remainingMinor } = state;
    if (operation === 'void') {
      const moves = { amount: remainingMinor, change: remainingMinor, heldChange: -remainingMinor };
      return { type: 'void', ...moves, leaves: { ...state, ended: 'hold_voided' } };
    }
    const { amount = remainingMinor, final } = body;
    if (amount > remainingMinor) {
      return 'hold_exceeded';
    }
    if (this.status.debits === 'frozen') {
      return 'account_frozen';
    }
    const left = remainingMinor - amount;
    const isKept = final === false && left > 0n;
    const change = isKept ? 0n : left;
    return {
      type: 'capture',
      amount,
      change,
      // What is captured for another account is held until it has arrived.
      heldChange: operation === 'capture' ? -amount - change : -change,
      leaves: isKept ? { ...state, remainingMinor: left } : { ...state, ended: 'hold_captured' },
    };
  }
}

/** The key of an entry that the bank makes by itself, for a call. */
export function bankKeyOf(key: string): string {
  return key.replace(/^(.{14})./, '$18');
}
