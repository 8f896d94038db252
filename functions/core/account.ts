import type { Move } from '../../client/contract.ts';

/** One request to move money, as its caller asked for it. */
export interface Call {
  readonly account: string;
  /** Idempotency key: a canonical UUIDv7. */
  readonly key: string;
  readonly move: Move;
  readonly amountMinor: bigint;
}

/** Refusals that depend on the balance. They are recorded, so that no delayed attempt can turn them into a payment. */
export type RecordedRefusal = 'no_such_account' | 'not_enough_money' | 'balance_too_large';

/** What a call was answered, for ever. */
export type Reply =
  | { readonly kind: 'executed'; readonly balanceMinor: bigint }
  | { readonly kind: 'refused'; readonly code: RecordedRefusal };

/** A call and its reply, as the bank remembers them under the call's key. */
export interface RecordedCall {
  readonly move: Move;
  readonly amountMinor: bigint;
  readonly reply: Reply;
}

/** An account as one item holds it: the balance and the replies that are still remembered. */
export interface Account {
  /** Undefined until the first deposit: only refusals are remembered then, and the account does not exist to callers. */
  readonly balanceMinor: bigint | undefined;
  /** Highest key whose reply was moved to the archive. Undefined while none was. */
  readonly watermark: string | undefined;
  /** The mark that turns new calls away because too many replies are remembered. */
  readonly full: boolean;
  readonly recorded: ReadonlyMap<string, RecordedCall>;
}

/** True when the recorded call asked for the same thing, so that the new one is its retry. */
export function isRetryOf(recorded: RecordedCall, call: Call): boolean {
  return recorded.move === call.move && recorded.amountMinor === call.amountMinor;
}
