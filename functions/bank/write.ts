import type { Guard, Subject } from './append.ts';
import type { Attempt } from './attempt.ts';
import { entriesIn, type Head, isAtOrBelow, type Line, lineOf, linesOfHead } from './book.ts';
import { decide, type Intent } from './decide.ts';
import type { Entry } from './entry.ts';
import { findCall } from './find-call.ts';
import { findEnding } from './find-hold.ts';
import { type KeyAge, registerOf } from './key.ts';
import { MAX_HEAD_ENTRIES, MAX_WRITES_PER_ATTEMPT, PROTOCOL_VERSION } from './limits.ts';
import type { HoldEnding, RefundedCall } from './operations/operation.ts';
import { lineInBook, search } from './search.ts';
import { turnPage } from './turn.ts';
import { StoreUnavailableError } from './unavailable.ts';

/** The line of a key, and a head of the book that has it. */
export interface Found {
  readonly line: Line;
  readonly head: Head;
  /** True if this attempt wrote it. */
  readonly isNew: boolean;
}

/**
 * Writes the entry that answers an intent, or finds the one that answered it before: entries for callers, credits, and the entries of
 * registers.
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
  // No entry up to this number has the key. Entries that move to pages between two writes were in the head that the first write saw, so
  // they are not read again. Otherwise, with many concurrent callers, a search could never catch up with the pages that they turn.
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
        // This is the head right after the write, so the entry is its newest.
        return { line: newest(seen, step.append.entries[0]), head: seen, isNew: true };
      }
      head = seen;
      // The expiry is written: the money is available now, or the hold is gone.
      if (written) {
        continue;
      }
      left -= 1;
    }
    // The search used an older head. The hold or the call may have been written since, so search again.
    ending = undefined;
    refundedCall = refundedCall?.kind === 'never_used' ? undefined : refundedCall;
    // Check the key first: if the condition failed, an earlier request of the same write may have succeeded.
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

/** Finds the line of a key, and changes nothing. */
export async function find(attempt: Attempt, { account, key }: Subject): Promise<Found | undefined> {
  const { store, signal } = attempt;
  const head = await store.readHead(account, signal);
  const line = await lineInBook(store, { account, key }, head, signal);
  return line === undefined ? undefined : { line, head, isNew: false };
}
