import type { RecordedCode } from './contract/problems.ts';
import type { ExecutedReceipt, Hold, Receipt, Side } from './read-answer.ts';

/** Options of one call. All of them may be left out. */
export interface CallOptions {
  /**
   * Ends the call early. Aborted before the call has begun, it throws the signal's reason and nothing is sent; after that, it
   * ends as {@link UnavailableError} or, once a call that moves money or a cancellation may have been sent, as
   * {@link OutcomeUnknownError}, with the reason as `cause`. Default: none.
   */
  readonly signal?: AbortSignal;
  /** Longest time for this call with all its attempts, in milliseconds. Default: the client's `callTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** Options of a call that moves money. */
export interface MoveOptions extends CallOptions {
  /**
   * Idempotency key (UUIDv7) of the call, for a retry or to be able to retry after a crash. A retry must ask for the same
   * thing of the same account: else the call is refused with `key_reused`. Default: a new one.
   */
  readonly key?: string;
  /** Your own words for the call, 1 to 64 printable ASCII characters: the statement shows them. Default: none. */
  readonly reference?: string;
}

/** Options of a deposit. */
export interface DepositOptions extends MoveOptions {
  /** True where a deposit must not open an account: to one that does not exist it is refused, `no_such_account`. Default: false. */
  readonly mustExist?: boolean;
}

/** Options of a hold. */
export interface HoldOptions extends MoveOptions {
  /** Whole seconds until the hold expires, from 1 to 2592000 (30 days). Default: 604800 (7 days). */
  readonly expiresInSeconds?: number;
}

/** Options of a capture. */
export interface CaptureOptions extends MoveOptions {
  /** What to capture of the hold, in minor units. Default: all that remains of it. */
  readonly amount?: bigint | number;
  /** False to keep what then remains, for another capture. Default: true, which releases it. */
  readonly final?: boolean;
  /** Account that the captured money is transferred to. Default: none; the money leaves the bank, as in a withdrawal. */
  readonly to?: string;
}

/** Options of a refund. */
export interface RefundOptions extends MoveOptions {
  /** What to refund, in minor units. Default: all that was not refunded before. */
  readonly amount?: bigint | number;
}

/** Options of a balance. */
export interface BalanceOptions extends CallOptions {
  /**
   * Asks for the balance at a moment in the past, a `Date` or milliseconds since 1970: the one after the last entry whose time is
   * not later, 0 before the first entry. Default: the present balance.
   */
  readonly at?: Date | number;
}

/** Options of a list that is read as it is iterated. `timeoutMs` is for each request. */
export interface ListOptions extends CallOptions {
  /** How many are asked for at once, from 1 to 100. Default 100. */
  readonly pageSize?: number;
}

/** Options of a statement. */
export interface EntriesOptions extends ListOptions {
  /** Only entries with a lower number, newest first. Default: from the newest one on. Not together with `after`. */
  readonly before?: number;
  /** Only entries with a higher number, oldest first: 0 begins at the first entry. Default: newest first. */
  readonly after?: number;
  /** True to be given what moved nothing as well: refused and cancelled calls. Default: false. */
  readonly refusals?: boolean;
}

/** Options of the list of accounts. */
export interface AccountsOptions extends ListOptions {
  /** Only accounts behind this one in the order of the table. Default: from the first one on. */
  readonly after?: string;
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
  /** Its open holds, oldest first: at most 100. */
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
  /** AWS Region that answered. */
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
  readonly code: RecordedCode;
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
export interface NoOutcome extends Omit<KeyAnswer, 'region'> {
  /** Always `none`. */
  readonly outcome: 'none';
}

/**
 * What the call with a key was answered. None of this changes any more.
 *
 * @example
 * ```ts
 * const told = await bank.cancel('joe', key);
 * if (told.outcome === 'executed') console.log(`too late: ${told.balance} left`);
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

/**
 * Lets `JSON.stringify` write a result: it would throw at a bigint, after the money has moved. Amounts become strings of digits, as
 * on the wire. What does it cannot be enumerated, so that a result looks like, equals and copies like the plain object that it
 * is; a copy made by spreading is on its own.
 */
export function writable<Result extends object>(result: Result): Result {
  const digits = (value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  const toJSON = () =>
    Object.fromEntries(Object.entries(result).map(([name, value]) => [name, digits(value)]));
  return Object.defineProperty(result, 'toJSON', { value: toJSON });
}
