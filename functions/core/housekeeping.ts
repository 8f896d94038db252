import { type Account, isEmpty } from './account.ts';
import { moveToArchive, oldReplies } from './archive.ts';
import { ARCHIVE_BATCH, MAX_REMEMBERED_REPLIES } from './limits.ts';
import { type Store, StoreUnavailableError } from './store.ts';

/** What was done beside a call. */
export interface Housekeeping {
  /** Replies that were moved to the archive. */
  readonly archived: number;
  /** What kept it from being done. The next call that comes upon the same state tries again. */
  readonly failure: StoreUnavailableError | undefined;
}

/**
 * Keeps an account's item small after a call has seen it. The caller's call has been answered by then, so it is given
 * its answer even when this fails: everything here is safe to repeat, and safe to leave to the next call.
 */
export async function keepSmall(
  store: Store,
  name: string,
  account: Account | undefined,
  nowMs: number,
  signal: AbortSignal,
): Promise<Housekeeping> {
  if (account === undefined) {
    return { archived: 0, failure: undefined };
  }
  const old = oldReplies(account, nowMs);
  const isDue = old.size >= ARCHIVE_BATCH;
  try {
    if (isDue) {
      await moveToArchive(store, name, old, signal);
    } else if (account.recorded.size >= MAX_REMEMBERED_REPLIES && !account.full) {
      await store.markFull(name, signal);
    }
    return { archived: isDue ? old.size : 0, failure: undefined };
  } catch (error) {
    if (error instanceof StoreUnavailableError) {
      return { archived: 0, failure: error };
    }
    throw error;
  }
}

/**
 * Removes replies that were given back. An item that holds nothing any more goes as well, so that a name which somebody
 * once asked about does not take up room for ever.
 */
export async function acknowledge(
  store: Store,
  name: string,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const account = await store.acknowledge(name, keys, signal);
  if (account !== undefined && isEmpty(account)) {
    await store.remove(name, account, signal);
  }
}
