import type { RecordedCode } from './contract/problems.ts';

/** What a call left in the account's book. */
export interface Receipt {
  /** Balance right after the call, in minor units. A retry is given this one again, not the present one. */
  readonly balance: bigint;
  /** Number of the call's entry in the account's statement: the first one has 1, and none is left out. */
  readonly sequence: number;
  /** Time of that entry, by the clock of the function that wrote it. */
  readonly at: Date;
}

/** What the answer to an executed call has beside its receipt: of a transfer `to`, of a hold and its captures the others. */
export interface ExecutedReceipt extends Receipt {
  /** Account that the money went to, of a transfer, or of a capture for another account. */
  readonly to?: string;
  /** What is held of the account right after the call, in minor units. */
  readonly held?: bigint;
  /** When the hold expires. */
  readonly expiresAt?: Date;
  /** The hold that was captured or voided: the key that made it. */
  readonly hold?: string;
  /** The call that was refunded: its key in the statement. */
  readonly call?: string;
  /** What was captured, released or refunded, in minor units. */
  readonly amount?: bigint;
  /** What was refunded of this call until it was asked, in minor units. Absent when nothing. */
  readonly refunded?: bigint;
  /** What debits became, of a change of status. */
  readonly debits?: Side;
  /** What credits became, of a change of status. */
  readonly credits?: Side;
}

/** Whether money may leave an account (debits), or come in (credits). */
export type Side = 'open' | 'frozen';

/** An open hold of an account. `JSON.stringify` writes its amounts as strings of digits. */
export interface Hold {
  /** Name of the hold: the key that made it. */
  readonly hold: string;
  /** What was held at first, in minor units. */
  readonly amount: bigint;
  /** What can still be captured, in minor units. */
  readonly remaining: bigint;
  /** When it expires, and its money is part of the balance again. */
  readonly expiresAt: Date;
  /** The caller's own words for the hold, if it gave some. */
  readonly reference?: string;
}

/** One entry of an account's statement. `JSON.stringify` writes its amounts as strings of digits. */
export interface Entry extends Receipt {
  /** Key of the call, or one that the bank made. */
  readonly key: string;
  /**
   * `deposit`, `withdrawal`. Of a transfer: `transfer` and `settled`, or `returned`, on the account that pays, `credit` on the other
   * one. Of a hold: `hold`, `capture`, `void`, `expired`. Of a refund: `refund` and
   * `refunded`, or `returned`. `status` where the account was frozen or opened. With `refusals` also `refused` and `cancelled`, which moved nothing. A later
   * bank may have more: `change` and `heldChange` of any type say what it moved.
   */
  readonly type: string;
  /** Why a `refused` call was refused, or the money of a transfer `returned`. */
  readonly code?: string;
  /** Amount that was asked for, captured or released, in minor units; a cancellation has none. */
  readonly amount?: bigint;
  /** What was added to the balance, in minor units; negative when money left the account. */
  readonly change: bigint;
  /** What was added to the held money, in minor units; negative when some was captured or released. Absent when nothing. */
  readonly heldChange?: bigint;
  /** The caller's own words for the call, if it gave some. */
  readonly reference?: string;
  /** The other account of a transfer. */
  readonly other?: string;
  /** Key of the transfer, which is on the account that pays: entries of both accounts have it. */
  readonly transfer?: string;
  /** The hold that the entry is about: the key that made it. */
  readonly hold?: string;
  /** The call that is refunded: its key in this statement. */
  readonly call?: string;
  /** Key of the refund that the entry ends, or is the credit of. */
  readonly refund?: string;
  /** What debits became, of a change of status. */
  readonly debits?: Side;
  /** What credits became, of a change of status. */
  readonly credits?: Side;
}

/** The Region that answered a call that moves money, and whether the answer had been recorded before. */
export interface Answered {
  /** AWS Region that answered. */
  readonly region: string;
  /**
   * True when this answer was already recorded under the key, so that the attempt that was answered moved nothing. An earlier
   * attempt had moved the money: one of an earlier call, or one of this same call whose answer was lost. So do not take it
   * for a sign that your order was dealt with before. False: this call has moved the money.
   */
  readonly replayed: boolean;
}

/** The answer to a deposit or withdrawal. `JSON.stringify` writes its balance as a string of digits. */
export interface Moved extends Receipt, Answered {
  /** Account that the money went into or came from. */
  readonly account: string;
  /** Key of the call; a retry with it is given this same answer. */
  readonly key: string;
}

/** The answer to a transfer. `JSON.stringify` writes its balance as a string of digits. */
export interface Transferred extends Moved {
  /** Account that has the money now. */
  readonly to: string;
}

/** The answer to a hold, whose name is `key`. `JSON.stringify` writes its amounts as strings of digits. */
export interface Held extends Moved {
  /** All that is held of the account right after the call, in minor units. */
  readonly held: bigint;
  /** When the hold expires, and its money is part of the balance again. */
  readonly expiresAt: Date;
}

/** The answer to a void. `JSON.stringify` writes its amounts as strings of digits. */
export interface Voided extends Moved {
  /** All that is held of the account right after the call, in minor units. */
  readonly held: bigint;
  /** The hold: the key that made it. */
  readonly hold: string;
  /** What was released, in minor units. */
  readonly amount: bigint;
}

/** The answer to a capture: as to a void, but `amount` is what was captured. */
export interface Captured extends Voided {
  /** Account that has the money now, if it was transferred. */
  readonly to?: string;
}

/** The answer to a refund. `JSON.stringify` writes its amounts as strings of digits. */
export interface Refunded extends Moved {
  /** The call that was refunded: its key in the statement. */
  readonly call: string;
  /** What was refunded, in minor units. */
  readonly amount: bigint;
  /** Account that has the money now, if a transfer was taken back. */
  readonly to?: string;
}

/** What an account is opened or frozen for. A side that is left out stays as it is. */
export interface Status {
  /** Whether money may leave the account: by withdrawals, transfers, holds and captures. */
  readonly debits?: Side;
  /** Whether money may come in: by deposits and transfers. */
  readonly credits?: Side;
}

/** The answer to a change of status. `JSON.stringify` writes its balance as a string of digits. */
export interface StatusSet extends Moved, Status {}

/** The answer to a balance. `JSON.stringify` writes it as a string of digits. */
export interface Balance {
  /** Account that was asked about. */
  readonly account: string;
  /** What can be taken out, in minor units. */
  readonly balance: bigint;
  /** What holds and transfers under way have reserved beside it, in minor units. */
  readonly held: bigint;
  /** There while money must not leave the account. Not there for a moment in the past. */
  readonly debits?: 'frozen';
  /** There while money must not come in. Not there for a moment in the past. */
  readonly credits?: 'frozen';
  /** AWS Region that answered. */
  readonly region: string;
}

/** The open holds of an account. */
export interface Holds {
  /** Account that was asked about. */
  readonly account: string;
  /** Its open holds, at most 100, in the order of their keys. */
  readonly holds: readonly Hold[];
  /** AWS Region that answered. */
  readonly region: string;
}

/** An account of a list. `JSON.stringify` writes its balance as a string of digits. */
export interface ListedAccount {
  /** Its name. */
  readonly account: string;
  /** Balance in minor units. */
  readonly balance: bigint;
}

/** Whose key an outcome is of, and who answered. */
interface KeyAnswer {
  /** Account of the call. */
  readonly account: string;
  /** Its key. */
  readonly key: string;
  /** AWS Region that answered, or the host where the answer does not name it. */
  readonly region: string;
}

/** The call was executed: the balance right after it, in minor units, its place in the statement, and what else its answer said. */
export interface ExecutedOutcome extends KeyAnswer, ExecutedReceipt {
  /** Always `executed`. */
  readonly outcome: 'executed';
}

/** The call was refused, and nothing was moved. */
export interface RefusedOutcome extends KeyAnswer {
  /** Always `refused`. */
  readonly outcome: 'refused';
  /** Why the bank said no. */
  readonly code: Exclude<RecordedCode, 'cancelled'>;
  /** The same for people. */
  readonly detail: string;
}

/** The key was cancelled before a call with it was executed: none ever will be. */
export interface CancelledOutcome extends KeyAnswer {
  /** Always `cancelled`. */
  readonly outcome: 'cancelled';
}

/** The call is a transfer or a refund under way, which the bank completes by itself. */
export interface PendingOutcome extends KeyAnswer {
  /** Always `pending`. */
  readonly outcome: 'pending';
}

/** Nothing is recorded under the key. A call with it may still be on its way. */
export interface NoOutcome extends KeyAnswer {
  /** Always `none`. */
  readonly outcome: 'none';
}

/**
 * What the call with a key was answered. None of this changes any more.
 *
 * @example
 * ```ts
 * const answer = await bank.cancel('joe', key);
 * if (answer.outcome === 'executed') console.log(`too late: ${answer.balance} left`);
 * ```
 */
export type KeyOutcome = ExecutedOutcome | RefusedOutcome | CancelledOutcome;

/**
 * What the call with a key was answered so far.
 *
 * @example
 * ```ts
 * const { outcome } = await bank.outcome('joe', key);
 * if (outcome === 'none') await bank.cancel('joe', key);
 * ```
 */
export type OutcomeSoFar = KeyOutcome | PendingOutcome | NoOutcome;
