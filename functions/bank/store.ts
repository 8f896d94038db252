import type { Append, Subject } from './append.ts';
import type { Head, Line, Page } from './book.ts';

/** The result of a conditional write: the head after it, or the head that did not meet its condition. */
export interface Appended {
  readonly written: boolean;
  /** True if a request of this write was sent and not answered: it may still arrive. */
  readonly mayArrive: boolean;
  readonly head: Head;
}

/**
 * What the cache has under a key: a reply, so that an old retry needs one read, or the note of a search. A hit is always right; a miss
 * proves nothing.
 */
export type Cached =
  | { readonly kind: 'line'; readonly line: Line }
  /** These pages were searched for the key, and it is on none of them. Pages never change, so that stays true. */
  | ({ readonly kind: 'searched' } & PageRange);

/** The pages from the one that starts at `start` to the one that ends at `end`. */
export interface PageRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A part of the list of accounts, without those that never got a deposit. `next` is where the next part begins, an account or a cursor of
 * the store; undefined at the end.
 */
export interface AccountList {
  readonly accounts: readonly { readonly account: string; readonly balanceMinor: bigint }[];
  readonly next: string | undefined;
}

/** An account that is due according to the index. */
export interface DueAccount {
  readonly account: string;
  readonly dueAtMs: number;
}

/** A part of the list of due accounts. The next part begins after `next`; undefined at the end. */
export interface DueList {
  readonly accounts: readonly DueAccount[];
  readonly next: DueAccount | undefined;
}

/** Every method may throw {@link StoreUnavailableError}. `signal` is aborted when the caller's time is up. */
export interface Store {
  /** Appends entries in one conditional write: its guard, its conditions, a head with room for them, and no higher protocol. */
  append(append: Append, signal: AbortSignal): Promise<Appended>;
  /** Reads a head, strongly consistent. */
  readHead(account: string, signal: AbortSignal): Promise<Head>;
  /** Lists accounts in the order of the table, after `next` or an account, or from the beginning. Eventually consistent: for operators. */
  listAccounts(
    which: { readonly after: string | undefined; readonly limit: number },
    signal: AbortSignal,
  ): Promise<AccountList>;
  /**
   * Reads pages of a book, strongly consistent: those that start before `below`, newest first, or those that start at `from` or later, oldest
   * first. Returns at most `limit` pages, and fewer if they are large, but at least one if there is one.
   */
  readPages(
    account: string,
    which: ({ readonly below: number } | { readonly from: number }) & { readonly limit: number },
    signal: AbortSignal,
  ): Promise<readonly Page[]>;
  /** The start of the first page whose watermark is at or above a key, or undefined. Eventually consistent: it only says where to look. */
  findPage(subject: Subject, signal: AbortSignal): Promise<number | undefined>;
  /** Writes a page unless it exists already, and returns the page that exists. */
  putPage(account: string, page: Page, signal: AbortSignal): Promise<Page>;
  /** Removes a page's entries from the head and raises its watermark, unless another page was turned meanwhile. */
  dropPage(account: string, page: Page, signal: AbortSignal): Promise<void>;
  /** Reads the cache. It is eventually consistent, so a miss must not decide anything. */
  readCache(subject: Subject, signal: AbortSignal): Promise<Cached | undefined>;
  /** Puts lines into the cache. */
  cache(account: string, lines: readonly Line[], signal: AbortSignal): Promise<void>;
  /** Notes which pages a search for a key has read. */
  noteSearch(subject: Subject, searched: PageRange, signal: AbortSignal): Promise<void>;
  /** Deletes a key from the cache. The cache does not guard keys. */
  forget(subject: Subject, signal: AbortSignal): Promise<void>;
  /** Lists the accounts of a shard that are due at a time, in the order of that. Eventually consistent: it only says where to look. */
  listDue(
    which: {
      readonly shard: number;
      readonly atMs: number;
      readonly latestFirst: boolean;
      readonly after: DueAccount | undefined;
    },
    signal: AbortSignal,
  ): Promise<DueList>;
  /** Sets when an account is due, unless an entry was appended since its head was read. */
  reschedule(
    account: string,
    due: { readonly sequence: number; readonly atMs: number },
    signal: AbortSignal,
  ): Promise<void>;
  /** Resolves if a strongly consistent read succeeds in this Region. */
  checkHealth(signal: AbortSignal): Promise<void>;
}
