import type { Attempt } from './attempt.ts';
import { type Head, type Line, lengthOf, lineOf, linesOfHead } from './book.ts';
import { type Append, expiryOf, type Intent, markingOf } from './decide.ts';
import { type EntryBody, isSame, type RefusalCode } from './entry.ts';
import { MAX_HEAD_ENTRIES, MAX_WRITES_PER_ATTEMPT, PROTOCOL_VERSION } from './limits.ts';
import { endIdOf, type HoldMark, isSameMark, type Mark, type TransferMark } from './mark.ts';
import { search } from './search.ts';
import { StoreUnavailableError } from './store.ts';
import { turnPage } from './turn.ts';
import { write } from './write.ts';

/** A mark on the head of an account, as it was seen. */
export interface Marked<Kind extends Mark> {
  readonly account: string;
  /** Key of the call that made the mark. */
  readonly key: string;
  readonly mark: Kind;
  readonly head: Head;
}

/** How a transfer ended: with the reason why the payee's book refused it, where it did. */
export interface Driven {
  readonly returned: RefusalCode | undefined;
  /** True when the payee's book had the answer before. */
  readonly wasCredited: boolean;
}

/**
 * Drives a transfer to its end: its credit in the payee's book, then the end of its mark in the payer's. Anybody may do so, at any
 * time and repeatedly: the credit is an ordinary call under a key of its own, so it is made or refused once for ever, and only one write
 * finds the mark. The money is given back only when the payee's book has the refusal.
 *
 * A credit that was made decides the transfer, so its payer is answered while the mark is removed. Money that comes back is in the
 * payer's balance before it is said.
 */
export async function drive(
  attempt: Attempt,
  { account, key, mark, head }: Marked<TransferMark>,
): Promise<Driven> {
  const { to, amountMinor, reference, mayReturn } = mark;
  const id = endIdOf(account, key, mark);
  const nowMs = attempt.parts.nowMs();
  const asked = { operation: 'credit', amountMinor, from: account, transfer: key, reference } as const;
  const credit: Intent = { kind: 'execute', account: to, key: id, mayReturn: false, asked };
  const { line, isNew } = await write(attempt, credit, { age: 'usable', nowMs });
  const { body } = line.entry;
  if (!('asked' in body && isSame(body.asked, asked))) {
    throw new StoreUnavailableError('unknown', `entry ${line.sequence} of ${to} is not the credit ${id}`);
  }
  const returned = body.kind === 'refused' ? body.code : undefined;
  const said: EntryBody =
    returned === undefined
      ? { kind: 'settled', transfer: key, to }
      : { kind: 'returned', transfer: key, to, code: returned };
  const ended = endMark(attempt, { account, key, mark, head }, (seen) => ({
    account,
    guard: { kind: 'marked' },
    conditions: [],
    marking: markingOf([{ key, before: mark, after: undefined }], seen),
    entry: {
      key: id,
      atMs: nowMs,
      mayReturn,
      changeMinor: returned === undefined ? 0n : amountMinor,
      heldChangeMinor: -amountMinor,
      body: said,
    },
  }));
  if (returned === undefined) {
    attempt.later(ended);
  } else {
    await ended;
  }
  return { returned, wasCredited: !isNew };
}

/** Writes that a hold has expired, unless something else has ended it. */
export async function expire(attempt: Attempt, marked: Marked<HoldMark>): Promise<void> {
  const { account, key, mark } = marked;
  const nowMs = attempt.parts.nowMs();
  await endMark(attempt, marked, (head) => expiryOf(account, head, key, mark, nowMs));
}

/** Removes a mark with the entry that ends it, unless it is not there any more, or another one: then something else has ended it. */
async function endMark(
  attempt: Attempt,
  { account, key, mark, head: seen }: Marked<Mark>,
  appendOn: (head: Head) => Append,
): Promise<void> {
  let head = seen;
  for (let left = MAX_WRITES_PER_ATTEMPT; left > 0; left -= 1) {
    const result = await attempt.append(appendOn(head), false);
    head = result.head;
    if (result.written || !isSameMark(head.marks.get(key), mark)) {
      return;
    }
    if (head.needs > PROTOCOL_VERSION) {
      throw new StoreUnavailableError('unknown', `${account} is written by a newer version of the function`);
    }
    if (lengthOf(head) >= MAX_HEAD_ENTRIES) {
      await turnPage(attempt.store, account, head, attempt.signal);
    }
  }
  throw new StoreUnavailableError(
    'unknown',
    `${account} changed under each of ${MAX_WRITES_PER_ATTEMPT} writes`,
  );
}

/** Why a transfer that has no mark any more came back; undefined where its payee has the money. The entry under its id says so. */
export async function endOf(
  { store, signal }: Attempt,
  account: string,
  line: Line,
  id: string,
  head: Head,
): Promise<RefusalCode | undefined> {
  const end =
    lineOf(linesOfHead(head), id) ??
    (await search(store, { account, key: id }, head.turned, line.sequence, signal));
  const body = end?.entry.body;
  if (body?.kind === 'returned') {
    return body.code;
  }
  if (body?.kind !== 'settled') {
    throw new StoreUnavailableError(
      'unknown',
      `the end of transfer ${line.entry.key} of ${account} is missing`,
    );
  }
  return undefined;
}
