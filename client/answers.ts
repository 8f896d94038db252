import type { RecordedCode } from './contract/problems.ts';

/** What the book of the account says of an executed call. */
export interface Receipt {
  /** Balance right after the call, in minor units. A retry gets this one again, not the current balance. */
  readonly balance: bigint;
  /** Number of the entry in the statement of the account: 1 for the first one, without gaps. */
  readonly sequence: number;
  /** Time of the entry, by the clock of the function that wrote it. */
  readonly at: Date;
}

/** What the bank answered to an executed call, of any operation; and `refunded`. A change of status has `debits` and `credits`. */
export interface ExecutedReceipt extends Receipt, Status {
  /** Account that received the money of a transfer, of a capture with `to`, or of a refund of a transfer. */
  readonly to?: string;
  /** All that is held of the account right after the call, in minor units. */
  readonly held?: bigint;
  /** When the hold expires. */
  readonly expiresAt?: Date;
  /** The hold that was captured or voided: the key that made it. */
  readonly hold?: string;
  /** The call that was refunded: its key in the statement. */
  readonly call?: string;
  /** What was captured, released or refunded, in minor units. */
  readonly amount?: bigint;
  /** What has been refunded of this call so far, in minor units. Absent if nothing. */
  readonly refunded?: bigint;
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
  /** When it expires: then its money returns to the balance. */
  readonly expiresAt: Date;
  /** The `reference` that the caller gave. */
  readonly reference?: string;
}

/**
 * One entry of the statement of an account. An entry of type `status` has `debits` and `credits`. `JSON.stringify` writes amounts as
 * strings of digits.
 */
export interface Entry extends Receipt, Status {
  /** Key of the call. The bank made the key of an entry that no call asked for, such as `settled` or `credit`. */
  readonly key: string;
  /**
   * `deposit` or `withdrawal`. For a transfer `transfer`, then `settled` or `returned`, on the account that pays, and `credit` on the other
   * one. For a hold `hold`, `capture`, `void` or `expired`. For a refund `refund`, then `refunded` or `returned`. `status` if the account
   * was frozen or opened. With `refusals` also `refused` and `cancelled`, which moved nothing. Later versions of the bank may add types;
   * for every type, `change` and `heldChange` say what it moved.
   */
  readonly type: string;
  /** Why the call was refused, or why the money was returned. */
  readonly code?: string;
  /** Amount that was asked for, captured, released or refunded, in minor units, if the entry has one. */
  readonly amount?: bigint;
  /** What was added to the balance, in minor units; negative if money left it. */
  readonly change: bigint;
  /** What was added to the held money, in minor units; negative if some was captured or released. Absent if nothing. */
  readonly heldChange?: bigint;
  /** The `reference` that the caller gave. */
  readonly reference?: string;
  /** The other account of a transfer, or of the refund of one. */
  readonly other?: string;
  /** Key of the transfer. It belongs to the account that pays; the entries of both accounts have it. */
  readonly transfer?: string;
  /** The hold that the entry is about: the key that made it. */
  readonly hold?: string;
  /** The call that is refunded: its key in this statement. */
  readonly call?: string;
  /** Key of the refund that the entry ends, or is the credit of. */
  readonly refund?: string;
}

/** Which Region answered a call, and whether the answer was recorded before. */
export interface Answered {
  /** AWS Region that answered. */
  readonly region: string;
  /**
   * True if this answer was already recorded under the key, so the answered attempt moved nothing: an earlier attempt had moved the money.
   * That attempt may belong to this same call, if its answer was lost, so `true` does not mean that you have already processed the order.
   * False if the answered attempt moved the money.
   */
  readonly replayed: boolean;
}

/** The answer to a deposit or withdrawal. `JSON.stringify` writes its balance as a string of digits. */
export interface Moved extends Receipt, Answered {
  /** Account that was called. */
  readonly account: string;
  /** Key of the call. A retry with it gets the same answer. */
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
  /** When the hold expires: then its money returns to the balance. */
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

/** The answer to a capture. It has the members of the answer to a void, but `amount` is what was captured. */
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
  /** Account that has the money now, if a transfer was refunded. */
  readonly to?: string;
}

/** Whether an account is open or frozen. A side that a call leaves out stays as it is. */
export interface Status {
  /** Whether money may leave the account: by withdrawals, transfers, holds, captures and refunds of transfers. */
  readonly debits?: Side;
  /** Whether money may come in: by deposits, transfers, and refunds of withdrawals and captures. */
  readonly credits?: Side;
}

/** The answer to a change of status. `JSON.stringify` writes its balance as a string of digits. */
export interface StatusSet extends Moved, Status {}

/** The answer to a balance. `JSON.stringify` writes it as a string of digits. */
export interface Balance {
  /** Account that was asked about. */
  readonly account: string;
  /** What can be taken out of the account, in minor units. */
  readonly balance: bigint;
  /** What holds, transfers under way and refunds under way have reserved in addition, in minor units. */
  readonly held: bigint;
  /** Present while money may not leave the account. Absent if the call had `at`. */
  readonly debits?: 'frozen';
  /** Present while money may not come in. Absent if the call had `at`. */
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

/** The members that every outcome of a key has. */
interface KeyAnswer {
  /** Account of the call. */
  readonly account: string;
  /** Its key. */
  readonly key: string;
  /** AWS Region that answered, or the host if the answer does not name its Region. */
  readonly region: string;
}

/** The call was executed. The other members are those of its answer. */
export interface ExecutedOutcome extends KeyAnswer, ExecutedReceipt {
  /** Always `executed`. */
  readonly outcome: 'executed';
}

/** The call was refused, and nothing was moved. */
export interface RefusedOutcome extends KeyAnswer {
  /** Always `refused`. */
  readonly outcome: 'refused';
  /** Why the call was refused. */
  readonly code: Exclude<RecordedCode, 'cancelled'>;
  /** The reason as a sentence. */
  readonly detail: string;
}

/** The key was cancelled. No call with it was executed, and none can be. */
export interface CancelledOutcome extends KeyAnswer {
  /** Always `cancelled`. */
  readonly outcome: 'cancelled';
}

/** The call is a transfer or a refund under way. The bank completes it by itself. */
export interface PendingOutcome extends KeyAnswer {
  /** Always `pending`. */
  readonly outcome: 'pending';
}

/** Nothing is recorded under the key. A call with it may still be in flight. */
export interface NoOutcome extends KeyAnswer {
  /** Always `none`. */
  readonly outcome: 'none';
}

/**
 * What the call with a key was answered. It is final.
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
