import type { RefundTerms } from './entry.ts';
import { bankKeyOf } from './key.ts';
import { DUE_SHARDS, TRANSFER_DUE_MS } from './limits.ts';

/** Something on a head that is not at its end yet, under the key of the call that began it. */
export type Mark =
  | {
      readonly kind: 'transfer';
      readonly to: string;
      readonly amountMinor: bigint;
      readonly startedMs: number;
      readonly mayRetry: boolean;
      readonly reference: string | undefined;
    }
  | {
      readonly kind: 'hold';
      readonly amountMinor: bigint;
      /** What has not been captured of it. */
      readonly remainingMinor: bigint;
      readonly expiresAtMs: number;
      readonly reference: string | undefined;
    }
  | (RefundTerms & {
      readonly kind: 'refund';
      readonly call: string;
      /** True where less will do, if there is not as much left. */
      readonly mayTakeLess: boolean;
      readonly startedMs: number;
      readonly mayRetry: boolean;
      readonly reference: string | undefined;
    })
  /** Written by a version of the function that knows more than this one. */
  | { readonly kind: 'unread'; readonly text: string };

export type TransferMark = Extract<Mark, { kind: 'transfer' }>;
export type RefundMark = Extract<Mark, { kind: 'refund' }>;
export type HoldMark = Extract<Mark, { kind: 'hold' }>;

/** A mark that a write adds, changes or removes. It is written on condition that the mark is still as it was before. */
export interface MarkChange {
  readonly key: string;
  readonly before: Mark | undefined;
  readonly after: Mark | undefined;
}

/** When the sweep has to look at a mark, in milliseconds since 1970; undefined for one that this version cannot read. */
export function dueMsOf(mark: Mark): number | undefined {
  switch (mark.kind) {
    case 'transfer':
    case 'refund':
      return mark.startedMs + TRANSFER_DUE_MS;
    case 'hold':
      return mark.expiresAtMs;
    case 'unread':
      return undefined;
  }
}

/** The shard of the index of what is due that an account is in: the same in every version of the function. */
export function shardOf(account: string): number {
  let sum = 0;
  for (const byte of Buffer.from(account)) {
    sum = (sum * 31 + byte) % 65_521;
  }
  return sum % DUE_SHARDS;
}

/**
 * The key of the entry that ends a mark when no caller does: of a transfer, and of its credit in the payee's book, of a refund, and of its
 * reservation, or of the expiry of a hold.
 */
export function bankKeyOfMark(
  account: string,
  key: string,
  mark: TransferMark | RefundMark | HoldMark,
): string {
  return bankKeyOf(account, key, mark.kind === 'hold' ? mark.expiresAtMs : mark.startedMs);
}

/** True for a hold whose money counts as available, although nothing has released it yet. */
export function isExpired(mark: Mark, nowMs: number): mark is HoldMark {
  return mark.kind === 'hold' && mark.expiresAtMs <= nowMs;
}

/** True when both say the same. */
export function isSameMark(one: Mark | undefined, other: Mark | undefined): boolean {
  if (one === undefined || other === undefined) {
    return one === other;
  }
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof Mark>;
  return [...names].every((name) => one[name] === other[name]);
}
