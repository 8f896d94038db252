import type { AttemptFailure, AttemptResult } from './attempt.ts';
import { PROBLEMS } from './contract.ts';
import type { RefusalCode } from './errors.ts';
import type { Endpoint } from './options.ts';

/** An attempt under way. */
export interface RunningAttempt<T> {
  readonly result: Promise<AttemptResult<T>>;
  /** Stops waiting for it. The bank may still execute it. */
  readonly abandon: () => void;
}

/** What a round needs. */
export interface RoundParts<T> {
  /** The endpoints to try, in this order. */
  readonly order: readonly Endpoint[];
  /** Starts an attempt, or gives undefined when time or attempts are used up. */
  readonly start: (endpoint: Endpoint) => RunningAttempt<T> | undefined;
  /** Resolves when the next endpoint should be asked as well; undefined when calls are not hedged. */
  readonly hedge: (() => { readonly due: Promise<'hedge'>; readonly cancel: () => void }) | undefined;
}

/** What came of a round: an answer or a refusal, if there was one, and the attempts that gave none. */
export interface RoundResult<T> {
  readonly conclusion: Exclude<AttemptResult<T>, { kind: 'failed' }> | undefined;
  readonly failures: readonly AttemptFailure[];
}

/**
 * Asks the endpoints in turn until one answers: the next as soon as one has failed, without sleeping, or when a hedge
 * is due.
 *
 * An answer that settles the key ends the round at once. A refusal that does not (see `PROBLEMS`) asks nobody further,
 * but waits for attempts that are still running, since one of them may have been executed.
 */
export async function runRound<T>({ order, start, hedge }: RoundParts<T>): Promise<RoundResult<T>> {
  const queue = [...order];
  const running = new Map<RunningAttempt<T>, Promise<RunningAttempt<T>>>();
  const failures: AttemptFailure[] = [];
  let refused: RoundResult<T>['conclusion'];

  const startNext = () => {
    const endpoint = queue.shift();
    const attempt = endpoint === undefined ? undefined : start(endpoint);
    if (attempt === undefined) {
      queue.length = 0;
    } else {
      running.set(
        attempt,
        attempt.result.then(() => attempt),
      );
    }
  };

  startNext();
  while (running.size > 0) {
    const timer = queue.length > 0 ? hedge?.() : undefined;
    const next = await Promise.race([...running.values(), ...(timer === undefined ? [] : [timer.due])]);
    timer?.cancel();
    if (next === 'hedge') {
      startNext();
      continue;
    }
    running.delete(next);
    const result = await next.result;
    if (result.kind === 'failed') {
      failures.push(result);
      startNext();
    } else if (result.kind === 'answered' || isFinal(result.refusal.code)) {
      for (const loser of running.keys()) {
        loser.abandon();
      }
      return { conclusion: result, failures };
    } else {
      refused = result;
      queue.length = 0;
    }
  }
  return { conclusion: refused, failures };
}

/** True for a refusal after which no attempt of the key can be executed any more. */
export function isFinal(code: RefusalCode): boolean {
  return code !== 'not_authorized' && PROBLEMS[code].final;
}
