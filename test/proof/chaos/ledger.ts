import type { CallOutcome, CallRecord } from '../../../client/load/call.ts';
import { finalOutcome, isFinalOutcome, Ledger } from '../../../client/load/ledger.ts';
import { amountOf } from '../../../client/load/money.ts';
import type { OpenHold, Withdrawal } from '../../../client/load/workload.ts';
import { type Asked, askedOf, completionOf, type HistoryEvent } from '../history/event.ts';
import { type CallerRequest, type KeyedMove, LOST, type Reply } from './messages.ts';

/** A call by any caller. */
export interface Known {
  readonly record: CallRecord;
  readonly move: KeyedMove;
  /** Client process that made it. */
  readonly owner: number;
}

/** The run itself, in place of a client process. It resolves the outcomes that are unknown in the end. */
export const THE_RUN = -1;

/** Who asks: a name in the history, which asks for one thing at a time, and the number of its client process. */
interface Asker {
  readonly process: string;
  readonly client: number;
}

/** Something that a caller asked and that has ended. */
export interface Ended extends Reply {
  readonly kind: CallerRequest['kind'];
  readonly atMs: number;
}

/** How an unknown outcome was resolved. */
interface Resolved {
  readonly with: 'retry' | 'cancel';
  /** A caller of the process that had asked, one of another process, or the run in the end. */
  readonly by: 'own' | 'other' | 'end';
}

/** Something that is asked and not answered yet. */
export interface Ticket {
  readonly asker: Asker;
  readonly asked: CallerRequest;
  /** The call that it is about; undefined for a balance that the run asks. */
  readonly record: CallRecord | undefined;
  /** True when it is the first with its key. */
  readonly isFirst: boolean;
  readonly beganMs: number;
}

/** Answered calls that are remembered, to be retried. */
const MAX_ANSWERED = 300;
/** Holds that are remembered, to be ended: more than once, since only one can win. */
const MAX_HOLDS = 20;
/** Calls that are remembered, to be refunded: few, so that callers in both Regions refund the same ones at once. */
const MAX_REFUNDABLE = 4;

/**
 * Everything that was asked and answered, by one clock: the history for the checker, and the ledger of the calls. A new call is
 * entered when its client reports its key, before any request leaves, so that no key is lost with a process.
 */
export class ChaosLedger {
  readonly calls = new Ledger();
  readonly history: HistoryEvent[] = [];
  /** What callers asked, as it ended. */
  readonly ended: Ended[] = [];
  readonly resolved: Resolved[] = [];
  readonly #nowMs: () => number;
  readonly #unknown = new Map<CallRecord, Known>();
  readonly #answered: Known[] = [];
  readonly #holds: OpenHold[] = [];
  readonly #refundable: Withdrawal[] = [];

  /** `nowMs` counts from the beginning of the load. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Calls whose outcome is unknown, in the order in which they were given up. */
  get unknown(): readonly Known[] {
    return [...this.#unknown.values()];
  }

  /** Some calls that were answered, the latest last. */
  get answered(): readonly Known[] {
    return this.#answered;
  }

  /** Some holds that were made, the latest last. Some of them have ended. */
  get holds(): readonly OpenHold[] {
    return this.#holds;
  }

  /** Some calls that may be refunded, the latest last. */
  get refundable(): readonly Withdrawal[] {
    return this.#refundable;
  }

  /** The call of a record whose outcome is unknown. */
  knownOf(record: CallRecord): Known {
    const known = this.#unknown.get(record);
    if (known === undefined) {
      throw new RangeError(`the outcome of ${record.key} is known`);
    }
    return known;
  }

  /** Enters a request before it is sent. `known` is the call that it is about, unless it is a new one. */
  begin(asker: Asker, asked: CallerRequest, known?: Known): Ticket {
    const isFirst = known === undefined && asked.kind !== 'cancel';
    const beganMs = this.#nowMs();
    const record = isFirst ? this.calls.begin(asked, beganMs) : known?.record;
    this.#enter(asker, { type: 'invoke', ...invocationOf(asked) });
    return { asker, asked, record, isFirst, beganMs };
  }

  /** Enters what was answered. */
  end(ticket: Ticket, reply: Reply | typeof LOST): void {
    const { asker, asked, beganMs, record } = ticket;
    const given = reply === LOST ? noReply(this.#nowMs() - beganMs) : reply;
    const { answer, failoverMs, durationMs } = given;
    const { outcome } = answer;
    this.#enter(asker, { ...invocationOf(asked), ...completionOf(outcome, asked.kind === 'cancel') });
    // The calls that the run makes in the end are not part of the load.
    if (asker.client !== THE_RUN) {
      this.ended.push({ ...given, kind: asked.kind, atMs: this.#nowMs() });
    }
    if (record !== undefined && ticket.isFirst) {
      this.calls.end(record, answer, { durationMs, failedOver: failoverMs !== undefined });
      this.#remember(asked, record, outcome, asker.client);
    } else if (record !== undefined) {
      this.#resolve(record, ticket, answer);
    }
  }

  #remember(asked: CallerRequest, record: CallRecord, outcome: CallOutcome, owner: number): void {
    if (asked.kind === 'balance' || asked.kind === 'cancel') {
      return;
    }
    const known = { record, move: asked, owner };
    if (outcome.kind === 'unknown') {
      this.#unknown.set(record, known);
    } else if (isFinalOutcome(outcome)) {
      this.#rememberAnswered(known);
    }
  }

  #resolve(record: CallRecord, { asker, asked }: Ticket, answer: Reply['answer']): void {
    const known = this.#unknown.get(record);
    if (known === undefined || !isFinalOutcome(answer.outcome)) {
      return;
    }
    this.calls.resolve(record, answer);
    this.#unknown.delete(record);
    this.#rememberAnswered(known);
    const by = asker.client === THE_RUN ? 'end' : asker.client === known.owner ? 'own' : 'other';
    this.resolved.push({ with: asked.kind === 'cancel' ? 'cancel' : 'retry', by });
  }

  #rememberAnswered(known: Known): void {
    const { move, record } = known;
    const { kind, account, key } = move;
    const isPaidOut = kind === 'withdraw' || (kind === 'capture' && move.to === undefined);
    if (isPaidOut && finalOutcome(record).kind === 'executed') {
      this.#refundable.push({ account, call: key, amountMinor: amountOf({ ...record, call: move }) });
      this.#refundable.splice(0, this.#refundable.length - MAX_REFUNDABLE);
    }
    if (kind === 'hold') {
      this.#holds.push({ account, hold: key });
      this.#holds.splice(0, this.#holds.length - MAX_HOLDS);
    }
    this.#answered.push(known);
    if (this.#answered.length > MAX_ANSWERED) {
      this.#answered.shift();
    }
  }

  #enter({ process }: Asker, event: Omit<HistoryEvent, 'time' | 'process'>): void {
    this.history.push({ time: Math.round(this.#nowMs() * 100) / 100, process, ...event });
  }
}

function noReply(durationMs: number): Reply {
  const answer = {
    outcome: { kind: 'unknown' },
    region: undefined,
    key: undefined,
    replayed: false,
  } as const;
  return { answer, durationMs, failoverMs: undefined };
}

/** What is asked, in the words of a history. */
function invocationOf(asked: CallerRequest): Asked {
  if (asked.kind !== 'cancel') {
    return askedOf(asked);
  }
  const { account, key } = asked.move;
  return askedOf({ kind: 'cancel', account, key });
}
