import { attempt, type BankRequest } from './attempt.ts';
import { backoffDelayMs } from './backoff.ts';
import { isOfAnotherTime } from './conclude.ts';
import { isFinal } from './contract/problems.ts';
import type { Endpoint } from './endpoint.ts';
import type { AttemptFailure, Refusal } from './failure.ts';
import type { Gate } from './gate.ts';
import type { KeyMinter } from './key.ts';
import type { ResolvedOptions } from './options.ts';
import { type Conclusion, type Refused, type RunningAttempt, runRound } from './round.ts';
import { limitAttempt, sleep } from './timers.ts';

/** What ends a call that is not answered. */
export interface CallLimits {
  /** When the call's time is up, by the clock that never jumps, in milliseconds. */
  readonly deadlineMs: number;
  /** The caller's own signal, joined with that of the client's closing. */
  readonly signal: AbortSignal;
}

/** What a call needs besides its request. */
export interface CallContext extends CallLimits {
  readonly options: ResolvedOptions;
  readonly gate: Gate;
  readonly clock: KeyMinter;
}

/** How a call ended. `executed` is `'no'` when no attempt of it was or can still be executed. */
export type CallResult<T> = {
  /** Attempts that gave no answer. */
  readonly failures: readonly AttemptFailure[];
} & (
  | {
      readonly kind: 'answered';
      readonly value: T;
      readonly region: string;
      readonly bankTimeMs: number | undefined;
    }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly region: string | undefined;
      readonly bankTimeMs: number | undefined;
      readonly executed: 'no' | 'unknown';
    }
  | {
      readonly kind: 'gave_up';
      readonly executed: 'no' | 'unknown';
      /** A refusal that was not believed, because another endpoint did not answer. */
      readonly doubt: Refused<T> | undefined;
    }
);

/** Carries one request through rounds of attempts until it is answered, refused, or out of time. */
export async function call<T>(request: BankRequest<T>, context: CallContext): Promise<CallResult<T>> {
  const { options, gate, clock, signal } = context;
  const { environment } = options;
  const timeLeftMs = () => context.deadlineMs - environment.elapsedMs();
  const failures: AttemptFailure[] = [];
  let doubt: Refused<T> | undefined;
  let attempts = 0;

  const start = (endpoint: Endpoint): RunningAttempt<T> | undefined => {
    if (signal.aborted || attempts >= options.maxAttempts || timeLeftMs() <= 0) {
      return undefined;
    }
    attempts += 1;
    return startAttempt(
      request,
      endpoint,
      attempts,
      Math.min(options.attemptTimeoutMs, timeLeftMs()),
      context,
    );
  };

  for (let round = 0; ; round += 1) {
    const { conclusion, doubts, ...result } = await gate.run(
      { timeLeftMs: timeLeftMs(), signal, isRetry: round > 0 },
      (order) => runRound({ order, start, hedge: hedgeTimer(options) }),
    );
    failures.push(...result.failures);
    doubt = doubts.at(-1) ?? doubt;
    // A copy of a refused request that the transport sent before, without telling, may meet another clock or policy.
    const isUnsure = !environment.sendsOnce && doubt !== undefined;
    const executed =
      isUnsure || failures.some((failure) => failure.executed === 'unknown') ? 'unknown' : 'no';
    if (conclusion !== undefined) {
      return conclude(conclusion, executed, failures);
    }
    const delayMs = backoffDelayMs(round, options.backoff, environment.random());
    const isOver = signal.aborted || attempts >= options.maxAttempts || timeLeftMs() <= delayMs;
    if (doubt !== undefined && executed === 'no' && environment.sendsOnce && !signal.aborted) {
      // Nothing was executed, so the refusal may be told. A wrong clock is mended by the caller, who need not wait for that.
      if (isOver || isOfAnotherTime(doubt.bankTimeMs, clock.nowMs())) {
        return conclude(doubt, executed, failures);
      }
    }
    if (isOver) {
      return { kind: 'gave_up', executed, failures, doubt };
    }
    options.onEvent({ type: 'waiting', delayMs });
    await sleep(delayMs, environment, signal);
  }
}

function conclude<T>(
  conclusion: Conclusion<T>,
  executed: 'no' | 'unknown',
  failures: readonly AttemptFailure[],
): CallResult<T> {
  const { endpoint, region, bankTimeMs } = conclusion;
  if (conclusion.kind === 'answered') {
    return {
      kind: 'answered',
      value: conclusion.value,
      region: region ?? endpoint.name,
      bankTimeMs,
      failures,
    };
  }
  const { refusal } = conclusion;
  return {
    kind: 'refused',
    refusal,
    region,
    bankTimeMs,
    executed: isFinal(refusal.code) ? 'no' : executed,
    failures,
  };
}

function startAttempt<T>(
  request: BankRequest<T>,
  endpoint: Endpoint,
  number: number,
  timeoutMs: number,
  { options, clock, signal }: CallContext,
): RunningAttempt<T> {
  const { environment, onEvent } = options;
  const startedMs = environment.elapsedMs();
  const limit = limitAttempt(timeoutMs, environment, signal);
  onEvent({ type: 'attempt_started', attempt: number, endpoint });
  const result = attempt(request, endpoint, options, {
    timeLeftMs: timeoutMs,
    nowMs: clock.nowMs(),
    end: limit,
  }).then((outcome) => {
    limit.release();
    const durationMs = environment.elapsedMs() - startedMs;
    onEvent(
      outcome.kind === 'failed'
        ? { type: 'attempt_failed', attempt: number, durationMs, ...failureOf(outcome) }
        : {
            type: 'attempt_answered',
            attempt: number,
            endpoint,
            region: outcome.region,
            status: outcome.status,
            durationMs,
          },
    );
    return outcome;
  });
  return { result, abandon: () => limit.end('abandoned') };
}

function failureOf({ endpoint, reason, executed, cause }: AttemptFailure): AttemptFailure {
  return { endpoint, reason, executed, cause };
}

function hedgeTimer({ hedgeAfterMs, environment }: ResolvedOptions) {
  if (hedgeAfterMs === undefined) {
    return undefined;
  }
  return () => {
    const controller = new AbortController();
    const due = sleep(hedgeAfterMs, environment, controller.signal).then(() => 'hedge' as const);
    return { due, cancel: () => controller.abort() };
  };
}
