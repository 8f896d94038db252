import type { Attempt } from './attempt.ts';
import { entriesIn, type Head, isAtOrBelow, type Line, lineOf, linesOfHead } from './book.ts';
import { decide, type Guard, type Intent, type Subject } from './decide.ts';
import type { Entry } from './entry.ts';
import { findCall } from './find-call.ts';
import { findEnding } from './find-hold.ts';
import { type KeyAge, registerOf } from './key.ts';
import { MAX_HEAD_ENTRIES, MAX_WRITES_PER_ATTEMPT, PROTOCOL_VERSION } from './limits.ts';
import type { HoldEnding, RefundedCall } from './operations/operation.ts';
import { lineInBook, search } from './search.ts';
import { StoreUnavailableError } from './store.ts';
import { turnPage } from './turn.ts';

/** The line of a key, and a head of the book that has it. */
export interface Found {
  readonly line: Line;
  readonly head: Head;
  /** True when this attempt wrote it. */
  readonly isNew: boolean;
}

/**
 * Writes the entry that answers an intent, or finds the one that had answered it. The entries of callers come here, and the credits of
 * transfers.
 *
 * Throws {@link StoreUnavailableError}.
 */
export async function write(
  attempt: Attempt,
  intent: Intent,
  { age, nowMs }: { readonly age: KeyAge; readonly nowMs: number },
): Promise<Found> {
  const { store, signal } = attempt;
  const { account, key } = intent;
  let head: Head | undefined;
  let guard: Guard = { kind: 'above_watermark' };
  let ending: HoldEnding | undefined;
  let refundedCall: RefundedCall | undefined;
  // No entry up to here has the key. What leaves for pages between two writes was in the head that the first one saw, so it is not
  // read again: with many callers side by side a key could otherwise never catch up with the pages that they turn.
  let checkedTo = 0;
  for (let left = MAX_WRITES_PER_ATTEMPT; left > 0; ) {
    const step = decide(intent, head, { age, nowMs, guard, ending, refundedCall });
    if (step.kind === 'unavailable') {
      throw step.error;
    }
    if (step.kind === 'find_hold') {
      ending = await findEnding(store, account, step.hold, step.head, signal);
      continue;
    }
    if (step.kind === 'count_refunds') {
      const { balanceMinor = 0n } = await store.readHead(registerOf(account, step.call), signal);
      refundedCall = { ...step.refundedCall, refundedMinor: balanceMinor };
      continue;
    }
    if (step.kind === 'find_call') {
      refundedCall = await findCall(store, { account, key: step.call }, head, signal);
      if (refundedCall !== undefined) {
        continue;
      }
    }
    if (step.kind === 'read_head' || step.kind === 'find_call') {
      head = await store.readHead(account, signal);
    } else {
      const executes = step.kind === 'append';
      const { written, head: seen } = await attempt.append(step.append, executes);
      if (written && executes) {
        // The head is as it was right after this write, so the entry that was sent is its newest.
        return { line: newest(seen, step.append.entry), head: seen, isNew: true };
      }
      head = seen;
      // Released: the money is there now, or the hold is gone.
      if (written) {
        continue;
      }
      left -= 1;
    }
    // How a hold ended was looked for in another book than this one: it may have been made, and ended, since. So may a call.
    ending = undefined;
    refundedCall = refundedCall?.kind === 'never_used' ? undefined : refundedCall;
    // First of all: an earlier HTTP attempt of a write whose condition failed may have succeeded.
    const line = lineOf(linesOfHead(head), key);
    if (line !== undefined) {
      return { line, head, isNew: false };
    }
    if (head.needs > PROTOCOL_VERSION) {
      throw new StoreUnavailableError('no', `${account} is written by a newer version of the function`);
    }
    guard = { kind: 'above_watermark' };
    if (isAtOrBelow(key, head.watermark)) {
      const found =
        head.turned > checkedTo ? await search(store, intent, head.turned, checkedTo, signal) : undefined;
      if (found !== undefined) {
        return { line: found, head, isNew: false };
      }
      guard = { kind: 'searched', turned: head.turned };
    }
    checkedTo = head.sequence;
    if (entriesIn(head) >= MAX_HEAD_ENTRIES) {
      await turnPage(store, account, head, signal);
    }
  }
  throw new StoreUnavailableError('no', `${account} changed under each of ${MAX_WRITES_PER_ATTEMPT} writes`);
}

function newest({ sequence, balanceMinor = 0n, heldMinor }: Head, entry: Entry): Line {
  return { entry, sequence, balanceMinor, heldMinor };
}

/** Finds a key in a book, and changes nothing. */
export async function find(attempt: Attempt, { account, key }: Subject): Promise<Found | undefined> {
  const { store, signal } = attempt;
  const head = await store.readHead(account, signal);
  const line = await lineInBook(store, { account, key }, head, signal);
  return line === undefined ? undefined : { line, head, isNew: false };
}
