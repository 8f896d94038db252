import type { Account } from './account.ts';
import { type Answer, answerFromRecord, decide, firstChange, type Intent } from './decide.ts';
import { MAX_WRITES_PER_ATTEMPT } from './limits.ts';
import { type Store, StoreUnavailableError } from './store.ts';

/** How an intent ended. */
export interface Settled {
  readonly answer: Answer;
  /** The account as last seen: after a write that brought it back, or as the failed condition showed it. */
  readonly account: Account | undefined;
  /**
   * True when a write of the intent may still arrive, one that was sent again because it was not answered. The recorded
   * reply keeps it from taking effect, so it must not be given back: the archive takes it, below the watermark.
   */
  readonly mayStillBeWritten: boolean;
}

/**
 * Settles an intent by writing. Whatever stops it on the way, nobody is told that nothing has happened while a write of it
 * may still arrive: it could find the money there that the answered ones missed.
 */
export async function settle(store: Store, intent: Intent, signal: AbortSignal): Promise<Settled> {
  const sent = { mayStillBeWritten: false };
  try {
    return await writeUntilSettled(store, intent, sent, signal);
  } catch (error) {
    if (sent.mayStillBeWritten && error instanceof StoreUnavailableError) {
      throw new StoreUnavailableError('unknown', error.message, { cause: error });
    }
    throw error;
  }
}

/**
 * Writes first and asks afterwards: the common call is one write and no read. Only a failed condition makes the bank
 * think, and it thinks about the item that the failure carried.
 */
async function writeUntilSettled(
  store: Store,
  intent: Intent,
  sent: { mayStillBeWritten: boolean },
  signal: AbortSignal,
): Promise<Settled> {
  let change = firstChange(intent);
  for (let writes = 0; writes < MAX_WRITES_PER_ATTEMPT; writes += 1) {
    const result = await store.write(change, signal);
    const { account } = result;
    sent.mayStillBeWritten ||= result.mayStillBeWritten;
    if (result.written) {
      const { recorded } = result;
      return { answer: { kind: 'replied', recorded, replayed: false }, account, ...sent };
    }
    const decision = decide(account, intent);
    switch (decision.kind) {
      case 'answer':
        if (sent.mayStillBeWritten && !keepsFromExecuting(decision.answer)) {
          throw new StoreUnavailableError('unknown', 'the account is full');
        }
        return { answer: decision.answer, account, ...sent };
      case 'look_in_archive':
        return { answer: await answerFromArchive(store, intent, signal), account, ...sent };
      case 'write':
        change = decision.change;
    }
  }
  throw new StoreUnavailableError('no', `the account changed under each of ${MAX_WRITES_PER_ATTEMPT} writes`);
}

/**
 * Answers without writing, for a key that must not be executed: one from the future, or one too old to be remembered.
 * Whatever is recorded under it is told; otherwise it is turned away.
 */
export async function settleWithoutWriting(
  store: Store,
  intent: Intent,
  turnedAway: 'key_in_future' | 'key_expired',
  signal: AbortSignal,
): Promise<Settled> {
  const account = await store.read(intent.call.account, signal);
  const recorded =
    account?.recorded.get(intent.call.key) ??
    (turnedAway === 'key_expired' ? await store.readArchived(intent.call, signal) : undefined);
  const answer: Answer =
    recorded === undefined ? { kind: 'turned_away', code: turnedAway } : answerFromRecord(recorded, intent);
  return { answer, account, mayStillBeWritten: false };
}

/** At or below the watermark nothing is ever executed: the archive answers, or nobody does. */
async function answerFromArchive(store: Store, intent: Intent, signal: AbortSignal): Promise<Answer> {
  const recorded = await store.readArchived(intent.call, signal);
  return recorded === undefined
    ? { kind: 'turned_away', code: 'key_expired' }
    : answerFromRecord(recorded, intent);
}

/** True for an answer after which no write of the call can take effect: its key is recorded, or below the watermark. */
function keepsFromExecuting(answer: Answer): boolean {
  return !(answer.kind === 'turned_away' && answer.code === 'too_many_unacknowledged');
}
