import { InvalidArgumentError, OutcomeUnknownError, RefusedError, UnavailableError } from 'twinbank-client';

/** The answer to a web page whose payment failed. */
export interface ErrorAnswer {
  readonly status: 400 | 409 | 503 | 504;
  readonly body: {
    readonly error: string;
    readonly paid: false | 'unknown';
    readonly retryWith?: 'new key' | 'never';
  };
}

/** Tells the web page what to do after each error of the bank: retry with the same key, with a new key, or not at all. */
export function errorAnswer(error: unknown): ErrorAnswer | undefined {
  if (error instanceof RefusedError && error.retryWith !== 'same key') {
    const { code, retryWith } = error;
    return { status: 409, body: { error: code, paid: false, retryWith } };
  }
  if (error instanceof RefusedError || error instanceof UnavailableError) {
    return { status: 503, body: { error: 'try again with the same key', paid: false } };
  }
  if (error instanceof OutcomeUnknownError) {
    return { status: 504, body: { error: 'ask again with the same key', paid: 'unknown' } };
  }
  if (error instanceof InvalidArgumentError || error instanceof SyntaxError) {
    return { status: 400, body: { error: error.message, paid: false } };
  }
  return undefined;
}
