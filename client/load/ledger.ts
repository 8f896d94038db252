import { isFinalRefusal } from '../contract/problems.ts';
import type { RefusalCode } from '../index.ts';
import type { Answer, Call, CallOutcome, LoadMove } from './call.ts';
import { Progress } from './progress.ts';

/** A call, and how it ended. */
export interface CallRecord {
  readonly call: Call;
  /** Undefined for a balance, and for a call whose client mints the key until it is answered. */
  readonly key: string | undefined;
  readonly startedMs: number;
  /** Undefined while it is under way. */
  readonly durationMs: number | undefined;
  /** What its caller was answered; `unknown` until then. */
  readonly outcome: CallOutcome;
  /** What was found out later about an unknown outcome. */
  readonly resolved: CallOutcome | undefined;
  /** Region that answered, or that resolved it. */
  readonly region: string | undefined;
  /** Name of the endpoint that answered its caller; undefined when none did, or when it is not known which. */
  readonly endpoint: string | undefined;
  /** It was answered by another endpoint than one that had failed it. */
  readonly failedOver: boolean;
}

type Ended = Pick<Answer, 'outcome' | 'region' | 'key'>;
type Course = Pick<CallRecord, 'failedOver'> &
  Partial<Pick<CallRecord, 'endpoint'>> & { readonly durationMs: number };

export type MoveRecord = CallRecord & { readonly call: LoadMove };

/** What was called and what was answered. A call is in it before it is sent, so that none can be forgotten. */
export class Ledger {
  readonly #records: CallRecord[] = [];
  /** How far the calls are, counted as they end. */
  readonly progress = new Progress();

  get records(): readonly CallRecord[] {
    return this.#records;
  }

  /** Calls that move or hold money whose outcome is unknown and whose key is known. */
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
    change(record, { outcome, region, key, ...course });
    this.progress.end(record);
  }

  resolve(record: CallRecord, { outcome, region }: Pick<Answer, 'outcome' | 'region'>): void {
    change(record, { resolved: outcome, region, endpoint: undefined });
    this.progress.resolve();
  }
}

/** The ledger alone changes its records; to everybody else they are read-only. */
function change(record: CallRecord, values: Partial<CallRecord>): void {
  Object.assign(record, values);
}

function isInDoubt(record: CallRecord): record is MoveRecord & { readonly key: string } {
  return isMove(record) && record.key !== undefined && finalOutcome(record).kind === 'unknown';
}

export function isMove(record: CallRecord): record is MoveRecord {
  return record.call.kind !== 'balance';
}

/**
 * True for a transfer, or a capture for another account, that its payee refused: the money has been returned. Also for a refund of
 * which too much had been refunded before.
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

/** Refusals of the book of a payee. */
const PAYEE_REFUSALS: ReadonlySet<RefusalCode> = new Set([
  'no_such_destination',
  'destination_frozen',
  'balance_too_large',
]);

/** What is known of a call in the end. */
export function finalOutcome({ outcome, resolved }: CallRecord): CallOutcome {
  return resolved ?? outcome;
}

/** True for an outcome that no retry of the key changes. */
export function isFinalOutcome(outcome: CallOutcome): boolean {
  return outcome.kind === 'executed' || (outcome.kind === 'refused' && isFinalRefusal(outcome.code));
}
