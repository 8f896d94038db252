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

/** Input of a round. */
export interface RoundOptions<T> {
  /** The endpoints to try, in this order. */
  readonly order: readonly Endpoint[];
  /** Starts an attempt, or returns undefined if time or attempts are used up. */
  readonly start: (endpoint: Endpoint) => RunningAttempt<T> | undefined;
  /** Resolves when the next endpoint should be tried as well; undefined if calls are not hedged. */
  readonly hedge: (() => { readonly due: Promise<'hedge'>; readonly cancel: () => void }) | undefined;
}

/** An answer, or a refusal. */
export type Conclusion<T> = AttemptAnswer<T> | AttemptRefusal;

/** How a round ended. */
export interface RoundResult<T> {
  readonly conclusion: Conclusion<T> | undefined;
  /** Refusals that may hold for one Region only, and that no other Region confirmed or overruled. */
  readonly unconfirmed: readonly AttemptRefusal[];
  /** Attempts without an answer, and those that were still running when another one was answered: they may be executed later. */
  readonly failures: readonly AttemptFailure[];
}

/**
 * Tries the endpoints in order until one answers. It tries the next one, without a wait, when one has failed, or when a hedge is due.
 *
 * An answer or a final refusal ends the round at once. After a refusal that is not final (see `PROBLEMS`), no further endpoint is tried, but
 * the round waits for the attempts that are still running, because one of them may have been executed. Some refusals may have a cause in
 * one Region only. They count if every endpoint refuses. Trying the next one is safe, because nothing was executed.
 */
export async function runRound<T>({ order, start, hedge }: RoundOptions<T>): Promise<RoundResult<T>> {
  const queue = [...order];
  const running = new Map<Endpoint, RunningAttempt<T>>();
  const failures: AttemptFailure[] = [];
  const unconfirmed: AttemptRefusal[] = [];
  let refused: AttemptRefusal | undefined;

  // Each turn of the loop tries the next endpoint, if there is one: after a failure, an unconfirmed refusal, or when a hedge is due.
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
      const abandoned = Array.from(running.values(), (loser): AttemptFailure => {
        loser.abandon();
        return { endpoint: loser.endpoint, reason: 'abandoned', executed: 'unknown', cause: undefined };
      });
      return { conclusion: result, unconfirmed: [], failures: [...failures, ...abandoned] };
    } else if (UNCONFIRMED_CODES.has(result.code)) {
      unconfirmed.push(result);
    } else {
      refused = result;
      queue.length = 0;
    }
  }
  // The refusal of the first endpoint counts, so it stays the current one: the others were only tried to confirm it.
  const believed = unconfirmed.length === order.length ? agreed(unconfirmed) : undefined;
  return { conclusion: refused ?? believed, unconfirmed, failures };
}

/**
 * The refusal that all endpoints agree on, with the earliest of their times: no endpoint regards a key of that time as in the future,
 * whichever clock is wrong.
 */
function agreed(unconfirmed: readonly AttemptRefusal[]): AttemptRefusal | undefined {
  const times = unconfirmed.flatMap(({ bankTimeMs }) => bankTimeMs ?? []);
  const [first] = unconfirmed;
  return first && { ...first, bankTimeMs: times.length === 0 ? undefined : Math.min(...times) };
}

/**
 * Refusals that may have a cause in one Region only: access is broken or not deployed there, an older version does not know the route, or
 * a clock is behind.
 */
const UNCONFIRMED_CODES: ReadonlySet<RefusalCode> = new Set([
  'not_authorized',
  'no_such_route',
  'key_in_future',
]);
