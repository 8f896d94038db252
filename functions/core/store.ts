import type { Account, Recorded, Subject } from './account.ts';
import type { Change } from './decide.ts';

/**
 * Result of a conditional write: what it has recorded, with the account as it is now if it brought the whole of it back;
 * or the account as it was when the condition failed.
 */
export type WriteResult =
  | (Attempted & {
      readonly written: true;
      readonly recorded: Recorded;
      readonly account: Account | undefined;
    })
  | (Attempted & { readonly written: false; readonly account: Account | undefined });

/** What is known of the attempts that a write took. */
interface Attempted {
  /** True when an attempt of this very write may still arrive: one was sent again because it was not answered. */
  readonly mayStillBeWritten: boolean;
}

/** Replies by their keys. */
export type RecordedByKey = ReadonlyMap<string, Recorded>;

/**
 * What the core needs of a store. Every method may throw {@link StoreUnavailableError}; `signal` aborts it when the
 * caller's time is up.
 */
export interface Store {
  /**
   * Makes a change in one conditional write. It is written only if the key has no reply, the key is above the watermark,
   * the account is not full, and the balance is such that the change is right: enough money for a withdrawal, room for a
   * deposit, and for a refusal the very reason of the refusal.
   */
  write(change: Change, signal: AbortSignal): Promise<WriteResult>;

  /** Removes replies that were given back, and returns the account after it; undefined when there is no such item. */
  acknowledge(account: string, keys: readonly string[], signal: AbortSignal): Promise<Account | undefined>;

  /** Marks an account that remembers too many replies, so that the next new call is turned away. */
  markFull(account: string, signal: AbortSignal): Promise<void>;

  /** Reads an account, strongly consistent. */
  read(account: string, signal: AbortSignal): Promise<Account | undefined>;

  /**
   * Looks a moved reply up in the archive. The archive is eventually consistent: a miss may only mean that this Region
   * is behind. Nothing about money may be decided from it.
   */
  readArchived(subject: Subject, signal: AbortSignal): Promise<Recorded | undefined>;

  /** Puts replies into the archive, at most {@link ARCHIVE_BATCH}. Doing it twice is doing it once. */
  archive(account: string, replies: RecordedByKey, signal: AbortSignal): Promise<void>;

  /**
   * Takes archived replies off the account and raises its watermark to the highest of their keys, in one write. The
   * watermark never falls: when it is that high already, the replies leave and it stays.
   */
  dropArchived(account: string, keys: readonly string[], signal: AbortSignal): Promise<void>;

  /**
   * Removes the item of an account that has no balance, on the condition that it still has none and that nothing was
   * recorded since it was seen like this. Returns whether it was removed.
   */
  remove(account: string, seen: Account, signal: AbortSignal): Promise<boolean>;

  /** Succeeds only when a strongly consistent read of the accounts table works in this Region. */
  checkHealth(signal: AbortSignal): Promise<void>;
}

/** The store did not answer in time, or answered with a fault. */
export class StoreUnavailableError extends Error {
  readonly code = 'unavailable';

  /**
   * `'no'` when no write can have taken effect: none was ever sent, or the store turned every one away. `'unknown'` when
   * a write was sent and its answer did not come.
   */
  readonly executed: 'no' | 'unknown';

  constructor(executed: 'no' | 'unknown', message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailableError';
    this.executed = executed;
  }
}
