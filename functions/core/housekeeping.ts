import { type Account, isEmpty, type Recorded } from './account.ts';
import { moveToArchive, oldReplies } from './archive.ts';
import type { Intent } from './decide.ts';
import { ARCHIVE_BATCH, MAX_REMEMBERED_REPLIES } from './limits.ts';
import type { Settled } from './settle.ts';
import { type Store, StoreUnavailableError } from './store.ts';

/** What was done beside a call. */
export interface Housekeeping {
  /** Replies that were moved to the archive. */
  readonly archived: number;
  /** What kept something from being done. The next call that comes upon the same state tries again. */
  readonly failure: StoreUnavailableError | undefined;
}

/**
 * Does the housekeeping beside a call. The call has been answered by then, so it is given its answer even when this
 * fails: everything here is safe to repeat, and safe to leave to the next call.
 */
export async function keepHouse(
  store: Store,
  intent: Intent,
  settled: Settled,
  nowMs: number,
  signal: AbortSignal,
): Promise<Housekeeping> {
  try {
    await giveBackLate(store, intent, settled, signal);
    const archived = await keepSmall(store, intent.call.account, settled.account, nowMs, signal);
    return { archived, failure: undefined };
  } catch (error) {
    if (error instanceof StoreUnavailableError) {
      return { archived: 0, failure: error };
    }
    throw error;
  }
}

/** An answer that took no write has left the replies where they were that the call gives back. */
async function giveBackLate(
  store: Store,
  intent: Intent,
  { answer, account }: Settled,
  signal: AbortSignal,
): Promise<void> {
  const written = answer.kind === 'replied' && !answer.replayed;
  const left = written ? [] : intent.acknowledge.filter((key) => account?.recorded.has(key));
  if (left.length > 0) {
    await acknowledge(store, intent.call.account, left, signal);
  }
}

/** Keeps an account's item small, and returns how many replies were moved for it. */
async function keepSmall(
  store: Store,
  name: string,
  account: Account | undefined,
  nowMs: number,
  signal: AbortSignal,
): Promise<number> {
  const old = account === undefined ? new Map<string, Recorded>() : oldReplies(account, nowMs);
  if (old.size >= ARCHIVE_BATCH) {
    await moveToArchive(store, name, old, signal);
    return old.size;
  }
  if (account !== undefined && account.recorded.size >= MAX_REMEMBERED_REPLIES && !account.full) {
    await store.markFull(name, signal);
  }
  return 0;
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
