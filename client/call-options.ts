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
