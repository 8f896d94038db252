import { type Counted, countedAs } from '../../../functions/bank/book.ts';
import { type Entry, refundedMinor } from '../../../functions/bank/entry.ts';
import {
  bankKeyOfMark,
  dueMsOf,
  isSameMark,
  type Mark,
  type RefundMark,
  shardOf,
} from '../../../functions/bank/mark.ts';
import { type Attributes, fromAttributes } from '../../../functions/dynamodb/attributes.ts';
import { ATTRIBUTES } from '../../../functions/dynamodb/items.ts';
import { encodeMark, marksIn } from '../../../functions/dynamodb/mark-text.ts';
import type { AddFault } from './verdict.ts';

/** Transfers, refunds and holds that entries have begun and not ended: the marks that the head must have, by the keys of their calls. */
export type Begun = ReadonlyMap<string, Mark>;

/** Changes marks as an entry changes them. Returns false if the entry ends a mark that is not there, or that has other values. */
export function changeMarks(account: string, marks: Map<string, Mark>, entry: Entry): boolean {
  const { key, heldChangeMinor, body } = entry;
  switch (body.kind) {
    case 'unknown_kind':
    case 'refused':
    case 'cancelled':
      return true;
    case 'settled':
    case 'returned': {
      const mark = take(marks, body.transfer);
      return (
        mark?.kind === 'transfer' &&
        bankKeyOfMark(account, body.transfer, mark) === key &&
        mark.to === body.to &&
        mark.amountMinor === -heldChangeMinor
      );
    }
    case 'refunded': {
      const mark = take(marks, body.refund);
      return (
        mark?.kind === 'refund' &&
        bankKeyOfMark(account, body.refund, mark) === key &&
        mark.call === body.call &&
        mark.to === body.to &&
        heldChangeMinor === (mark.to === undefined ? 0n : -mark.amountMinor) &&
        isPart(refundedMinor(entry), mark, body.code === undefined)
      );
    }
    case 'expired': {
      const mark = take(marks, body.hold);
      return (
        mark?.kind === 'hold' &&
        bankKeyOfMark(account, body.hold, mark) === key &&
        mark.remainingMinor === -heldChangeMinor
      );
    }
    case 'executed':
      return executeOn(marks, entry, body);
  }
}

function executeOn(
  marks: Map<string, Mark>,
  entry: Entry,
  { asked, capturedMinor = 0n, terms }: Extract<Entry['body'], { kind: 'executed' }>,
): boolean {
  const { key, atMs, mayRetry, changeMinor } = entry;
  const { reference } = asked;
  let isRight = true;
  if (asked.operation === 'hold') {
    const { amountMinor, expiresInSeconds } = asked;
    const expiresAtMs = atMs + expiresInSeconds * 1000;
    marks.set(key, { kind: 'hold', amountMinor, remainingMinor: amountMinor, expiresAtMs, reference });
  }
  if (asked.operation === 'void') {
    const mark = take(marks, asked.hold);
    isRight = mark?.kind === 'hold' && mark.remainingMinor === changeMinor;
  }
  if (asked.operation === 'capture') {
    const mark = take(marks, asked.hold);
    const remainingMinor = mark?.kind === 'hold' ? mark.remainingMinor : 0n;
    const leftMinor = remainingMinor - capturedMinor;
    const isKept = !asked.isFinal && leftMinor > 0n;
    isRight =
      mark?.kind === 'hold' &&
      leftMinor >= 0n &&
      capturedMinor === (asked.amountMinor ?? remainingMinor) &&
      changeMinor === (isKept ? 0n : leftMinor);
    if (mark?.kind === 'hold' && isKept) {
      marks.set(asked.hold, { ...mark, remainingMinor: leftMinor });
    }
  }
  if (asked.operation === 'refund' && terms !== undefined) {
    const { call, amountMinor } = asked;
    const mayTakeLess = amountMinor === undefined;
    marks.set(key, { kind: 'refund', call, ...terms, mayTakeLess, startedMs: atMs, mayRetry, reference });
    isRight = (mayTakeLess || terms.amountMinor === amountMinor) && terms.amountMinor <= terms.ofMinor;
  }
  if ('to' in asked && asked.to !== undefined) {
    const { to } = asked;
    const amountMinor = asked.operation === 'transfer' ? asked.amountMinor : capturedMinor;
    marks.set(key, { kind: 'transfer', to, amountMinor, startedMs: atMs, mayRetry, reference });
  }
  return isRight;
}

/** Compares the marks of a head, and the time of their sweep, with what its book has begun. `begun` is undefined if that is unknown. */
export function checkMarks(
  account: string,
  head: Attributes,
  begun: Begun | undefined,
  addFault: AddFault,
): void {
  const marks = marksIn(fromAttributes(head));
  for (const key of begun === undefined ? [] : new Set([...begun.keys(), ...marks.keys()])) {
    const [mark, expected] = [marks.get(key), begun?.get(key)];
    if (!isSameMark(mark, expected)) {
      const [has, needs] = [markText(mark), markText(expected)];
      addFault('mark_wrong', `the mark of ${key} is ${has}, and the book has ${needs}`);
    }
  }
  const numberOf = (name: keyof typeof ATTRIBUTES) => head[ATTRIBUTES[name]]?.N;
  const [dueShard, dueAt] = [numberOf('dueShard'), numberOf('dueAt')];
  // A mark that cannot be read may be of either kind.
  const areRead = [...marks.values()].every((mark) => mark.kind !== 'unknown_kind');
  const countOf = (counted: Counted) =>
    [...marks.values()].filter((mark) => countedAs(mark) === counted).length;
  const counts = { open: marks.size, holds: countOf('hold'), transfers: countOf('transfer') };
  for (const name of areRead ? (['open', 'holds', 'transfers'] as const) : (['open'] as const)) {
    const said = numberOf(name);
    const isRight = marks.size === 0 ? said === undefined : Number(said ?? 0) === counts[name];
    if (!isRight) {
      addFault(
        'open_wrong',
        `the attribute ${name} of the head is ${said ?? 'missing'}, but its marks make it ${counts[name]}`,
      );
    }
  }
  const earliest = Math.min(...[...marks.values()].map((mark) => dueMsOf(mark) ?? Number.POSITIVE_INFINITY));
  const isDue =
    marks.size === 0
      ? dueShard === undefined && dueAt === undefined
      : dueShard === String(shardOf(account)) && Number(dueAt) <= earliest;
  if (!isDue) {
    const marked =
      marks.size === 0 ? 'has no marks' : `is of shard ${shardOf(account)} and due at ${earliest}`;
    addFault('due_wrong', `the head ${marked}, but its attributes say shard ${dueShard}, due at ${dueAt}`);
  }
}

/** Marks of a head that this version cannot read. */
export function unreadMarks(head: Attributes): number {
  return [...marksIn(fromAttributes(head)).values()].filter(({ kind }) => kind === 'unknown_kind').length;
}

function take(marks: Map<string, Mark>, key: string): Mark | undefined {
  const mark = marks.get(key);
  marks.delete(key);
  return mark;
}

/** True if a refund moved what was asked, less if it may take less, or nothing if it was refused. */
function isPart(movedMinor: bigint, { amountMinor, mayTakeLess }: RefundMark, isMoved: boolean): boolean {
  if (!isMoved) {
    return movedMinor === 0n;
  }
  return mayTakeLess ? movedMinor > 0n && movedMinor <= amountMinor : movedMinor === amountMinor;
}

function markText(mark: Mark | undefined): string {
  return mark === undefined ? 'none' : JSON.stringify(encodeMark(mark));
}
