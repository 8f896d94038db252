import type { Head, Line, Page } from './book.ts';
import type { Append, Subject } from './decide.ts';

/** What a conditional write came to: the head after it, or the head that did not meet its condition. */
export interface Appended {
  readonly written: boolean;
  /** True when an attempt of this write was sent and not answered: it may still arrive. */
  readonly mayArrive: boolean;
  readonly head: Head;
}

/** A reply that was put aside, so that an old retry needs one read. Found, it is true; not found, it says nothing. */
export type Cached =
  | { readonly kind: 'line'; readonly line: Line }
  /** Pages between two places were read for the key, which is on none of them. Pages never change, so that stays true. */
  | ({ readonly kind: 'searched' } & PageRange);

/** Pages from one that starts at `start` to one that ends at `end`. */
export interface PageRange {
  readonly start: number;
  readonly end: number;
}

/** Some accounts, without those that never got a deposit, and the name to go on after; undefined at the end. */
export interface AccountList {
  readonly accounts: readonly { readonly account: string; readonly balanceMinor: bigint }[];
  readonly next: string | undefined;
}

/** An account that has something to be done, by the index. */
export interface DueAccount {
  readonly account: string;
  readonly dueAtMs: number;
}

/** Some accounts that are due, and the one to go on after; undefined at the end. */
export interface DueList {
  readonly accounts: readonly DueAccount[];
  readonly next: DueAccount | undefined;
}

/** Every method may throw {@link StoreUnavailableError}; `signal` ends it when the caller's time is up. */
export interface Store {
  /** Appends an entry in one conditional write: its guard, its conditions, a head that is not full, and no higher protocol. */
  append(append: Append, signal: AbortSignal): Promise<Appended>;
  /** Reads a head, strongly consistent. */
  readHead(account: string, signal: AbortSignal): Promise<Head>;
  /** Lists accounts in the order of the table, behind one or from the beginning. Eventually consistent: for operators. */
  listAccounts(
    which: { readonly after: string | undefined; readonly limit: number },
    signal: AbortSignal,
  ): Promise<AccountList>;
  /**
   * Reads pages of a book, strongly consistent: newest first those that start below a place, or oldest first those that
   * start at one or later. At most `limit`, and fewer where they are large; none when there are no such pages.
   */
  readPages(
    account: string,
    which: ({ readonly below: number } | { readonly from: number }) & { readonly limit: number },
    signal: AbortSignal,
  ): Promise<readonly Page[]>;
  /** The place of the first page whose watermark is not below a key; undefined where there is none. Eventually consistent: it only says where to look. */
  findPage(subject: Subject, signal: AbortSignal): Promise<number | undefined>;
  /** Puts a page in place unless there is one, and returns the one that is there. */
  putPage(account: string, page: Page, signal: AbortSignal): Promise<Page>;
  /** Takes a page's entries off the head and raises its watermark, if no page was turned since. */
  dropPage(account: string, page: Page, signal: AbortSignal): Promise<void>;
  /** Looks into the cache. It is eventually consistent, so nothing may be decided from what it does not have. */
  readCache(subject: Subject, signal: AbortSignal): Promise<Cached | undefined>;
  /** Puts lines into the cache. */
  cache(account: string, lines: readonly Line[], signal: AbortSignal): Promise<void>;
  /** Notes how far a search for a key came. */
  noteSearch(subject: Subject, searched: PageRange, signal: AbortSignal): Promise<void>;
  /** Removes a key from the cache. It guards nothing there. */
  forget(subject: Subject, signal: AbortSignal): Promise<void>;
  /** Lists accounts of a shard that were due at a moment, earliest first. Eventually consistent: it only says where to look. */
  listDue(
    which: { readonly shard: number; readonly atMs: number; readonly after: DueAccount | undefined },
    signal: AbortSignal,
  ): Promise<DueList>;
  /** Sets when an account is due, if nothing was appended since its head was read. */
  reschedule(
    account: string,
    due: { readonly sequence: number; readonly atMs: number },
    signal: AbortSignal,
  ): Promise<void>;
  /** Succeeds when a strongly consistent read works in this Region. */
  checkHealth(signal: AbortSignal): Promise<void>;
}

/** The store did not answer in time, or answered with a fault. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly code = 'unavailable';

  /** `'no'` when no write can have taken effect, `'unknown'` when one was sent and its answer did not come. */
  readonly executed: 'no' | 'unknown';
  /** What kept the call from being answered, where the caller should know. */
  readonly reason: 'too_many_transfers' | 'transfer_pending' | undefined;

  constructor(
    executed: 'no' | 'unknown',
    message: string,
    { reason, ...options }: ErrorOptions & { readonly reason?: StoreUnavailableError['reason'] } = {},
  ) {
    super(message, options);
    this.executed = executed;
    this.reason = reason;
  }
}
