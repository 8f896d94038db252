import { isRecorded, type RecordedCode } from '../../client/contract/problems.ts';
import { bankKeyOf } from './key.ts';

/** What a caller asked for, or the bank itself: a credit. A retry must ask for the same, or the key is `key_reused`. */
export type Asked = {
  /** The caller's own words for it, as its statement shows them. */
  readonly reference: string | undefined;
} & (
  | {
      readonly operation: 'deposit';
      readonly amountMinor: bigint;
      /** True where the deposit must not open an account. */
      readonly mustExist: boolean;
    }
  | { readonly operation: 'withdraw'; readonly amountMinor: bigint }
  | { readonly operation: 'transfer'; readonly amountMinor: bigint; readonly to: string }
  /** What a transfer does to its payee. `transfer` is its key on the payer's account. */
  | {
      readonly operation: 'credit';
      readonly amountMinor: bigint;
      readonly from: string;
      readonly transfer: string;
      /** True where it takes an earlier transfer back: it cannot be taken back itself. */
      readonly isRefund?: true;
    }
  | { readonly operation: 'hold'; readonly amountMinor: bigint; readonly expiresInSeconds: number }
  | {
      readonly operation: 'capture';
      readonly hold: string;
      /** Undefined for all that remains. */
      readonly amountMinor: bigint | undefined;
      /** True where the rest is released. */
      readonly isFinal: boolean;
      /** The account that gets the money; undefined where it leaves the bank. */
      readonly to: string | undefined;
    }
  | { readonly operation: 'void'; readonly hold: string }
  | ({ readonly operation: 'setStatus' } & StatusChange)
  /** Gives back what a call took out of the bank, or a transfer that the account received. */
  | {
      readonly operation: 'refund';
      /** The key of that call, or of the credit of that transfer. */
      readonly call: string;
      /** Undefined for all that was not refunded before. */
      readonly amountMinor: bigint | undefined;
    }
  /** What a refund does to the register of its call: it counts what was refunded. `refund` is the key of the refund. */
  | {
      readonly operation: 'reserve';
      readonly refund: string;
      readonly amountMinor: bigint;
      /** What the call moved, in minor units: all of its refunds together are at most that. */
      readonly ofMinor: bigint;
      /** True where less will do, if there is not as much left. */
      readonly mayTakeLess: boolean;
    }
  /** Takes a reservation back whose refund could not be made. */
  | { readonly operation: 'unreserve'; readonly refund: string; readonly amountMinor: bigint }
);

/** What a refund is made of: the call does not say it, the book does. */
export interface RefundTerms {
  /** The account that gets the money; undefined where it comes into the balance. */
  readonly to: string | undefined;
  /** What is to be refunded, in minor units. */
  readonly amountMinor: bigint;
  /** What the refunded call had moved. */
  readonly ofMinor: bigint;
}

/** Whether money may leave an account, and whether it may come in. */
export interface Status {
  readonly debits: 'open' | 'frozen';
  readonly credits: 'open' | 'frozen';
}

/** The sides of an account that a call opens or freezes. One that is undefined stays as it is. */
export type StatusChange = { readonly [Side in keyof Status]: Status[Side] | undefined };

/** What changes an account under an idempotency key. */
export type OperationName = Asked['operation'];

/** Refusals that are entries, so that no copy of the call that arrives later can be executed. A cancelled key has an entry of its own kind. */
export type RefusedCode = Exclude<RecordedCode, 'cancelled'>;

export function isRefusedCode(code: string): code is RefusedCode {
  return isRecorded(code) && code !== 'cancelled';
}

/** What an entry says of its key. */
export type EntryBody =
  | {
      readonly kind: 'executed';
      readonly asked: Asked;
      /** What was captured of a hold, in minor units. */
      readonly capturedMinor?: bigint;
      /** Of a refund. */
      readonly terms?: RefundTerms;
    }
  | { readonly kind: 'refused'; readonly asked: Asked; readonly code: RefusedCode }
  | { readonly kind: 'cancelled' }
  /** The transfer with this key on this account ended: its payee has the money. */
  | { readonly kind: 'settled'; readonly transfer: string; readonly to: string }
  /** It ended: its payee's book has a refusal, so the money is back. */
  | {
      readonly kind: 'returned';
      readonly transfer: string;
      readonly to: string;
      readonly code: RefusedCode;
    }
  /**
   * The refund with this key on this account ended: the money is in the balance, or in that of `to`. With a code it was refused, and moved
   * nothing.
   */
  | {
      readonly kind: 'refunded';
      readonly refund: string;
      readonly call: string;
      readonly to: string | undefined;
      readonly code: RefusedCode | undefined;
    }
  | { readonly kind: 'expired'; readonly hold: string }
  /** Written by a version of the function that knows more than this one. It still guards its key and counts in sums. */
  | { readonly kind: 'unknown_kind'; readonly text: string };

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
  readonly mayRetry: boolean;
  readonly body: EntryBody;
}

/**
 * The key of the credit of the transfer that an entry of an account began, and of the entry that ends the transfer, or a refund;
 * undefined for every other entry.
 */
export function bankKeyOfEntry(account: string, { key, atMs, body }: Entry): string | undefined {
  const isUnderWay =
    body.kind === 'executed' &&
    (body.asked.operation === 'refund' || ('to' in body.asked && body.asked.to !== undefined));
  return isUnderWay ? bankKeyOf(account, key, atMs) : undefined;
}

/** What the end of a refund moved, in minor units. */
export function refundedMinor({ changeMinor, heldChangeMinor }: Entry): bigint {
  return heldChangeMinor === 0n ? changeMinor : -heldChangeMinor - changeMinor;
}

/** True when both are the same, member by member: two calls, so that the one is a retry of the other, or what two entries say. */
export function isSame(one: Asked | EntryBody, other: Asked | EntryBody): boolean {
  return one === other || JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));
}

function canonical(value: object): readonly unknown[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => [name, typeof member === 'object' ? canonical(member) : String(member)]);
}
