import type { CallRecord, MoveRecord } from './call.ts';
import { finalOutcome, isMove, isReturned } from './ledger.ts';

/** The money of an account: what can be taken out, and what is held. */
export interface Money {
  readonly balanceMinor: bigint;
  readonly heldMinor: bigint;
}

/** A hold that expires within this many seconds has expired when the accounts are read. All others have not. */
export const SOON_SECONDS = 60;

/** True for a hold that has expired when the accounts are read, unless it ended before. */
export function expiresSoon({ call }: MoveRecord): boolean {
  return call.kind === 'hold' && (call.expiresInSeconds ?? Number.POSITIVE_INFINITY) <= SOON_SECONDS;
}

/**
 * The money of an account after its executed calls, when every transfer has ended and the holds that expire soon have expired. Undefined if
 * none was executed: then the account does not exist.
 */
export function moneyOf(account: string, records: readonly CallRecord[]): Money | undefined {
  const moves = records.filter(isMove);
  const captures = capturesOf(account, moves);
  const executed = moves.filter((record) => finalOutcome(record).kind === 'executed');
  let balanceMinor = 0n;
  let heldMinor = 0n;
  for (const record of executed) {
    const { call, key = '' } = record;
    if (call.account !== account) {
      balanceMinor += amountOf(record);
      continue;
    }
    balanceMinor += changeOf(record);
    if (call.kind === 'hold') {
      const { takenMinor = 0n, returnedMinor = 0n, isEnded = false } = captures.get(key) ?? {};
      const isOver = isEnded || expiresSoon(record);
      const leftMinor = isOver ? 0n : call.amountMinor - takenMinor - returnedMinor;
      balanceMinor += call.amountMinor - takenMinor - leftMinor;
      heldMinor += leftMinor;
    }
  }
  return executed.length === 0 ? undefined : { balanceMinor, heldMinor };
}

/** What a call added to the balance. 0 for captures and voids, which are counted with their hold. */
export function changeOf(record: MoveRecord): bigint {
  switch (record.call.kind) {
    case 'deposit':
    case 'refund':
      return record.call.amountMinor;
    case 'withdraw':
    case 'transfer':
    case 'hold':
      return -record.call.amountMinor;
    default:
      return 0n;
  }
}

/** What a call moved. For a capture of all that remained, only the answer says it. */
export function amountOf(record: MoveRecord): bigint {
  const outcome = finalOutcome(record);
  const answered = outcome.kind === 'executed' ? outcome.amountMinor : undefined;
  return answered ?? ('amountMinor' in record.call ? (record.call.amountMinor ?? 0n) : 0n);
}

/** What was captured of a hold, and whether it has ended. */
interface Captures {
  readonly takenMinor: bigint;
  /** Captured for an account that refused it, so it is in the balance again. */
  readonly returnedMinor: bigint;
  readonly isEnded: boolean;
}

function capturesOf(account: string, moves: readonly MoveRecord[]): ReadonlyMap<string, Captures> {
  const holds = new Map<string, Captures>();
  for (const record of moves) {
    const { call } = record;
    const isExecuted = finalOutcome(record).kind === 'executed';
    if (call.account !== account || !('hold' in call) || !(isExecuted || isReturned(record))) {
      continue;
    }
    const { takenMinor = 0n, returnedMinor = 0n, isEnded = false } = holds.get(call.hold) ?? {};
    const amountMinor = call.kind === 'capture' ? amountOf(record) : 0n;
    const isLast = call.kind === 'void' || call.final !== false || call.amountMinor === undefined;
    holds.set(call.hold, {
      takenMinor: isExecuted ? takenMinor + amountMinor : takenMinor,
      returnedMinor: isExecuted ? returnedMinor : returnedMinor + amountMinor,
      isEnded: isEnded || isLast,
    });
  }
  return holds;
}

/** Deposits and refunds minus the money that left the bank. Transfers and holds do not change it. */
export function totalOf(records: readonly CallRecord[]): bigint {
  const executed = records.filter(isMove).filter((record) => finalOutcome(record).kind === 'executed');
  return executed.reduce((sum, record) => {
    const { call } = record;
    const leaves = call.kind === 'withdraw' || (call.kind === 'capture' && call.to === undefined);
    const comes = call.kind === 'deposit' || call.kind === 'refund';
    return comes ? sum + call.amountMinor : leaves ? sum - amountOf(record) : sum;
  }, 0n);
}
