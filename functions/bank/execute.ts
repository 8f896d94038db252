import { Attempt, type BankParts, type Turning } from './attempt.ts';
import type { Line } from './book.ts';
import {
  type Answer,
  ageOf,
  type Intent,
  isAnsweredBy,
  type Reply,
  type Subject,
  turnedAwayFor,
} from './decide.ts';
import { transferIdOf } from './entry.ts';
import { originalOf } from './find-call.ts';
import { registerOf } from './key.ts';
import { driveRefund } from './refund.ts';
import { StoreUnavailableError } from './store.ts';
import { drive, endOf, returnedBy } from './transfer.ts';
import { type Found, find, write } from './write.ts';

/** An answer, and what the call left to do that no answer depends on. */
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
  const attempt = new Attempt(parts, signal);
  const code = turnedAwayFor(intent, age);
  try {
    if (code === undefined) {
      const answer = await conclude(attempt, intent, await write(attempt, intent, { age, nowMs }));
      return { answer, turning: attempt.left() };
    }
    const found = await find(attempt, intent);
    const answer: Answer =
      found === undefined ? { kind: 'turned_away', code } : await conclude(attempt, intent, found);
    return { answer, turning: attempt.left() };
  } catch (error) {
    // Only the write of the entry executes a call: not a page that may have been put, nor a read that was not answered. And
    // whatever stopped it, "not executed" would be a lie while such a write may still arrive, or a transfer is under way.
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
async function conclude(attempt: Attempt, intent: Intent, { line, head, isNew }: Found): Promise<Answer> {
  const { body } = line.entry;
  if (body.kind === 'unread') {
    return { kind: 'unreadable' };
  }
  if (!isAnsweredBy(line, intent)) {
    return { kind: 'turned_away', code: 'key_reused' };
  }
  const id = transferIdOf(intent.account, line.entry);
  if (id === undefined) {
    // A cancelled key repeats no answer: no call with it had one before.
    const replayed = !isNew && (intent.kind === 'cancel' || body.kind !== 'cancelled');
    return { kind: 'recorded', line, returned: undefined, replayed };
  }
  attempt.hasBegun = true;
  const { account, key } = intent;
  const mark = head.marks.get(key);
  switch (mark?.kind) {
    case undefined: {
      const end = await endOf(attempt, { account, id, head, after: line.sequence });
      return { kind: 'recorded', ...ended(line, end), replayed: true };
    }
    case 'transfer':
    case 'refund': {
      const driven =
        mark.kind === 'transfer'
          ? await drive(attempt, { account, key, mark, head })
          : await driveRefund(attempt, { account, key, mark, head });
      const { wasMoved, ...reply } = driven;
      return { kind: 'recorded', line, ...reply, replayed: wasMoved };
    }
    default:
      return { kind: 'unreadable' };
  }
}

/** The reply to a transfer or a refund that has ended. */
function ended(line: Line, end: Line): Reply {
  return { line, returned: returnedBy(end), end };
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

/** What a key was answered so far, or that its transfer or refund is under way. Changes nothing. */
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
  const { line, head } = found;
  if (line.entry.body.kind === 'unread') {
    return { kind: 'unreadable' };
  }
  const recorded = async (reply: Reply): Promise<KeyOutcome> => ({
    kind: 'recorded',
    ...reply,
    refundedMinor: await refundedOf(attempt, account, reply),
  });
  const id = transferIdOf(account, line.entry);
  if (id === undefined) {
    return await recorded({ line, returned: undefined });
  }
  const mark = head.marks.get(key);
  if (mark === undefined) {
    return await recorded(ended(line, await endOf(attempt, { account, id, head, after: line.sequence })));
  }
  // The payer may have been answered already: a credit decides the transfer, also where nothing has settled it yet.
  const credit = mark.kind === 'transfer' ? await find(attempt, { account: mark.to, key: id }) : undefined;
  return credit?.line.entry.body.kind === 'executed'
    ? await recorded({ line, returned: undefined })
    : { kind: 'pending' };
}

/** What was refunded of a call, by its register: of a transfer by that of its credit, which the payee refunds. */
async function refundedOf(
  { store, signal }: Attempt,
  account: string,
  { line: { entry }, returned }: Reply,
): Promise<bigint> {
  const { body } = entry;
  const to = body.kind === 'executed' && 'to' in body.asked ? body.asked.to : undefined;
  const id = transferIdOf(account, entry);
  const refundable: Subject | undefined =
    to !== undefined && id !== undefined
      ? { account: to, key: id }
      : originalOf(entry).kind === 'refundable'
        ? { account, key: entry.key }
        : undefined;
  if (refundable === undefined || returned !== undefined) {
    return 0n;
  }
  const { balanceMinor = 0n } = await store.readHead(registerOf(refundable.account, refundable.key), signal);
  return balanceMinor;
}
