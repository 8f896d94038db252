import type { Call, CallOutcome, LoadMove } from '../../client/load/call.ts';
import { type CallRecord, Ledger } from '../../client/load/ledger.ts';

/** Records of calls that ended like this, without a client. */
export function recordsOf(...calls: readonly (readonly [Call, CallOutcome])[]): readonly CallRecord[] {
  return ledgerOf(...calls).records;
}

export function ledgerOf(...calls: readonly (readonly [Call, CallOutcome])[]): Ledger {
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
