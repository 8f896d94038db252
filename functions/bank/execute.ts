import { isAtOrBelow, isPageDue, lengthOf, lineOf, linesOfHead } from './book.ts';
import {
  type Answer,
  ageOf,
  answerFrom,
  appendFor,
  type Guard,
  type Intent,
  type KeyAge,
  turnedAwayFor,
} from './decide.ts';
import { MAX_HEAD_ENTRIES, MAX_WRITES_PER_ATTEMPT, PROTOCOL_VERSION } from './limits.ts';
import { search } from './search.ts';
import { type Store, StoreUnavailableError } from './store.ts';
import { turnAndCache, turnPage } from './turn.ts';

/** What the core is handed. */
export interface BankParts {
  readonly store: Store;
  readonly nowMs: () => number;
  /** Keys minted before this moment are never executed: the bank was restored then. 0 for one that never was. */
  readonly keysNotBeforeMs: number;
}

/** A page that is being turned. No answer depends on it, and it may be left undone. */
export interface Turning {
  /** Entries of the head when it was due. */
  readonly headEntries: number;
  readonly done: Promise<void>;
}

/** An answer, and the page that the call made due. */
export interface Executed {
  readonly answer: Answer;
  readonly turning: Turning | undefined;
}

/**
 * Executes a call or cancels a key, once for ever. It writes first and asks afterwards: the common call is one write and no
 * read. Only a failed condition makes it think, about the head that the failure carries.
 *
 * Throws {@link StoreUnavailableError}, which says whether something may have been executed.
 */
export async function execute(parts: BankParts, intent: Intent, signal: AbortSignal): Promise<Executed> {
  const nowMs = parts.nowMs();
  const age = ageOf(intent.key, nowMs, parts.keysNotBeforeMs);
  const code = turnedAwayFor(intent, age);
  if (code !== undefined) {
    const found = await lookUp(parts.store, intent, signal);
    const answer: Answer =
      found === undefined ? { kind: 'turned_away', code } : answerFrom(found, intent, true);
    return { answer, turning: undefined };
  }
  const sent = { mayArrive: false };
  try {
    return await write(parts.store, intent, { age, nowMs }, sent, signal);
  } catch (error) {
    // Only the write of the entry executes a call: not a page that may have been put, nor a read that was not answered. And
    // whatever stopped it, "not executed" would be a lie while such a write may still arrive.
    const executed = sent.mayArrive ? 'unknown' : 'no';
    if (!(error instanceof StoreUnavailableError) || error.executed === executed) throw error;
    throw new StoreUnavailableError(executed, error.message, { cause: error });
  }
}

async function write(
  store: Store,
  intent: Intent,
  time: { readonly age: KeyAge; readonly nowMs: number },
  sent: { mayArrive: boolean },
  signal: AbortSignal,
): Promise<Executed> {
  const { account, key } = intent;
  let append = appendFor(intent, undefined, { kind: 'above_watermark' }, time);
  // No entry up to here has the key. What leaves for pages between two writes was in the head that the first one saw, so it is not
  // read again: with many callers side by side a key could otherwise never catch up with the pages that they turn.
  let checkedTo = 0;
  for (let writes = 0; writes < MAX_WRITES_PER_ATTEMPT; writes += 1) {
    const { written, mayArrive, head } = await store.append(append, signal).catch((error: unknown) => {
      sent.mayArrive ||= error instanceof StoreUnavailableError && error.executed === 'unknown';
      throw error;
    });
    sent.mayArrive ||= mayArrive || written;
    if (written) {
      // The head is as it was right after this write, so the entry that was sent is its newest.
      const { sequence, balanceMinor = 0n } = head;
      const answer = answerFrom({ entry: append.entry, sequence, balanceMinor }, intent, false);
      if (!isPageDue(head)) return { answer, turning: undefined };
      const done = turnAndCache(store, account, head, signal);
      return { answer, turning: { headEntries: lengthOf(head), done } };
    }
    // First of all: a failed condition may be the SDK's own retry of a write that had succeeded.
    const line = lineOf(linesOfHead(head), key);
    if (line !== undefined) return { answer: answerFrom(line, intent, true), turning: undefined };
    if (head.needs > PROTOCOL_VERSION) {
      throw new StoreUnavailableError('no', `${account} is written by a newer version of the function`);
    }
    let guard: Guard = { kind: 'above_watermark' };
    if (isAtOrBelow(key, head.watermark)) {
      const found =
        head.turned > checkedTo ? await search(store, intent, head.turned, checkedTo, signal) : undefined;
      if (found !== undefined) return { answer: answerFrom(found, intent, true), turning: undefined };
      guard = { kind: 'searched', turned: head.turned };
    }
    checkedTo = head.sequence;
    if (lengthOf(head) >= MAX_HEAD_ENTRIES) await turnPage(store, account, head, signal);
    append = appendFor(intent, head, guard, time);
  }
  throw new StoreUnavailableError('no', `${account} changed under each of ${MAX_WRITES_PER_ATTEMPT} writes`);
}

/** Finds a key in a book, and changes nothing. */
export async function lookUp(
  store: Store,
  subject: { readonly account: string; readonly key: string },
  signal: AbortSignal,
) {
  const head = await store.readHead(subject.account, signal);
  const line = lineOf(linesOfHead(head), subject.key);
  return (
    line ??
    (isAtOrBelow(subject.key, head.watermark)
      ? await search(store, subject, head.turned, 0, signal)
      : undefined)
  );
}
