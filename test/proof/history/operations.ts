import { isRefusedCode, type RefusedCode } from '../../../functions/bank/entry.ts';
import { HistoryError, type HistoryEvent } from './event.ts';

/** What a key was answered, wherever it was asked. */
export type Reply =
  | { readonly kind: 'executed'; readonly balanceMinor: bigint }
  | { readonly kind: 'refused'; readonly code: CheckedCode }
  | { readonly kind: 'cancelled' };

/** Refusals that say something about the money. */
export type CheckedCode = Exclude<RefusedCode, 'key_expired'>;

/** One thing that a process asked for, with what it learned. Positions are those of the lines in the history. */
export interface Operation {
  readonly invokedAt: number;
  /** Undefined when it was never answered. */
  readonly endedAt: number | undefined;
  readonly event: HistoryEvent;
  readonly result: Result;
}

export type Result =
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

/** Operations that are asked with an amount. A capture or a refund may be. */
const WITH_AMOUNT: ReadonlySet<string> = new Set(['deposit', 'withdraw', 'transfer', 'hold']);

function checkInvocation(
  { operation, key, amount, to, hold, call, debits, credits }: HistoryEvent,
  line: number,
): void {
  if ((operation === 'balance') !== (key === undefined)) {
    throw new HistoryError(line, `${operation} is asked ${key === undefined ? 'without' : 'with'} a key`);
  }
  if (
    operation !== 'capture' &&
    operation !== 'refund' &&
    WITH_AMOUNT.has(operation) !== (amount !== undefined)
  ) {
    throw new HistoryError(
      line,
      `${operation} is asked ${amount === undefined ? 'without' : 'with'} an amount`,
    );
  }
  if (operation !== 'capture' && (operation === 'transfer') !== (to !== undefined)) {
    throw new HistoryError(line, `${operation} is asked ${to === undefined ? 'without' : 'with'} a payee`);
  }
  if ((operation === 'capture' || operation === 'void') !== (hold !== undefined)) {
    throw new HistoryError(line, `${operation} is asked ${hold === undefined ? 'without' : 'with'} a hold`);
  }
  if ((operation === 'refund') !== (call !== undefined)) {
    throw new HistoryError(line, `${operation} is asked ${call === undefined ? 'without' : 'with'} a call`);
  }
  const isStatus = debits !== undefined || credits !== undefined;
  if ((operation === 'setStatus') !== isStatus) {
    throw new HistoryError(line, `${operation} is asked ${isStatus ? 'with' : 'without'} debits or credits`);
  }
}

function isSame(one: HistoryEvent, other: HistoryEvent): boolean {
  return (
    one.operation === other.operation &&
    one.account === other.account &&
    one.key === other.key &&
    one.amount === other.amount &&
    one.to === other.to &&
    one.hold === other.hold &&
    one.call === other.call &&
    one.debits === other.debits &&
    one.credits === other.credits
  );
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
  return isRefusedCode(code) && code !== 'key_expired';
}
