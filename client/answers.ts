import type { Told } from './requests.ts';

/** Options of one call. */
export interface CallOptions {
  /** Ends the call early. A call that was sent by then ends as {@link OutcomeUnknownError}. */
  readonly signal?: AbortSignal;
  /** Longest time for this call, in milliseconds. Default: the client's `callTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** Options of a call that moves money. */
export interface MoveOptions extends CallOptions {
  /** Idempotency key (UUIDv7) of the call, for a retry or to be able to retry after a crash. Default: a new one. */
  readonly key?: string;
}

/** The answer to a deposit or withdrawal. */
export interface Moved {
  readonly account: string;
  /** Key of the call; a retry with it is given this same answer. */
  readonly key: string;
  /** Balance right after this call, in minor units. */
  readonly balance: bigint;
  /** AWS Region that answered. */
  readonly region: string;
}

/** The answer to a balance. */
export interface Balance {
  readonly account: string;
  /** Balance in minor units. */
  readonly balance: bigint;
  /** AWS Region that answered. */
  readonly region: string;
}

/** What has come of a key. */
export type KeyOutcome = Told & {
  /** AWS Region that answered. */
  readonly region: string;
};

/** What has come of a key so far: `none` when nothing is recorded under it, and a call with it may still be on its way. */
export type OutcomeSoFar =
  | KeyOutcome
  | { readonly outcome: 'none'; readonly account: string; readonly key: string };
