import type { AttemptAnswer, AttemptRefusal, AttemptResult } from './attempt.ts';
import { isFinalRefusal } from './contract/problems.ts';
import type { AttemptFailure, Endpoint, RefusalCode } from './failure.ts';

/** An attempt under way. */
export interface RunningAttempt<T> {
  readonly endpoint: Endpoint;
  readonly result: Promise<AttemptResult<T>>;
  /** Stops waiting for it. The bank may still execute it. */
  readonly abandon: () => void;
}

/** What a round needs. */
export interface RoundOptions<T> {
  /** The endpoints to try, in this order. */
  readonly order: readonly Endpoint[];
  /** Starts an attempt, or gives undefined when time or attempts are used up. */
  readonly start: (endpoint: Endpoint) => RunningAttempt<T> | undefined;
  /** Resolves when the next endpoint should be asked as well; undefined when calls are not hedged. */
  readonly hedge: (() => { readonly due: Promise<'hedge'>; readonly cancel: () => void }) | undefined;
}

/** An answer, or a refusal. */
export type Conclusion<T> = AttemptAnswer<T> | AttemptRefusal;

/** How a round ended: with an answer or a refusal, if there was one, and the attempts without an answer. */
export interface RoundResult<T> {
  readonly conclusion: Conclusion<T> | undefined;
  /** Refusals that may hold for their Region alone, when another Region gave no answer that decides it. */
  readonly doubts: readonly AttemptRefusal[];
  readonly failures: readonly AttemptFailure[];
}

/**
 * Asks the endpoints in turn until one answers: the next as soon as one has failed, without sleeping, or when a hedge
 * is due.
 *
 * A final answer ends the round at once. After a refusal that is not final (see `PROBLEMS`) no further endpoint is asked,
 * but the round waits for attempts that are still running, since one of them may have been executed. A refusal whose cause may lie in
 * one Region alone is believed when every endpoint refuses: asking the next one costs nothing, because nothing was executed.
 */
export async function runRound<T>({ order, start, hedge }: RoundOptions<T>): Promise<RoundResult<T>> {
  const queue = [...order];
  const running = new Map<Endpoint, RunningAttempt<T>>();
  const failures: AttemptFailure[] = [];
  const doubts: AttemptRefusal[] = [];
  let refused: AttemptRefusal | undefined;

  // After a failure, a doubt or a hedge the next endpoint is due, as long as the queue has one.
  for (;;) {
    const endpoint = queue.shift();
    const attempt = endpoint && start(endpoint);
    if (attempt === undefined) {
      queue.length = 0;
    } else {
      running.set(attempt.endpoint, attempt);
    }
    if (running.size === 0) {
      break;
    }
    const timer = queue.length > 0 ? hedge?.() : undefined;
    const results = Array.from(running.values(), (each) => each.result);
    const result = await Promise.race(timer === undefined ? results : [...results, timer.due]);
    timer?.cancel();
    if (result === 'hedge') {
      continue;
    }
    running.delete(result.endpoint);
    if (result.kind === 'failed') {
      failures.push(result);
    } else if (result.kind === 'answered' || isFinalRefusal(result.code)) {
      for (const loser of running.values()) {
        loser.abandon();
      }
      return { conclusion: result, doubts: [], failures };
    } else if (DOUBTFUL.has(result.code)) {
      doubts.push(result);
    } else {
      refused = result;
      queue.length = 0;
    }
  }
  // The first to refuse stays the endpoint of choice: the others were asked for a second opinion only.
  const believed = doubts.length === order.length ? agreed(doubts) : undefined;
  return { conclusion: refused ?? believed, doubts, failures };
}

/**
 * What all endpoints refuse, with the earliest bank time of these refusals: a key of that time is of the future nowhere, whichever
 * clock is wrong.
 */
function agreed(doubts: readonly AttemptRefusal[]): AttemptRefusal | undefined {
  const times = doubts.flatMap(({ bankTimeMs }) => bankTimeMs ?? []);
  const [first] = doubts;
  return first && { ...first, bankTimeMs: times.length === 0 ? undefined : Math.min(...times) };
}

/**
 * Refusals whose cause may lie in one Region alone: access that is broken or not yet deployed there, an older version that
 * does not know the route, a clock that is behind.
 */
const DOUBTFUL: ReadonlySet<RefusalCode> = new Set(['not_authorized', 'no_such_route', 'key_in_future']);
