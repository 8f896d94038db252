import { type Call, isPlain } from './call.ts';
import { type CallRecord, finalOutcome, isMove } from './ledger.ts';
import { changeOf, type Money, moneyOf } from './money.ts';

/** The records of each account: of its own calls, and of transfers to it. */
export function groupByAccount(records: readonly CallRecord[]): ReadonlyMap<string, readonly CallRecord[]> {
  const accounts = new Map<string, CallRecord[]>();
  for (const record of records) {
    const { call } = record;
    for (const account of [call.account, ...payeeOf(call)]) {
      const its = accounts.get(account);
      if (its === undefined) {
        accounts.set(account, [record]);
      } else {
        its.push(record);
      }
    }
  }
  return accounts;
}

function payeeOf(call: Call): readonly string[] {
  return 'to' in call && call.to !== undefined ? [call.to] : [];
}

/** What the answers say of one account. */
export interface Account {
  readonly account: string;
  readonly money: Money | undefined;
  /** Calls that may have been executed. As long as there are any, the balance is not known. */
  readonly unknown: number;
  /** Balances that were answered. */
  readonly answers: number;
  /** Those that have to make one walk. */
  readonly walked: number;
  readonly belowZero: readonly string[];
  readonly gaps: readonly string[];
}

/** An executed call leads from one balance to another. */
interface Step {
  readonly fromMinor: bigint;
  readonly toMinor: bigint;
}

export function sumUp(account: string, records: readonly CallRecord[]): Account {
  const own = records.filter(({ call }) => call.account === account);
  const steps = own.flatMap(stepOf);
  const executed = own.map(finalOutcome).filter((outcome) => outcome.kind === 'executed');
  const unknown = records.filter((record) => isMove(record) && finalOutcome(record).kind === 'unknown');
  const reads = own.flatMap((record) => {
    const outcome = finalOutcome(record);
    return !isMove(record) && outcome.kind === 'executed' ? [outcome.balanceMinor] : [];
  });
  const balances = [
    ...steps.map(({ fromMinor }) => fromMinor),
    ...executed.flatMap(({ balanceMinor, heldMinor = 0n }) => [balanceMinor, heldMinor]),
  ];
  // No answer has the balance after a credit, a return or an expiry.
  const isWalk = records.every(({ call }) => isPlain(call));
  return {
    account,
    money: moneyOf(account, records),
    unknown: unknown.length,
    answers: executed.length,
    walked: isWalk ? executed.length : 0,
    belowZero: balances.filter((each) => each < 0n).map((each) => `${account}: ${each}`),
    gaps: isWalk && unknown.length === 0 ? gapsOf(account, steps, reads) : [],
  };
}

function stepOf(record: CallRecord): Step[] {
  const outcome = finalOutcome(record);
  if (!isMove(record) || outcome.kind !== 'executed' || 'hold' in record.call) {
    return [];
  }
  return [{ fromMinor: outcome.balanceMinor - changeOf(record), toMinor: outcome.balanceMinor }];
}

/**
 * Looks for what is missing between the answers. In any order, they lead from 0 to the balance in one walk: each
 * begins at a balance where another one ended, and can be reached from 0. A gap proves that something was executed without an
 * answer. Without a gap nothing is proved: a walk that comes back to the balance at which something was executed once more
 * hangs together without it. So the balances and statements of the Regions are compared as well.
 */
function gapsOf(account: string, steps: readonly Step[], reads: readonly bigint[]): string[] {
  /** By how many more answers lead to a balance than lead on from it. */
  const surplus = new Map<bigint, number>([[0n, 1]]);
  for (const { fromMinor, toMinor } of steps) {
    surplus.set(fromMinor, (surplus.get(fromMinor) ?? 0) - 1);
    surplus.set(toMinor, (surplus.get(toMinor) ?? 0) + 1);
  }
  const reached = reachedFrom(0n, steps);
  const gaps = [...surplus].filter(([atMinor, more]) => more < 0 || !reached.has(atMinor));
  const invented = reads.filter((readMinor) => !surplus.has(readMinor));
  return [
    ...gaps.map(([atMinor]) => `${account}: the answers do not lead to ${atMinor}, where one begins or ends`),
    ...invented.map(
      (readMinor) => `${account}: the balance ${readMinor} was answered, and no call leads to it`,
    ),
  ];
}

function reachedFrom(startMinor: bigint, steps: readonly Step[]): ReadonlySet<bigint> {
  const next = new Map<bigint, bigint[]>();
  for (const { fromMinor, toMinor } of steps) {
    next.set(fromMinor, [...(next.get(fromMinor) ?? []), toMinor]);
  }
  const reached = new Set([startMinor]);
  // A set hands out what is added while it is walked through.
  for (const atMinor of reached) {
    for (const toMinor of next.get(atMinor) ?? []) {
      reached.add(toMinor);
    }
  }
  return reached;
}
