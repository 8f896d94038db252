import type { AttemptResult } from './attempt.ts';
import type { Endpoint } from './endpoint.ts';
import type { AttemptFailure, RefusalCode } from './failure.ts';
import { PROBLEMS } from './wire.ts';

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

/** An answer, or a refusal. */
export type Conclusion<T> = Exclude<AttemptResult<T>, { kind: 'failed' }>;

/** What came of a round: an answer or a refusal, if there was one, and the attempts that gave none. */
export interface RoundResult<T> {
  readonly conclusion: Conclusion<T> | undefined;
  /** A refusal that one endpoint gave and that cannot be believed, because another could not be asked. */
  readonly doubt: Conclusion<T> | undefined;
  readonly failures: readonly AttemptFailure[];
  /** True when the client stopped waiting for an attempt: it may still arrive. */
  readonly abandoned: boolean;
}

/**
 * Asks the endpoints in turn until one answers: the next as soon as one has failed, without sleeping, or when a hedge
 * is due.
 *
 * An answer that settles the key ends the round at once. A refusal that does not (see `PROBLEMS`) asks nobody further,
 * but waits for attempts that are still running, since one of them may have been executed. A refusal that may only mean
 * that one Region is behind is believed when every endpoint gives it.
 */
export async function runRound<T>({ order, start, hedge }: RoundParts<T>): Promise<RoundResult<T>> {
  const queue = [...order];
  const running = new Map<RunningAttempt<T>, Promise<RunningAttempt<T>>>();
  const failures: AttemptFailure[] = [];
  let refused: Conclusion<T> | undefined;
  let doubt: Conclusion<T> | undefined;
  let doubters = 0;

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
      return { conclusion: result, doubt: undefined, failures, abandoned: running.size > 0 };
    } else if (isDoubtful(result.refusal.code)) {
      // The first to say so stays the endpoint of choice: the other was asked for a second opinion only.
      doubt ??= result;
      doubters += 1;
      startNext();
    } else {
      refused = result;
      queue.length = 0;
    }
  }
  const conclusion = refused ?? (doubters === order.length ? doubt : undefined);
  return { conclusion, doubt, failures, abandoned: false };
}

/** True for a refusal after which no attempt of the key can be executed any more. */
export function isFinal(code: RefusalCode): boolean {
  return code !== 'not_authorized' && PROBLEMS[code].final;
}

/** True for a refusal that may come from an archive which replication has not reached yet. */
function isDoubtful(code: RefusalCode): boolean {
  return code === 'key_expired';
}
