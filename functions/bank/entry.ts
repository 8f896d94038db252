import { isRecorded, type RecordedCode } from '../../client/contract/problems.ts';
import { bankKeyOf } from './key.ts';

/**
 * What a call asks for; credits and the entries of registers are calls of the bank itself. A retry must ask for the same, or it gets
 * `key_reused`.
 */
export type Asked = {
  /** The caller's own text, which the statement shows. */
  readonly reference: string | undefined;
} & (
  | {
      readonly operation: 'deposit';
      readonly amountMinor: bigint;
      /** True if the deposit must not open an account. */
      readonly mustExist: boolean;
    }
  | { readonly operation: 'withdraw'; readonly amountMinor: bigint }
  | { readonly operation: 'transfer'; readonly amountMinor: bigint; readonly to: string }
  /** The payee's side of a transfer. `transfer` is the key of the transfer, on the payer's account. */
  | {
      readonly operation: 'credit';
      readonly amountMinor: bigint;
      readonly from: string;
      readonly transfer: string;
      /** True for the credit of a refund, which cannot be refunded itself. */
      readonly isRefund?: true;
    }
  | { readonly operation: 'hold'; readonly amountMinor: bigint; readonly expiresInSeconds: number }
  | {
      readonly operation: 'capture';
      readonly hold: string;
      /** Undefined to capture all that remains. */
      readonly amountMinor: bigint | undefined;
      /** True to release the rest. */
      readonly isFinal: boolean;
      /** The account that gets the money; undefined if it leaves the bank. */
      readonly to: string | undefined;
    }
  | { readonly operation: 'void'; readonly hold: string }
  | ({ readonly operation: 'setStatus' } & StatusChange)
  /** Gives back what a call took out of the bank, or a transfer that the account received. */
  | {
      readonly operation: 'refund';
      /** The key of that call, or of the credit of that transfer. */
      readonly call: string;
      /** Undefined to refund all that was not refunded before. */
      readonly amountMinor: bigint | undefined;
    }
  /** Counts a refund in the register of its call. `refund` is the key of the refund. */
  | {
      readonly operation: 'reserve';
      readonly refund: string;
      readonly amountMinor: bigint;
      /** What the call moved, in minor units, which is the maximum for all of its refunds together. */
      readonly ofMinor: bigint;
      /** True if the refund may take less when less is left. */
      readonly mayTakeLess: boolean;
    }
  /** Takes back the reservation of a refund that could not be made. */
  | { readonly operation: 'unreserve'; readonly refund: string; readonly amountMinor: bigint }
);

/** What the book says about the call to refund. */
export interface RefundTerms {
  /** The account that gets the money; undefined if it comes into the balance. */
  readonly to: string | undefined;
  /** What to refund, in minor units. */
  readonly amountMinor: bigint;
  /** What the refunded call moved, in minor units. */
  readonly ofMinor: bigint;
}

/** Whether money may leave an account, and whether it may come in. */
export interface Status {
  readonly debits: 'open' | 'frozen';
  readonly credits: 'open' | 'frozen';
}

/** The sides of an account that a call opens or freezes. An undefined side stays as it is. */
export type StatusChange = { readonly [Side in keyof Status]: Status[Side] | undefined };

/** Name of an operation that changes an account under an idempotency key. */
export type OperationName = Asked['operation'];

/** The refusals that are entries, so that no later copy of the call can be executed. A cancelled key has another kind of entry. */
export type RecordedRefusal = Exclude<RecordedCode, 'cancelled'>;

export function isRecordedRefusal(code: string): code is RecordedRefusal {
  return isRecorded(code) && code !== 'cancelled';
}

/** What an entry records under its key. */
export type EntryBody =
  | {
      readonly kind: 'executed';
      readonly asked: Asked;
      /** Of a capture: what it captured, in minor units. */
      readonly capturedMinor?: bigint;
      /** Of a refund: what the book said about the refunded call. */
      readonly terms?: RefundTerms;
    }
  | { readonly kind: 'refused'; readonly asked: Asked; readonly code: RecordedRefusal }
  | { readonly kind: 'cancelled' }
  /** The end of the transfer with this key on this account: the payee has the money. */
  | { readonly kind: 'settled'; readonly transfer: string; readonly to: string }
  /** The end of a transfer that the payee's book refused: the money is in the balance again. */
  | {
      readonly kind: 'returned';
      readonly transfer: string;
      readonly to: string;
      readonly code: RecordedRefusal;
    }
  /**
   * The end of the refund with this key on this account: the money is in the balance, or in that of `to`. With a code, no money was
   * moved.
   */
  | {
      readonly kind: 'refunded';
      readonly refund: string;
      readonly call: string;
      readonly to: string | undefined;
      readonly code: RecordedRefusal | undefined;
    }
  | { readonly kind: 'expired'; readonly hold: string }
  /** Of a kind that only a newer version of the function knows. The entry still guards its key and counts in sums. */
  | { readonly kind: 'unknown_kind'; readonly text: string };

/** An entry of an account's book: a key, what was done under it, and when. */
export interface Entry {
  /** Idempotency key: a canonical UUID. */
  readonly key: string;
  /** What was added to the balance; negative when money left it. */
  readonly changeMinor: bigint;
  /** What was added to the held money; negative when held money was taken or released. */
  readonly heldChangeMinor: bigint;
  /** The time of the function's clock when it sent the write, in milliseconds since 1970. */
  readonly atMs: number;
  /** True if the caller may retry: then the reply is cached when the entry leaves the head. */
  readonly mayRetry: boolean;
  readonly body: EntryBody;
}

/**
 * The key that the bank makes for the end of the transfer or the refund that an entry began, and for the credit of the transfer; undefined
 * for every other entry.
 */
export function bankKeyOfEntry(account: string, { key, atMs, body }: Entry): string | undefined {
  const isUnderWay =
    body.kind === 'executed' &&
    (body.asked.operation === 'refund' || ('to' in body.asked && body.asked.to !== undefined));
  return isUnderWay ? bankKeyOf(account, key, atMs) : undefined;
}

/** What a refund moved, in minor units, from the entry that ended it. */
export function refundedMinor({ changeMinor, heldChangeMinor }: Entry): bigint {
  return heldChangeMinor === 0n ? changeMinor : -heldChangeMinor - changeMinor;
}

/** True if two calls or the bodies of two entries are the same, member by member. */
export function isSame(one: Asked | EntryBody, other: Asked | EntryBody): boolean {
  return one === other || JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));
}

function canonical(value: object): readonly unknown[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => [name, typeof member === 'object' ? canonical(member) : String(member)]);
}
