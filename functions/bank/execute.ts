import { Attempt, type BankParts, type RemainingWork } from './attempt.ts';
import { completeRefund } from './complete-refund.ts';
import { completeTransfer, endOf, returnedBy } from './complete-transfer.ts';
import {
  type Answer,
  ageOf,
  type Intent,
  isAnsweredBy,
  type Reply,
  type Subject,
  turnedAwayFor,
} from './decide.ts';
import { bankKeyOfEntry } from './entry.ts';
import { refundedCallOf } from './find-call.ts';
import { registerOf } from './key.ts';
import type { Mark } from './mark.ts';
import { StoreUnavailableError } from './store.ts';
import { type Found, find, write } from './write.ts';

/** An answer, and what the call left to do that no answer depends on. */
export interface Executed {
  readonly answer: Answer;
  readonly remaining: RemainingWork | undefined;
}

/**
 * Executes a call or cancels a key, at most once. It writes before it reads: the common call is one write and no read. Only after a
 * failed condition does it decide anew, by the head that the failure carries.
 *
 * Throws {@link StoreUnavailableError}, which says whether something may have been executed.
 */
export async function execute(parts: BankParts, intent: Intent, signal: AbortSignal): Promise<Executed> {
  const nowMs = parts.nowMs();
  const age = ageOf(intent.key, nowMs, parts.keysNotBeforeMs);
  const attempt = new Attempt(parts, signal);
  const code = turnedAwayFor(intent, age);
  try {
    if (code === undefined) {
      const answer = await answerFrom(attempt, intent, await write(attempt, intent, { age, nowMs }));
      return { answer, remaining: attempt.left() };
    }
    const found = await find(attempt, intent);
    const answer: Answer =
      found === undefined ? { kind: 'rejected', code } : await answerFrom(attempt, intent, found);
    return { answer, remaining: attempt.left() };
  } catch (error) {
    // Only the write of the entry executes a call: not a page that may have been put, nor a read that was not answered. And
    // "not executed" would be wrong while such a write may still arrive, or a transfer is under way.
    if (!(error instanceof StoreUnavailableError)) {
      throw error;
    }
    if (attempt.hasBegun) {
      throw new StoreUnavailableError('unknown', error.message, { cause: error, reason: 'transfer_pending' });
    }
    const executed = attempt.mayHaveExecuted ? 'unknown' : 'no';
    if (error.executed === executed) {
      throw error;
    }
    throw new StoreUnavailableError(executed, error.message, { cause: error });
  }
}

/** Answers an intent whose key is in the book. A transfer or a refund that is under way is driven to its end first. */
async function answerFrom(attempt: Attempt, intent: Intent, found: Found): Promise<Answer> {
  const { account, key } = intent;
  const { line, head, isNew } = found;
  const { body } = line.entry;
  if (body.kind === 'unread') {
    return { kind: 'unreadable' };
  }
  if (!isAnsweredBy(line, intent)) {
    return { kind: 'rejected', code: 'key_reused' };
  }
  const state = await stateOf(attempt, account, found);
  if (state.kind === 'ended') {
    // A cancelled key repeats no answer: no call with it had one before.
    const replayed = !isNew && (intent.kind === 'cancel' || body.kind !== 'cancelled');
    return { kind: 'recorded', ...state.reply, replayed };
  }
  const { mark } = state;
  if (mark.kind !== 'transfer' && mark.kind !== 'refund') {
    return { kind: 'unreadable' };
  }
  const { wasMoved, ...reply } =
    mark.kind === 'transfer'
      ? await completeTransfer(attempt, { account, key, mark, head })
      : await completeRefund(attempt, { account, key, mark, head });
  return { kind: 'recorded', line, ...reply, replayed: wasMoved };
}

/** Where a call is whose key is in the book: it has its reply, or its transfer or refund is under way. */
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

/** What a key was answered so far; `pending` while its transfer or refund is under way. */
export type KeyOutcome =
  | ({
      readonly kind: 'recorded';
      /** What was refunded of the call, in minor units. */
      readonly refundedMinor: bigint;
    } & Reply)
  | { readonly kind: 'pending' }
  | { readonly kind: 'unreadable' };

/** What a key was answered so far. Changes nothing. */
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
  if (line.entry.body.kind === 'unread') {
    return { kind: 'unreadable' };
  }
  const state = await stateOf(attempt, account, found);
  if (state.kind === 'under_way') {
    const { id, mark } = state;
    // The payer may have been answered already: a credit decides the transfer, also where nothing has settled it yet.
    const credit = mark.kind === 'transfer' ? await find(attempt, { account: mark.to, key: id }) : undefined;
    if (credit?.line.entry.body.kind !== 'executed') {
      return { kind: 'pending' };
    }
  }
  const reply = state.kind === 'ended' ? state.reply : { line, returned: undefined };
  return { kind: 'recorded', ...reply, refundedMinor: await refundedOf(attempt, account, reply) };
}

/** What was refunded of a call, by its register: of a transfer by that of its credit, which the payee refunds. */
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
