import { type CallRecord, isPlain } from './call.ts';
import { finalOutcome, isMove } from './ledger.ts';
import { changeOf, type Money, moneyOf } from './money.ts';

/** The records of each account: of its own calls, and of transfers to it. */
export function groupByAccount(records: readonly CallRecord[]): ReadonlyMap<string, readonly CallRecord[]> {
  const accounts = new Map<string, CallRecord[]>();
  for (const record of records) {
    const { call } = record;
    for (const account of 'to' in call && call.to !== undefined ? [call.account, call.to] : [call.account]) {
      const its = accounts.get(account) ?? [];
      its.push(record);
      accounts.set(account, its);
    }
  }
  return accounts;
}

/** What the answers say about one account. */
export interface Account {
  readonly account: string;
  readonly money: Money | undefined;
  /** Number of calls that may have been executed. If there is one, the balance is not known. */
  readonly unknown: number;
  /** Number of answers with a balance. */
  readonly answers: number;
  /** Number of answers that must form one chain from 0 to the balance. */
  readonly chained: number;
  readonly belowZero: readonly string[];
  readonly gaps: readonly string[];
}

/** An executed call: the balance before it and after it. */
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
  // A credit, a return or an expiry changes the balance, and no answer tells that balance.
  const isChain = records.every(({ call }) => isPlain(call));
  return {
    account,
    money: moneyOf(account, records),
    unknown: unknown.length,
    answers: executed.length,
    chained: isChain ? executed.length : 0,
    belowZero: balances.filter((each) => each < 0n).map((each) => `${account}: ${each}`),
    gaps: isChain && unknown.length === 0 ? gapsOf(account, steps, reads) : [],
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
 * Finds gaps between the answers. In some order, the executed calls form one chain from 0 to the balance: each begins at the balance where
 * another one ended. A gap proves that something was executed without an answer. The absence of gaps proves nothing: calls that lead
 * from one balance back to the same one leave no gap if their answers are missing. So the balances and statements of the Regions are
 * compared as well.
 */
function gapsOf(account: string, steps: readonly Step[], reads: readonly bigint[]): string[] {
  /** For each balance, the number of calls that end there minus the number that begin there. */
  const surplus = new Map<bigint, number>([[0n, 1]]);
  for (const { fromMinor, toMinor } of steps) {
    surplus.set(fromMinor, (surplus.get(fromMinor) ?? 0) - 1);
    surplus.set(toMinor, (surplus.get(toMinor) ?? 0) + 1);
  }
  const reached = reachedFrom(0n, steps);
  const gaps = [...surplus].filter(([atMinor, more]) => more < 0 || !reached.has(atMinor));
  const invented = reads.filter((readMinor) => !surplus.has(readMinor));
  return [
    ...gaps.map(([atMinor]) => `${account}: the answers have a gap at ${atMinor}`),
    ...invented.map((readMinor) => `${account}: the balance ${readMinor} was read, but no call leads to it`),
  ];
}

function reachedFrom(startMinor: bigint, steps: readonly Step[]): ReadonlySet<bigint> {
  const next = new Map<bigint, bigint[]>();
  for (const { fromMinor, toMinor } of steps) {
    next.set(fromMinor, [...(next.get(fromMinor) ?? []), toMinor]);
  }
  const reached = new Set([startMinor]);
  // The loop also visits what is added to the set meanwhile.
  for (const atMinor of reached) {
    for (const toMinor of next.get(atMinor) ?? []) {
      reached.add(toMinor);
    }
  }
  return reached;
}
