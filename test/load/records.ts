import type { Call, CallOutcome, CallRecord, LoadMove } from '../../client/load/call.ts';
import type { AccountRead, Check } from '../../client/load/check.ts';
import { Ledger } from '../../client/load/ledger.ts';
import type { StatementFindings } from '../../client/load/statement.ts';

export type Line = readonly [Call, CallOutcome];

/** Makes records of calls with these outcomes, without a client. */
export function recordsOf(...calls: readonly Line[]): readonly CallRecord[] {
  return ledgerOf(...calls).records;
}

export function ledgerOf(...calls: readonly Line[]): Ledger {
  const ledger = new Ledger();
  for (const [call, outcome] of calls) {
    const record = ledger.begin(call, 0);
    const region = outcome.kind === 'executed' || outcome.kind === 'refused' ? 'us-east-1' : undefined;
    ledger.end(record, { outcome, region, key: record.key }, { durationMs: 1, failedOver: false });
  }
  return ledger;
}

type Plain = Extract<LoadMove, { kind: 'deposit' | 'withdraw' }>;

export function deposit(amount: number, key?: string): Plain {
  return { kind: 'deposit', account: 'joe', amountMinor: BigInt(amount), ...(key ? { key } : {}) };
}

export function withdraw(amount: number, key?: string): Plain {
  return { ...deposit(amount, key), kind: 'withdraw' };
}

export const BALANCE: Call = { kind: 'balance', account: 'joe' };
export const UNKNOWN: CallOutcome = { kind: 'unknown' };
export const NOT_EXECUTED: CallOutcome = { kind: 'not_executed' };

export function executed(balance: number, sequence?: number): CallOutcome {
  const balanceMinor = BigInt(balance);
  return sequence === undefined
    ? { kind: 'executed', balanceMinor }
    : { kind: 'executed', balanceMinor, sequence };
}

export function refused(
  code: Extract<CallOutcome, { kind: 'refused' }>['code'] = 'not_enough_money',
  detail = 'no',
): CallOutcome {
  return { kind: 'refused', code, detail };
}

/** The findings of a correct statement. */
export const SOUND = { checked: 1, broken: [], unfinished: [] };

/** The accounts as both Regions show them in the end. */
export function readsOf(
  balance: CallOutcome | undefined,
  statement: StatementFindings = SOUND,
): readonly AccountRead[] {
  return ['us-east-1', 'us-east-2'].map((region) => ({ account: 'joe', region, balance, statement }));
}

function found(
  checks: readonly Check[],
  what: 'broken' | 'open',
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    checks.filter((each) => each[what].length > 0).map((each) => [each.name, each[what]]),
  );
}

export const brokenOf = (checks: readonly Check[]) => found(checks, 'broken');
export const openOf = (checks: readonly Check[]) => found(checks, 'open');
