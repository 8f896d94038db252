import type { RefundTerms } from './entry.ts';
import { bankKeyOf } from './key.ts';
import { DUE_SHARDS, TRANSFER_DUE_MS } from './limits.ts';

/**
 * Something that a call began on an account and that has not ended: a transfer, a refund or a hold. The head has it under the key of the
 * call.
 */
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
      /** What can still be captured. */
      readonly remainingMinor: bigint;
      readonly expiresAtMs: number;
      readonly reference: string | undefined;
    }
  | (RefundTerms & {
      readonly kind: 'refund';
      readonly call: string;
      /** True if the refund may take less when less is left. */
      readonly mayTakeLess: boolean;
      readonly startedMs: number;
      readonly mayRetry: boolean;
      readonly reference: string | undefined;
    })
  /** Of a kind that only a newer version of the function knows. */
  | { readonly kind: 'unknown_kind'; readonly text: string };

export type TransferMark = Extract<Mark, { kind: 'transfer' }>;
export type RefundMark = Extract<Mark, { kind: 'refund' }>;
export type HoldMark = Extract<Mark, { kind: 'hold' }>;

/** The marks of a head. */
export interface Marks {
  /** Holds, transfers and refunds that have not ended, by the key of the call that began them, in the order of the keys. */
  readonly marks: ReadonlyMap<string, Mark>;
  /** When the earliest mark is due or sooner, in milliseconds since 1970; undefined if there are no marks. */
  readonly dueAtMs: number | undefined;
}

/** A mark that a write adds, changes or removes, on condition that the mark is still as it was before. */
export interface MarkChange {
  readonly key: string;
  readonly before: Mark | undefined;
  readonly after: Mark | undefined;
}

/** The part of a write that changes the marks of a head. */
export interface Marking {
  readonly changes: readonly MarkChange[];
  /** True if the write removes the last mark, and with it the time from which the sweep looks at the account. */
  readonly isLast: boolean;
  /** When an added mark is due. The head has the earliest such time of all its marks. */
  readonly due: { readonly atMs: number; readonly isEarlier: boolean } | undefined;
}

/** When a mark is due, in milliseconds since 1970; undefined for a kind that this version does not know. */
export function dueMsOf(mark: Mark): number | undefined {
  switch (mark.kind) {
    case 'transfer':
    case 'refund':
      return mark.startedMs + TRANSFER_DUE_MS;
    case 'hold':
      return mark.expiresAtMs;
    case 'unknown_kind':
      return undefined;
  }
}

/** The part of a write that changes marks. `head` is undefined if it was not read. */
export function markingOf(
  changes: readonly MarkChange[] | undefined,
  head: Marks | undefined,
): Marking | undefined {
  if (changes === undefined) {
    return undefined;
  }
  const added = changes.find(({ before, after }) => before === undefined && after !== undefined)?.after;
  const atMs = added === undefined ? undefined : dueMsOf(added);
  return {
    changes,
    isLast: head?.marks.size === 1,
    due:
      atMs === undefined
        ? undefined
        : { atMs, isEarlier: head?.dueAtMs !== undefined && head.dueAtMs > atMs },
  };
}

/** The shard of the index of due accounts that an account is in. It must be the same in every version of the function. */
export function shardOf(account: string): number {
  let sum = 0;
  for (const byte of Buffer.from(account)) {
    sum = (sum * 31 + byte) % 65_521;
  }
  return sum % DUE_SHARDS;
}

/**
 * The key that the bank makes for the end of a mark: of the credit and the end of a transfer, of the reservation and the end of a refund,
 * or of the expiry of a hold.
 */
export function bankKeyOfMark(
  account: string,
  key: string,
  mark: TransferMark | RefundMark | HoldMark,
): string {
  return bankKeyOf(account, key, mark.kind === 'hold' ? mark.expiresAtMs : mark.startedMs);
}

/** True for a hold whose time is over. Its money counts as available, although its expiry may not be written yet. */
export function isExpired(mark: Mark, nowMs: number): mark is HoldMark {
  return mark.kind === 'hold' && mark.expiresAtMs <= nowMs;
}

/** True if both marks are the same, member by member. */
export function isSameMark(one: Mark | undefined, other: Mark | undefined): boolean {
  if (one === undefined || other === undefined) {
    return one === other;
  }
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof Mark>;
  return [...names].every((name) => one[name] === other[name]);
}
