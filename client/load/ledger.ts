import { isFinalRefusal } from '../contract/problems.ts';
import type { RefusalCode } from '../index.ts';
import type { Answer, Call, CallOutcome, CallRecord, MoveRecord } from './call.ts';
import { Progress } from './progress.ts';

type Ended = Pick<Answer, 'outcome' | 'region' | 'key'>;
type Course = Pick<CallRecord, 'failedOver'> &
  Partial<Pick<CallRecord, 'endpoint'>> & { readonly durationMs: number };

/**
 * The calls and their answers. A call is entered before it is sent, so that none can be forgotten. Only the ledger changes its records: to
 * all other code they are read-only.
 */
export class Ledger {
  readonly #records: CallRecord[] = [];
  /** Counts the calls as they end. */
  readonly progress = new Progress();

  get records(): readonly CallRecord[] {
    return this.#records;
  }

  /** Calls with a known key whose outcome is unknown. */
  get inDoubt(): readonly (MoveRecord & { readonly key: string })[] {
    return this.#records.filter(isInDoubt);
  }

  begin(call: Call, startedMs: number): CallRecord {
    const record: CallRecord = {
      call,
      key: call.kind === 'balance' ? undefined : call.key,
      startedMs,
      durationMs: undefined,
      outcome: { kind: 'unknown' },
      resolved: undefined,
      region: undefined,
      endpoint: undefined,
      failedOver: false,
    };
    this.#records.push(record);
    return record;
  }

  end(record: CallRecord, { outcome, region, key = record.key }: Ended, course: Course): void {
    Object.assign(record, { outcome, region, key, ...course });
    this.progress.end(record);
  }

  resolve(record: CallRecord, { outcome, region }: Pick<Answer, 'outcome' | 'region'>): void {
    Object.assign(record, { resolved: outcome, region, endpoint: undefined });
    this.progress.resolved += 1;
  }
}

function isInDoubt(record: CallRecord): record is MoveRecord & { readonly key: string } {
  return isMove(record) && record.key !== undefined && finalOutcome(record).kind === 'unknown';
}

export function isMove(record: CallRecord): record is MoveRecord {
  return record.call.kind !== 'balance';
}

/**
 * True for a transfer, or a capture with `to`, that the account `to` refused: the money was returned. Also true for a refund that was refused
 * because too much had been refunded before.
 */
export function isReturned(record: MoveRecord): boolean {
  const { call } = record;
  const outcome = finalOutcome(record);
  if (outcome.kind !== 'refused') {
    return false;
  }
  return call.kind === 'refund'
    ? outcome.code === 'refund_exceeded'
    : 'to' in call && call.to !== undefined && PAYEE_REFUSALS.has(outcome.code);
}

/** Refusals by the account that is paid. */
const PAYEE_REFUSALS: ReadonlySet<RefusalCode> = new Set([
  'no_such_destination',
  'destination_frozen',
  'balance_too_large',
]);

/** The outcome of a call that is known in the end. */
export function finalOutcome({ outcome, resolved }: CallRecord): CallOutcome {
  return resolved ?? outcome;
}

/** True if no retry with the key can change the outcome. */
export function isFinalOutcome(outcome: CallOutcome): boolean {
  return outcome.kind === 'executed' || (outcome.kind === 'refused' && isFinalRefusal(outcome.code));
}
