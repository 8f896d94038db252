import { type Head, isAtOrBelow } from './book.ts';
import type { Entry, StatusChange } from './entry.ts';
import type { Marking } from './mark.ts';
import type { Condition } from './operations/operation.ts';

/** A key on an account. */
export interface Subject {
  readonly account: string;
  /** Idempotency key: a canonical UUIDv7. */
  readonly key: string;
}

/** The part of a write's condition that keeps its key from being answered twice. */
export type Guard =
  /** The key is neither in the head nor at or below its watermark. */
  | { readonly kind: 'above_watermark' }
  /** The key is not in the head, and no page was turned since the function searched all pages for it. */
  | { readonly kind: 'searched'; readonly turned: number }
  /** The entry ends a mark, and the same write removes the mark: of several such writes, only one finds it. */
  | { readonly kind: 'marked' };

/** A conditional write of one entry. */
export interface Append {
  readonly account: string;
  readonly entry: Entry;
  readonly guard: Guard;
  readonly conditions: readonly Condition[];
  readonly marking: Marking | undefined;
  readonly status?: StatusChange;
}

/** A conditional write of several entries of one account without marks: all of them are appended, in this order, or none. */
export interface BatchAppend {
  readonly account: string;
  /** Their keys differ, and are guarded by the watermark. */
  readonly entries: readonly Entry[];
  readonly conditions: readonly Condition[];
}

/** The lowest of some keys. */
export function lowest(keys: readonly string[]): string {
  return keys.reduce((one, other) => (one < other ? one : other));
}

/** True when a head meets a guard. */
export function guards(guard: Guard, key: string, head: Head): boolean {
  if (head.entries.some((entry) => entry.key === key)) {
    return false;
  }
  switch (guard.kind) {
    case 'above_watermark':
      return !isAtOrBelow(key, head.watermark);
    case 'searched':
      return head.turned === guard.turned;
    case 'marked':
      return true;
  }
}
