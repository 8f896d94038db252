/** What callers can ask for that moves money. */
export type OperationName = 'deposit' | 'withdraw';

/** What a caller asked for. A retry must ask for the same, or the key is `key_reused`. */
export interface Asked {
  readonly operation: OperationName;
  readonly amountMinor: bigint;
  /** The caller's own words for it, as its statement shows them. */
  readonly reference: string | undefined;
  /** True where a deposit must not open an account. */
  readonly mustExist: boolean;
}

/** Refusals that are entries, so that no copy of the call that arrives later can be executed. */
export type RefusalCode = 'no_such_account' | 'not_enough_money' | 'balance_too_large' | 'key_expired';

/** What an entry says of its key. */
export type EntryBody =
  | { readonly kind: 'executed'; readonly asked: Asked }
  | { readonly kind: 'refused'; readonly asked: Asked; readonly code: RefusalCode }
  | { readonly kind: 'cancelled' }
  /** Written by a version of the function that knows more than this one. It still guards its key and counts in sums. */
  | { readonly kind: 'unread'; readonly text: string };

/** One line of an account's book: a key, what it did to the account, and when. */
export interface Entry {
  /** Idempotency key: a canonical UUID. */
  readonly key: string;
  /** What was added to the balance; negative when money left it. */
  readonly changeMinor: bigint;
  /** What was added to the money that is held. */
  readonly heldChangeMinor: bigint;
  /** The clock of the function when it sent the write, in milliseconds since 1970. */
  readonly atMs: number;
  /** True when the caller may ask again: its key is stored somewhere, so its reply is worth a cached copy. */
  readonly mayReturn: boolean;
  readonly body: EntryBody;
}

/** True when both asked for the same thing, so that the one is a retry of the other. */
export function isSame(one: Asked, other: Asked): boolean {
  return (
    one.operation === other.operation &&
    one.amountMinor === other.amountMinor &&
    one.reference === other.reference &&
    one.mustExist === other.mustExist
  );
}

/** True when two entries say the same of their key. */
export function isSameBody(one: EntryBody, other: EntryBody): boolean {
  if ('asked' in one) {
    const code = 'code' in one ? one.code : undefined;
    const otherCode = 'code' in other ? other.code : undefined;
    return 'asked' in other && code === otherCode && isSame(one.asked, other.asked);
  }
  return one.kind === 'unread' ? other.kind === 'unread' && one.text === other.text : one.kind === other.kind;
}
