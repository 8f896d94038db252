import { isRecordedRefusal, type RecordedRefusal } from '../../../functions/bank/entry.ts';
import { ASKED, HistoryError, type HistoryEvent } from './event.ts';

/** What a key was answered, wherever it was asked. */
export type Reply =
  | { readonly kind: 'executed'; readonly balanceMinor: bigint }
  | { readonly kind: 'refused'; readonly code: CheckedCode }
  | { readonly kind: 'cancelled' };

/** Refusals that say something about the money. */
export type CheckedCode = Exclude<RecordedRefusal, 'key_expired'>;

/** One thing that a process asked for, with what it learned. Positions are those of the lines in the history. */
export interface Operation {
  readonly invokedAt: number;
  /** Undefined when it was never answered. */
  readonly endedAt: number | undefined;
  readonly event: HistoryEvent;
  readonly result: Result;
}

type Result =
  | { readonly kind: 'read'; readonly balanceMinor: bigint | undefined }
  | { readonly kind: 'replied'; readonly reply: Reply }
  /** This call did nothing. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown' };

/** Pairs what was asked with what was learned. Throws {@link HistoryError} when lines do not fit together. */
export function operationsOf(events: readonly HistoryEvent[]): Operation[] {
  const open = new Map<string, { readonly at: number; readonly event: HistoryEvent }>();
  const operations: Operation[] = [];
  for (const [index, event] of events.entries()) {
    const begun = open.get(event.process);
    if (event.type === 'invoke') {
      if (begun !== undefined) {
        throw new HistoryError(index + 1, `${event.process} asks for something while it is waiting`);
      }
      checkInvocation(event, index + 1);
      open.set(event.process, { at: index, event });
      continue;
    }
    if (begun === undefined || !isSame(begun.event, event)) {
      throw new HistoryError(index + 1, `${event.process} learns of something that it has not asked for`);
    }
    open.delete(event.process);
    const endedAt = event.type === 'unknown' ? undefined : index;
    operations.push({ invokedAt: begun.at, endedAt, event: begun.event, result: resultOf(event, index + 1) });
  }
  for (const { at, event } of open.values()) {
    operations.push({ invokedAt: at, endedAt: undefined, event, result: { kind: 'unknown' } });
  }
  return operations.sort((one, other) => one.invokedAt - other.invokedAt);
}

/** What each member of an event is for, as {@link checkInvocation} says it, and the operations that have it; some may have it. */
const MEMBERS = [
  {
    member: 'amount',
    what: 'an amount',
    of: ['deposit', 'withdraw', 'transfer', 'hold'],
    maybe: ['capture', 'refund'],
  },
  { member: 'to', what: 'a payee', of: ['transfer'], maybe: ['capture'] },
  { member: 'hold', what: 'a hold', of: ['capture', 'void'], maybe: [] },
  { member: 'call', what: 'a call', of: ['refund'], maybe: [] },
] as const;

function checkInvocation(event: HistoryEvent, line: number): void {
  const { operation, key, debits, credits } = event;
  const check = (is: boolean, should: boolean, what: string) => {
    if (is !== should) {
      throw new HistoryError(line, `${operation} is asked ${is ? 'with' : 'without'} ${what}`);
    }
  };
  check(key !== undefined, operation !== 'balance', 'a key');
  for (const { member, what, of, maybe } of MEMBERS) {
    if (!isOneOf(maybe, operation)) {
      check(event[member] !== undefined, isOneOf(of, operation), what);
    }
  }
  check((debits ?? credits) !== undefined, operation === 'setStatus', 'debits or credits');
}

function isOneOf(operations: readonly HistoryEvent['operation'][], operation: HistoryEvent['operation']) {
  return operations.includes(operation);
}

function isSame(one: HistoryEvent, other: HistoryEvent): boolean {
  const isAlike = (member: keyof HistoryEvent) => one[member] === other[member];
  return ASKED.every(isAlike);
}

function resultOf({ type, operation, balance, code }: HistoryEvent, line: number): Result {
  if (type === 'unknown') {
    return { kind: 'unknown' };
  }
  if (type === 'refused') {
    if (code === undefined) {
      throw new HistoryError(line, 'a refusal says why');
    }
    if (operation === 'balance') {
      return code === 'no_such_account' ? { kind: 'read', balanceMinor: undefined } : { kind: 'nothing' };
    }
    if (code === 'cancelled') {
      return { kind: 'replied', reply: { kind: 'cancelled' } };
    }
    return isRecorded(code) ? { kind: 'replied', reply: { kind: 'refused', code } } : { kind: 'nothing' };
  }
  if (operation === 'cancel') {
    const reply: Reply =
      balance === undefined ? { kind: 'cancelled' } : { kind: 'executed', balanceMinor: balance };
    return { kind: 'replied', reply };
  }
  if (balance === undefined) {
    throw new HistoryError(line, `${operation} is answered with a balance`);
  }
  return operation === 'balance'
    ? { kind: 'read', balanceMinor: balance }
    : { kind: 'replied', reply: { kind: 'executed', balanceMinor: balance } };
}

function isRecorded(code: string): code is CheckedCode {
  return isRecordedRefusal(code) && code !== 'key_expired';
}
