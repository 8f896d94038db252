import type { Append } from './append.ts';
import type { Attempt } from './attempt.ts';
import { entriesIn, type Head } from './book.ts';
import { expiryOf } from './decide.ts';
import type { EntryBody } from './entry.ts';
import { MAX_HEAD_ENTRIES, MAX_WRITES_PER_ATTEMPT, PROTOCOL_VERSION } from './limits.ts';
import {
  bankKeyOfMark,
  type HoldMark,
  isSameMark,
  type Mark,
  markingOf,
  type RefundMark,
  type TransferMark,
} from './mark.ts';
import { turnPage } from './turn.ts';
import { StoreUnavailableError } from './unavailable.ts';

/** A mark, and the head on which it was seen. */
export interface Marked<Kind extends Mark> {
  readonly account: string;
  /** Key of the call that made the mark. */
  readonly key: string;
  readonly mark: Kind;
  readonly head: Head;
}

/** A head without the mark, and whether this attempt removed it. */
export interface Ended {
  readonly written: boolean;
  readonly head: Head;
}

/** Ends a transfer or a refund with a change of the balance and of the held money, unless it has ended. */
export async function endTransferOrRefund(
  attempt: Attempt,
  marked: Marked<TransferMark | RefundMark>,
  [changeMinor, heldChangeMinor]: readonly [bigint, bigint],
  body: EntryBody,
): Promise<Ended> {
  const { account, key, mark } = marked;
  const nowMs = attempt.parts.nowMs();
  return await endMark(attempt, marked, (seen) => ({
    account,
    guard: { kind: 'marked' },
    conditions: [],
    marking: markingOf([{ key, before: mark, after: undefined }], seen),
    entries: [
      {
        key: bankKeyOfMark(account, key, mark),
        atMs: nowMs,
        mayRetry: mark.mayRetry,
        changeMinor,
        heldChangeMinor,
        body,
      },
    ],
  }));
}

/** Writes the expiry of a hold, unless something else has ended it. */
export async function expire(attempt: Attempt, marked: Marked<HoldMark>): Promise<void> {
  const { account, key, mark } = marked;
  const nowMs = attempt.parts.nowMs();
  await endMark(attempt, marked, (head) => expiryOf(account, head, key, mark, nowMs));
}

/** Removes a mark with the entry that ends it. If the mark is gone or has changed, something else has ended it. */
async function endMark(
  attempt: Attempt,
  { account, key, mark, head: seen }: Marked<Mark>,
  appendOn: (head: Head) => Append,
): Promise<Ended> {
  let head = seen;
  for (let left = MAX_WRITES_PER_ATTEMPT; left > 0; left -= 1) {
    const { written, head: next } = await attempt.append(appendOn(head), false);
    head = next;
    if (written || !isSameMark(head.marks.get(key), mark)) {
      return { written, head };
    }
    if (head.needs > PROTOCOL_VERSION) {
      throw new StoreUnavailableError('unknown', `${account} is written by a newer version of the function`);
    }
    if (entriesIn(head) >= MAX_HEAD_ENTRIES) {
      await turnPage(attempt.store, account, head, attempt.signal);
    }
  }
  throw new StoreUnavailableError(
    'unknown',
    `${account} changed under each of ${MAX_WRITES_PER_ATTEMPT} writes`,
  );
}
