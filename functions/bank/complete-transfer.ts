import type { Attempt } from './attempt.ts';
import { entriesIn, type Head, type Line, lineOf, linesOfHead } from './book.ts';
import { type Append, expiryOf, type Intent, markingOf } from './decide.ts';
import { type Asked, type EntryBody, isSame, type RefusedCode } from './entry.ts';
import { MAX_HEAD_ENTRIES, MAX_WRITES_PER_ATTEMPT, PROTOCOL_VERSION } from './limits.ts';
import {
  bankKeyOfMark,
  type HoldMark,
  isSameMark,
  type Mark,
  type RefundMark,
  type TransferMark,
} from './mark.ts';
import { search } from './search.ts';
import { StoreUnavailableError } from './store.ts';
import { turnPage } from './turn.ts';
import { type Found, write } from './write.ts';

/** A mark on the head of an account, as it was seen. */
export interface Marked<Kind extends Mark> {
  readonly account: string;
  /** Key of the call that made the mark. */
  readonly key: string;
  readonly mark: Kind;
  readonly head: Head;
}

/** How a transfer or a refund ended: with the reason why it came to nothing, if it did. */
export interface Completed {
  readonly returned: RefusedCode | undefined;
  /** True when an earlier attempt had brought the money there. */
  readonly wasMoved: boolean;
  /** The line that ended it, where the answer needs it. */
  readonly end?: Line;
}

/**
 * Drives a transfer to its end: its credit in the payee's book, then the end of its mark in the payer's. Any function may do so, at
 * any time and repeatedly: the credit is an ordinary call under a key of its own, so it is made or refused once, and only one write finds
 * the mark. The money is given back only when the payee's book has the refusal.
 *
 * A credit that was made decides the transfer, so its payer is answered while the mark is removed. Money that comes back is in the
 * payer's balance before it is said.
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

/** Writes an entry of the bank's own, or finds it: a credit, or what a refund does to its register. */
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

/** What an entry was refused with. */
export function refusalOf({ entry: { body } }: Line): RefusedCode | undefined {
  return body.kind === 'refused' ? body.code : undefined;
}

/** Ends a transfer or a refund with what it does to the balance and to what is held, unless it has ended. */
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

/** Writes that a hold has expired, unless something else has ended it. */
export async function expire(attempt: Attempt, marked: Marked<HoldMark>): Promise<void> {
  const { account, key, mark } = marked;
  const nowMs = attempt.parts.nowMs();
  await endMark(attempt, marked, (head) => expiryOf(account, head, key, mark, nowMs));
}

/** A head without a mark, and whether this attempt has removed it. */
export interface Ended {
  readonly written: boolean;
  readonly head: Head;
}

/** Removes a mark with the entry that ends it, unless it is not there any more, or another one: then something else has ended it. */
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

/** The line that ended a transfer or a refund which has no mark any more. It is behind the line `after`, which began it. */
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

/** Why a transfer or a refund came to nothing; undefined where it moved the money. */
export function returnedBy({ entry: { body } }: Line): RefusedCode | undefined {
  return body.kind === 'returned' || body.kind === 'refunded' ? body.code : undefined;
}
