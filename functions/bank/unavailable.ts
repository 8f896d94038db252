/** The bank cannot answer the call now: the store failed, or the state of the account does not allow an answer yet. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly code = 'unavailable';

  /** `'no'` if no write can have taken effect, `'unknown'` if one was sent and not answered. */
  readonly executed: 'no' | 'unknown';
  /** Why the call was not answered, if the caller should know. */
  readonly reason: 'too_many_transfers' | 'transfer_pending' | undefined;

  constructor(
    executed: 'no' | 'unknown',
    message: string,
    { reason, ...options }: ErrorOptions & { readonly reason?: StoreUnavailableError['reason'] } = {},
  ) {
    super(message, options);
    this.executed = executed;
    this.reason = reason;
  }
}

/** The error of a store with what is known about the call. */
export function withExecuted(error: StoreUnavailableError, mayHaveExecuted: boolean): StoreUnavailableError {
  const executed = mayHaveExecuted ? 'unknown' : 'no';
  return error.executed === executed
    ? error
    : new StoreUnavailableError(executed, error.message, { cause: error });
}
