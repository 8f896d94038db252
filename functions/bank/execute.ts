import type { Subject } from './append.ts';
import { Attempt, type BankParts, type RemainingWork } from './attempt.ts';
import type { Line } from './book.ts';
import { complete } from './complete-refund.ts';
import { endOf, returnedBy } from './complete-transfer.ts';
import type { Intent } from './decide.ts';
import { bankKeyOfEntry, isSame, type RecordedRefusal } from './entry.ts';
import { refundedCallOf } from './find-call.ts';
import { ageOf, type KeyAge, registerOf } from './key.ts';
import type { Mark } from './mark.ts';
import { StoreUnavailableError, withExecuted } from './unavailable.ts';
import { type Found, find, write } from './write.ts';

/** A recorded reply: its line; for a returned transfer or refund, the reason; for a refund, the line that ended it. It never changes. */
export interface Reply {
  readonly line: Line;
  readonly returned: RecordedRefusal | undefined;
  readonly end?: Line;
}

/** What the bank answers for the key of an intent. */
export type KeyAnswer =
  | ({ readonly kind: 'recorded'; readonly replayed: boolean } & Reply)
  | { readonly kind: 'rejected'; readonly code: 'key_reused' | 'key_in_future' | 'key_expired' }
  /** The entry of the key is of a kind that this version of the function does not know. */
  | { readonly kind: 'unreadable' };

/** An answer, and the work that remains, on which no answer depends. */
export interface Executed {
  readonly answer: KeyAnswer;
  readonly remaining: RemainingWork | undefined;
}

/**
 * Executes a call or cancels a key, at most once. It writes before it reads, so the usual call is one write and no read. Only if the
 * condition of that write fails does it decide again, from the head that the store returns with the failure.
 *
 * Throws {@link StoreUnavailableError}, which says whether the call may have been executed.
 */
export async function execute(parts: BankParts, intent: Intent, signal: AbortSignal): Promise<Executed> {
  const nowMs = parts.nowMs();
  const age = ageOf(intent.key, nowMs, parts.keysNotBeforeMs);
  const attempt = new Attempt(parts, signal);
  const code = rejectionOf(intent, age);
  try {
    if (code === undefined) {
      const answer = await answerFrom(attempt, intent, await write(attempt, intent, { age, nowMs }));
      return { answer, remaining: attempt.left() };
    }
    const found = await find(attempt, intent);
    const answer: KeyAnswer =
      found === undefined ? { kind: 'rejected', code } : await answerFrom(attempt, intent, found);
    return { answer, remaining: attempt.left() };
  } catch (error) {
    // Only the write of its entry executes a call; a page that was put, or a read without an answer, does not. "Not executed" would
    // be wrong while that write may still arrive, or while a transfer or refund is under way.
    if (!(error instanceof StoreUnavailableError)) {
      throw error;
    }
    if (attempt.hasBegun) {
      throw new StoreUnavailableError('unknown', error.message, { cause: error, reason: 'transfer_pending' });
    }
    throw withExecuted(error, attempt.mayHaveExecuted);
  }
}

/**
 * Returns the code with which an intent is rejected without a record, or undefined. A recovered bank cannot know what the calls with older
 * keys did in the bank that was lost, so it does not say that such a key is cancelled.
 */
function rejectionOf(intent: Intent, age: KeyAge): 'key_in_future' | 'key_expired' | undefined {
  if (age === 'from_the_future') {
    return 'key_in_future';
  }
  return age === 'from_before_recovery' && intent.kind === 'cancel' ? 'key_expired' : undefined;
}

/** Answers an intent whose key is in the book. Completes its transfer or refund first, if that is under way. */
export async function answerFrom(attempt: Attempt, intent: Intent, found: Found): Promise<KeyAnswer> {
  const { account, key } = intent;
  const { line, head, isNew } = found;
  const { body } = line.entry;
  if (body.kind === 'unknown_kind') {
    return { kind: 'unreadable' };
  }
  if (!isAnsweredBy(line, intent)) {
    return { kind: 'rejected', code: 'key_reused' };
  }
  const state = await stateOf(attempt, account, found);
  if (state.kind === 'ended') {
    // If the key was cancelled, no call with it had an answer before, so none is replayed.
    const replayed = !isNew && (intent.kind === 'cancel' || body.kind !== 'cancelled');
    return { kind: 'recorded', ...state.reply, replayed };
  }
  const { mark } = state;
  if (mark.kind !== 'transfer' && mark.kind !== 'refund') {
    return { kind: 'unreadable' };
  }
  const { wasMoved, ...reply } = await complete(attempt, { account, key, mark, head });
  return { kind: 'recorded', line, ...reply, replayed: wasMoved };
}

/** True if the book answers the intent; false if its key belongs to a different call. */
function isAnsweredBy({ entry: { body } }: Line, intent: Intent): boolean {
  return intent.kind === 'cancel' || !('asked' in body) || isSame(body.asked, intent.asked);
}

/** The state of a call whose key is in the book: it has a reply, or its transfer or refund is under way. */
type State =
  | { readonly kind: 'ended'; readonly reply: Reply }
  | { readonly kind: 'under_way'; readonly id: string; readonly mark: Mark };

async function stateOf(attempt: Attempt, account: string, { line, head }: Found): Promise<State> {
  const id = bankKeyOfEntry(account, line.entry);
  if (id === undefined) {
    return { kind: 'ended', reply: { line, returned: undefined } };
  }
  attempt.hasBegun = true;
  const mark = head.marks.get(line.entry.key);
  if (mark !== undefined) {
    return { kind: 'under_way', id, mark };
  }
  const end = await endOf(attempt, { account, id, head, after: line.sequence });
  return { kind: 'ended', reply: { line, returned: returnedBy(end), end } };
}

/** What is recorded of a key so far; `pending` while its transfer or refund is under way. */
export type KeyOutcome =
  | ({
      readonly kind: 'recorded';
      /** What was refunded of the call, in minor units. */
      readonly refundedMinor: bigint;
    } & Reply)
  | { readonly kind: 'pending' }
  | { readonly kind: 'unreadable' };

/** Returns what is recorded of a key so far, and changes nothing. */
export async function outcomeOf(
  parts: BankParts,
  { account, key }: Subject,
  signal: AbortSignal,
): Promise<KeyOutcome | undefined> {
  const attempt = new Attempt(parts, signal);
  const found = await find(attempt, { account, key });
  if (found === undefined) {
    return undefined;
  }
  const { line } = found;
  if (line.entry.body.kind === 'unknown_kind') {
    return { kind: 'unreadable' };
  }
  const state = await stateOf(attempt, account, found);
  if (state.kind === 'under_way') {
    const { id, mark } = state;
    // The payer may have been answered already: a transfer is decided by its credit, before it is settled.
    const credit = mark.kind === 'transfer' ? await find(attempt, { account: mark.to, key: id }) : undefined;
    if (credit?.line.entry.body.kind !== 'executed') {
      return { kind: 'pending' };
    }
  }
  const reply = state.kind === 'ended' ? state.reply : { line, returned: undefined };
  return { kind: 'recorded', ...reply, refundedMinor: await refundedOf(attempt, account, reply) };
}

/** Reads what was refunded of a call from its register. For a transfer that is the register of its credit, because the payee refunds it. */
async function refundedOf(
  { store, signal }: Attempt,
  account: string,
  { line: { entry }, returned }: Reply,
): Promise<bigint> {
  const { body } = entry;
  const to = body.kind === 'executed' && 'to' in body.asked ? body.asked.to : undefined;
  const id = bankKeyOfEntry(account, entry);
  const refundable: Subject | undefined =
    to !== undefined && id !== undefined
      ? { account: to, key: id }
      : refundedCallOf(entry).kind === 'refundable'
        ? { account, key: entry.key }
        : undefined;
  if (refundable === undefined || returned !== undefined) {
    return 0n;
  }
  const { balanceMinor = 0n } = await store.readHead(registerOf(refundable.account, refundable.key), signal);
  return balanceMinor;
}
