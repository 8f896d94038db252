import type { Attempt } from './attempt.ts';
import { entriesIn, type Head, type Line, lineOf, linesOfHead } from './book.ts';
import { type Append, expiryOf, type Intent } from './decide.ts';
import { type Asked, type EntryBody, isSame, type RefusedCode } from './entry.ts';
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
import { search } from './search.ts';
import { StoreUnavailableError } from './store.ts';
import { turnPage } from './turn.ts';
import { type Found, write } from './write.ts';

/** A mark, and the head on which it was seen. */
export interface Marked<Kind extends Mark> {
  readonly account: string;
  /** Key of the call that made the mark. */
  readonly key: string;
  readonly mark: Kind;
  readonly head: Head;
}

/** How a transfer or a refund ended, and the refusal code if no money was moved. */
export interface Completed {
  readonly returned: RefusedCode | undefined;
  /** True if an earlier attempt moved the money. */
  readonly wasMoved: boolean;
  /** The line that ended it, if the answer needs it. */
  readonly end?: Line;
}

/**
 * Makes the remaining writes of a transfer: its credit in the payee's book, then the entry in the payer's book that removes its mark. Any
 * function may do so, at any time and repeatedly: the credit has its own key, so it is made or refused once, and only one write finds the
 * mark. The money returns to the payer only when the payee's book has the refusal.
 *
 * An executed credit decides the transfer, so the payer is answered while the mark is removed. Returned money is in the payer's balance
 * before the caller is answered.
 */
export async function completeTransfer(attempt: Attempt, marked: Marked<TransferMark>): Promise<Completed> {
  const { account, key, mark } = marked;
  const { to, amountMinor, reference } = mark;
  const asked = { operation: 'credit', amountMinor, from: account, transfer: key, reference } as const;
  const { line, isNew } = await writeOnce(attempt, to, bankKeyOfMark(account, key, mark), asked);
  const returned = refusalOf(line);
  const ended =
    returned === undefined
      ? endMoney(attempt, marked, [0n, -amountMinor], { kind: 'settled', transfer: key, to })
      : endMoney(attempt, marked, [amountMinor, -amountMinor], {
          kind: 'returned',
          transfer: key,
          to,
          code: returned,
        });
  if (returned === undefined) {
    attempt.later(ended.then(() => undefined));
  } else {
    await ended;
  }
  return { returned, wasMoved: !isNew };
}

/** Writes an entry that no caller asked for, or finds it: a credit, or an entry in the register of a refund. */
export async function writeOnce(
  attempt: Attempt,
  account: string,
  key: string,
  asked: Asked,
): Promise<Found> {
  const intent: Intent = { kind: 'execute', account, key, mayRetry: false, asked };
  const found = await write(attempt, intent, { age: 'usable', nowMs: attempt.parts.nowMs() });
  const { body } = found.line.entry;
  if (!('asked' in body && isSame(body.asked, asked))) {
    throw new StoreUnavailableError(
      'unknown',
      `entry ${found.line.sequence} of ${account} is not the ${asked.operation} ${key}`,
    );
  }
  return found;
}

/** The code with which an entry was refused, or undefined. */
export function refusalOf({ entry: { body } }: Line): RefusedCode | undefined {
  return body.kind === 'refused' ? body.code : undefined;
}

/** Ends a transfer or a refund with a change of the balance and of the held money, unless it has ended. */
export async function endMoney(
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
    entry: {
      key: bankKeyOfMark(account, key, mark),
      atMs: nowMs,
      mayRetry: mark.mayRetry,
      changeMinor,
      heldChangeMinor,
      body,
    },
  }));
}

/** Writes the expiry of a hold, unless something else has ended it. */
export async function expire(attempt: Attempt, marked: Marked<HoldMark>): Promise<void> {
  const { account, key, mark } = marked;
  const nowMs = attempt.parts.nowMs();
  await endMark(attempt, marked, (head) => expiryOf(account, head, key, mark, nowMs));
}

/** A head without the mark, and whether this attempt removed it. */
export interface Ended {
  readonly written: boolean;
  readonly head: Head;
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

/** Finds the line that ended a transfer or a refund whose mark is gone. It is behind line `after`, which began it. */
export async function endOf(
  { store, signal }: Attempt,
  { account, id, head, after }: { account: string; id: string; head: Head; after: number },
): Promise<Line> {
  const end =
    lineOf(linesOfHead(head), id) ?? (await search(store, { account, key: id }, head.turned, after, signal));
  switch (end?.entry.body.kind) {
    case 'settled':
    case 'returned':
    case 'refunded':
      return end;
    default:
      throw new StoreUnavailableError(
        'unknown',
        `the end ${id} of a transfer or refund of ${account} is missing`,
      );
  }
}

/** The refusal code of a transfer or a refund that returned the money; undefined if it moved the money. */
export function returnedBy({ entry: { body } }: Line): RefusedCode | undefined {
  return body.kind === 'returned' || body.kind === 'refunded' ? body.code : undefined;
}
