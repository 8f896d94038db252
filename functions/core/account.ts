import type { Move } from '../../client/contract.ts';

/** A key on an account: what every request that can change something is about. */
export interface Subject {
  readonly account: string;
  /** Idempotency key: a canonical UUIDv7. */
  readonly key: string;
}

/** One request to move money, as its caller asked for it. */
export interface Call extends Subject {
  readonly move: Move;
  readonly amountMinor: bigint;
}

/** Refusals that depend on the balance. They are recorded, so that no delayed attempt can turn them into a payment. */
export type RecordedRefusal = 'no_such_account' | 'not_enough_money' | 'balance_too_large';

/** What a call was answered, for ever. */
export type Reply =
  | { readonly kind: 'executed'; readonly balanceMinor: bigint }
  | { readonly kind: 'refused'; readonly code: RecordedRefusal };

/** What the bank remembers under a key: a call with its reply, or that the key was cancelled before any call came. */
export type Recorded =
  | { readonly kind: 'call'; readonly move: Move; readonly amountMinor: bigint; readonly reply: Reply }
  | { readonly kind: 'cancelled' };

/** An account as one item holds it: the balance and the replies that are still remembered. */
export interface Account {
  /** Undefined until the first deposit: only refusals are remembered then, and the account does not exist to callers. */
  readonly balanceMinor: bigint | undefined;
  /** Highest key whose reply was moved to the archive. Undefined while none was. */
  readonly watermark: string | undefined;
  /** The mark that turns new calls away because too many replies are remembered. */
  readonly full: boolean;
  /**
   * Counts what was recorded while there was no balance, and every cancellation. An item without a balance is removed
   * on the condition that this has not moved, so that nothing recorded in between is lost with it.
   */
  readonly revision: bigint;
  readonly recorded: ReadonlyMap<string, Recorded>;
}

/** True when what is recorded asked for the same thing, so that the new call is its retry. */
export function isRetryOf(recorded: Recorded, call: Call): boolean {
  return recorded.kind === 'call' && recorded.move === call.move && recorded.amountMinor === call.amountMinor;
}

/** True for a key whose reply may have left the account for the archive: it must never be executed. */
export function isBelowWatermark(key: string, account: Account | undefined): boolean {
  return account?.watermark !== undefined && key <= account.watermark;
}

/** True when the item holds nothing that any later call could depend on. */
export function isEmpty({ balanceMinor, watermark, recorded }: Account): boolean {
  return balanceMinor === undefined && watermark === undefined && recorded.size === 0;
}
