import type { Attempt } from './attempt.ts';
import { type Head, type Line, lineOf, linesOfHead } from './book.ts';
import type { Intent } from './decide.ts';
import { endTransferOrRefund, type Marked } from './end-mark.ts';
import { type Asked, isSame, type RecordedRefusal } from './entry.ts';
import { bankKeyOfMark, type TransferMark } from './mark.ts';
import { search } from './search.ts';
import { StoreUnavailableError } from './unavailable.ts';
import { type Found, write } from './write.ts';

/** How a transfer or a refund ended, and the refusal code if no money was moved. */
export interface Completed {
  readonly returned: RecordedRefusal | undefined;
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
      ? endTransferOrRefund(attempt, marked, [0n, -amountMinor], { kind: 'settled', transfer: key, to })
      : endTransferOrRefund(attempt, marked, [amountMinor, -amountMinor], {
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
export function refusalOf({ entry: { body } }: Line): RecordedRefusal | undefined {
  return body.kind === 'refused' ? body.code : undefined;
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
export function returnedBy({ entry: { body } }: Line): RecordedRefusal | undefined {
  return body.kind === 'returned' || body.kind === 'refunded' ? body.code : undefined;
}
