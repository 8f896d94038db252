import type { Account, Recorded } from './account.ts';
import { keyTimeMs } from './key.ts';
import { ARCHIVE_AGE_MS, ARCHIVE_BATCH } from './limits.ts';
import type { Store } from './store.ts';

/** The oldest replies of an account that are old enough to be archived, at most one batch, oldest first. */
export function oldReplies(account: Account, nowMs: number): ReadonlyMap<string, Recorded> {
  const old = [...account.recorded]
    .filter(([key]) => keyTimeMs(key) <= nowMs - ARCHIVE_AGE_MS)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return new Map(old.slice(0, ARCHIVE_BATCH));
}

/**
 * Moves replies off an account: first into the archive, then away from the account while the watermark rises over them.
 *
 * In this order a crash in between leaves them in both places, which answers every retry the same. Two movers at once
 * write the same records and remove the same attributes. A reply that is recorded in between with a key below the new
 * watermark stays on the account, and is answered from there.
 */
export async function moveToArchive(
  store: Pick<Store, 'archive' | 'dropArchived'>,
  account: string,
  replies: ReadonlyMap<string, Recorded>,
  signal: AbortSignal,
): Promise<void> {
  await store.archive(account, replies, signal);
  await store.dropArchived(account, [...replies.keys()], signal);
}
