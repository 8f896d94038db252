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

/** A conditional write of entries: all of them are appended, in their order, or none. Only a batch has more than one. */
export interface Append {
  readonly account: string;
  /** Their keys differ. */
  readonly entries: readonly [Entry, ...Entry[]];
  readonly guard: Guard;
  readonly conditions: readonly Condition[];
  readonly marking: Marking | undefined;
  readonly status?: StatusChange;
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
