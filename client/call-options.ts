/** Options of one call. All of them are optional. */
export interface CallOptions {
  /**
   * Ends the call early. If it is aborted before the call begins, the call throws the reason of the signal, and nothing is sent. If it is
   * aborted later, the call throws {@link OutcomeUnknownError} if it can change an account and may have been sent, or else
   * {@link UnavailableError}. The `cause` is the reason of the signal. Default: none.
   */
  readonly signal?: AbortSignal;
  /** Longest time for this call with all its attempts, in milliseconds. Default: the client's `callTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** Options of a call that has a key. */
export interface MoveOptions extends CallOptions {
  /**
   * Idempotency key (UUIDv7) of the call. Give one to retry a call, or to be able to retry it after a crash. A retry must be the same
   * call: otherwise it is refused with `key_reused`. Default: a new key.
   */
  readonly key?: string;
  /** A text of your own for the statement: 1 to 64 printable ASCII characters. Default: none. */
  readonly reference?: string;
}

/** Options of a deposit. */
export interface DepositOptions extends MoveOptions {
  /** If true and the account does not exist, the deposit is refused with `no_such_account` and opens no account. Default: false. */
  readonly mustExist?: boolean;
}

/** Options of a hold. */
export interface HoldOptions extends MoveOptions {
  /** Whole seconds until the hold expires, from 1 to 2592000 (30 days). Default: 604800 (7 days). */
  readonly expiresInSeconds?: number;
}

/** Options of a capture. */
export interface CaptureOptions extends MoveOptions {
  /** What to capture, in minor units. Default: all that remains of the hold. */
  readonly amount?: bigint | number;
  /** False to keep the rest of the hold for another capture. Default: true, which releases the rest. */
  readonly final?: boolean;
  /** Account that receives the captured money. Default: none, and the money leaves the bank as in a withdrawal. */
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
   * Reads the balance at this time in the past: a `Date`, or milliseconds since 1970. It is the balance after the last entry at or before
   * that time, or 0 if there was none. Default: now.
   */
  readonly at?: Date | number;
}

/** Options of a list that is read while you iterate. `timeoutMs` limits each request. */
export interface ListOptions extends CallOptions {
  /** How many items to read in one request, from 1 to 100. Default 100. */
  readonly pageSize?: number;
}

/** Options of a statement. */
export interface EntriesOptions extends ListOptions {
  /** Only entries with a lower number, newest first. Not together with `after`. Default: begin with the newest entry. */
  readonly before?: number;
  /** Only entries with a higher number, oldest first: with 0, begin with the first entry. Default: newest first. */
  readonly after?: number;
  /** True to read refused and cancelled calls as well, which moved nothing. Default: false. */
  readonly refusals?: boolean;
}

/** Options of the list of accounts. */
export interface AccountsOptions extends ListOptions {
  /** Only accounts after this one, in the order of the table. Default: begin with the first one. */
  readonly after?: string;
}
