import { Books, isMove, type MoveRequest, type Outcome } from '../../infra/drill/books.ts';
import { isForGood } from '../../infra/drill/settle.ts';
import type { HistoryEvent } from '../history/event.ts';
import { LOST } from './client-host.ts';
import type { Asked, Told } from './messages.ts';
import { Tallies } from './tallies.ts';
import { whatIsAsked, whatIsTold } from './told.ts';

/** A call that somebody made. */
export interface Known {
  /** Its number in the books. */
  readonly number: number;
  readonly move: MoveRequest;
  /** Client process that made it. */
  readonly owner: number;
}

/** In place of a client process: the run itself, which settles what is left. */
export const THE_RUN = -1;

/** Who asks: a name in the history, which asks for one thing at a time, and the number of its client process. */
export interface Asker {
  readonly process: string;
  readonly client: number;
}

/** Something that is asked and not answered yet. */
export interface Ticket {
  readonly asker: Asker;
  readonly asked: Asked;
  /** Number in the books of the call that it is about; undefined for a balance. */
  readonly about: number | undefined;
  /** True when it is the first with its key. */
  readonly isFirst: boolean;
  readonly beganMs: number;
}

/** Answered calls that are kept in mind to be retried. */
const MAX_ANSWERED = 300;

/**
 * Everything that was asked and told, by one clock: the history for the checker, the books for the invariants. A new call is
 * entered when its client tells its key, before any request leaves, so that no key is lost with a process.
 */
export class Ledger {
  readonly books = new Books();
  readonly history: HistoryEvent[] = [];
  readonly tallies = new Tallies();
  readonly #nowMs: () => number;
  readonly #unknown = new Map<number, Known>();
  readonly #answered: Known[] = [];

  /** `nowMs` counts from the beginning of the load. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Calls of which nobody knows what came of them, in the order in which they were given up. */
  get unknown(): readonly Known[] {
    return [...this.#unknown.values()];
  }

  /** Some calls that were answered, the latest last. */
  get answered(): readonly Known[] {
    return this.#answered;
  }

  /** Enters that something is about to be asked. `known` is the call that it is about, unless it is a new one. */
  begin(asker: Asker, asked: Asked, known?: Known): Ticket {
    const isFirst = known === undefined && asked.kind !== 'cancel' && isMove(asked);
    const about = isFirst ? this.books.open(asked, 'fault') : known?.number;
    const beganMs = this.#nowMs();
    this.#enter(asker, { type: 'invoke', ...whatIsAsked(asked) });
    return { asker, asked, about, isFirst, beganMs };
  }

  /** Enters what was told. */
  end(ticket: Ticket, told: Told | typeof LOST): void {
    const { asker, asked, beganMs } = ticket;
    const { answer, failoverMs, durationMs } = told === LOST ? nothingTold(this.#nowMs() - beganMs) : told;
    const { outcome, region } = answer;
    this.#enter(asker, { ...whatIsAsked(asked), ...whatIsTold(outcome, asked.kind === 'cancel') });
    const ending = { outcome, region, failedOver: failoverMs !== undefined, durationMs };
    // What the run asks in the end, when nothing goes wrong any more, says nothing about the load.
    if (asker.client !== THE_RUN) this.tallies.count({ atMs: this.#nowMs(), ...ending, failoverMs });
    if (ticket.isFirst) this.#close(ticket, ending);
    else this.#settle(ticket, outcome, region);
  }

  #close({ asker, asked, about = 0 }: Ticket, ending: Parameters<Books['close']>[1]): void {
    this.books.close(about, ending, 'fault');
    const known = { number: about, move: asked as MoveRequest, owner: asker.client };
    if (ending.outcome.kind === 'unknown') this.#unknown.set(about, known);
    else if (isForGood(ending.outcome)) this.#remember(known);
  }

  #settle({ asker, asked, about }: Ticket, outcome: Outcome, region: string | undefined): void {
    const known = about === undefined ? undefined : this.#unknown.get(about);
    if (known === undefined || !isForGood(outcome)) return;
    this.books.settle(known.number, outcome, region);
    this.#unknown.delete(known.number);
    this.#remember(known);
    const by = asker.client === THE_RUN ? 'end' : asker.client === known.owner ? 'own' : 'other';
    this.tallies.settled(asked.kind === 'cancel' ? 'cancel' : 'retry', by);
  }

  #remember(known: Known): void {
    this.#answered.push(known);
    if (this.#answered.length > MAX_ANSWERED) this.#answered.shift();
  }

  #enter({ process }: Asker, event: Omit<HistoryEvent, 'time' | 'process'>): void {
    this.history.push({ time: Math.round(this.#nowMs() * 100) / 100, process, ...event });
  }
}

function nothingTold(durationMs: number): Told {
  const answer = { outcome: { kind: 'unknown' }, region: undefined } as const;
  return { answer, durationMs, failures: [], failoverMs: undefined };
}
