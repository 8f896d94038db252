import { type AttemptRefusal, attempt, type BankRequest } from './attempt.ts';
import { backoffDelayMs } from './backoff.ts';
import { type CallResult, clocksDiffer } from './call-result.ts';
import { isFinalRefusal } from './contract/problems.ts';
import type { AttemptFailure, Endpoint } from './failure.ts';
import type { Gate } from './gate.ts';
import type { KeyMinter } from './key.ts';
import type { ResolvedOptions } from './options.ts';
import { type Conclusion, type RunningAttempt, runRound } from './round.ts';
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

/** Carries one request through rounds of attempts until it is answered, refused, or out of time. */
export async function call<T>(request: BankRequest<T>, context: CallContext): Promise<CallResult<T>> {
  const { options, gate, clock, signal } = context;
  const { environment } = options;
  const timeLeftMs = () => context.deadlineMs - environment.elapsedMs();
  const failures: AttemptFailure[] = [];
  let doubt: AttemptRefusal | undefined;
  let attempts = 0;

  const start = (endpoint: Endpoint): RunningAttempt<T> | undefined => {
    const leftMs = timeLeftMs();
    if (signal.aborted || attempts >= options.maxAttempts || leftMs <= 0) {
      return undefined;
    }
    attempts += 1;
    const timeoutMs = Math.min(options.attemptTimeoutMs, leftMs);
    return startAttempt(request, endpoint, attempts, timeoutMs, context);
  };

  for (let round = 0; ; round += 1) {
    const turn = gate.enter() ?? (await gate.wait({ timeLeftMs: timeLeftMs(), signal, isRetry: round > 0 }));
    let conclusion: Conclusion<T> | undefined;
    if (turn === undefined) {
      // Neither its time nor its signal left it a turn: this round has sent nothing.
      failures.push({ endpoint: gate.endpoint, reason: 'queued', executed: 'no', cause: signal.reason });
    } else {
      try {
        const result = await runRound({ order: turn.order, start, hedge: hedgeTimer(options) });
        conclusion = result.conclusion;
        failures.push(...result.failures);
        doubt = result.doubts.at(-1) ?? doubt;
      } finally {
        gate.leave(turn, conclusion?.endpoint);
      }
    }
    // The transport may have sent a refused request twice, and a Region with another clock or policy may accept the second copy.
    const isUnsure = !environment.sendsOnce && doubt !== undefined;
    const executed =
      isUnsure || failures.some((failure) => failure.executed === 'unknown') ? 'unknown' : 'no';
    if (conclusion !== undefined) {
      return withFailures(conclusion, executed, failures);
    }
    const delayMs = backoffDelayMs(round, options.backoff, environment.random());
    const isOver = signal.aborted || attempts >= options.maxAttempts || timeLeftMs() <= delayMs;
    if (doubt !== undefined && executed === 'no' && !signal.aborted) {
      // Nothing was executed, so the caller gets the refusal: at once where it has a wrong clock to mend.
      if (isOver || clocksDiffer(doubt.bankTimeMs, clock.nowMs())) {
        return withFailures(doubt, executed, failures);
      }
    }
    if (isOver) {
      return { kind: 'gave_up', executed, failures, doubt };
    }
    options.onEvent({ type: 'waiting', delayMs });
    await sleep(delayMs, environment, signal);
  }
}

/** A refusal that closes its key settles the attempts before it as well; any other speaks of its own attempt only. */
function withFailures<T>(
  conclusion: Conclusion<T>,
  executed: 'no' | 'unknown',
  failures: readonly AttemptFailure[],
): CallResult<T> {
  return conclusion.kind === 'answered'
    ? { ...conclusion, failures }
    : { ...conclusion, executed: isFinalRefusal(conclusion.code) ? 'no' : executed, failures };
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
  return { endpoint, result, abandon: () => limit.end('abandoned') };
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
