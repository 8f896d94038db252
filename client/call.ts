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

/** When to give up a call that is not answered. */
export interface CallLimits {
  /** When the time of the call is up, by the monotonic clock, in milliseconds. */
  readonly deadlineMs: number;
  /** Aborted by the caller, or when the client is closed. */
  readonly signal: AbortSignal;
}

/** What a call needs besides its request. */
export interface CallContext extends CallLimits {
  readonly options: ResolvedOptions;
  readonly gate: Gate;
  readonly minter: KeyMinter;
}

/** Returns the request, always the same one. It is called when an attempt begins: until then, nothing was sent. */
export type RequestMaker<T> = () => BankRequest<T>;

/** Sends one request in rounds of attempts, until it is answered or refused, or its time is up. */
export async function call<T>(make: RequestMaker<T>, context: CallContext): Promise<CallResult<T>> {
  const { options, gate, minter, signal } = context;
  const { environment } = options;
  const timeLeftMs = () => context.deadlineMs - environment.elapsedMs();
  const failures: AttemptFailure[] = [];
  let unconfirmed: AttemptRefusal | undefined;
  let attempts = 0;

  const start = (endpoint: Endpoint): RunningAttempt<T> | undefined => {
    const leftMs = timeLeftMs();
    if (signal.aborted || attempts >= options.maxAttempts || leftMs <= 0) {
      return undefined;
    }
    attempts += 1;
    const timeoutMs = Math.min(options.attemptTimeoutMs, leftMs);
    return startAttempt(make(), endpoint, attempts, timeoutMs, context);
  };

  for (let round = 0; ; round += 1) {
    const route = gate.enter() ?? (await gate.wait({ timeLeftMs: timeLeftMs(), signal, isRetry: round > 0 }));
    let conclusion: Conclusion<T> | undefined;
    if (route === undefined) {
      // Its time was up, or its signal aborted, before it could begin: this round has sent nothing.
      failures.push({ endpoint: gate.endpoint, reason: 'queued', executed: 'no', cause: signal.reason });
    } else {
      try {
        const result = await runRound({ order: route.order, start, hedge: hedgeTimer(options) });
        conclusion = result.conclusion;
        failures.push(...result.failures);
        unconfirmed = result.unconfirmed.at(-1) ?? unconfirmed;
      } finally {
        gate.leave(route, conclusion?.endpoint, signal.aborted);
      }
    }
    // The transport may send a refused request twice, and a Region with another clock or policy may accept the second copy.
    const isUnsure = !environment.sendsOnce && unconfirmed !== undefined;
    const executed =
      isUnsure || failures.some((failure) => failure.executed === 'unknown') ? 'unknown' : 'no';
    if (conclusion !== undefined) {
      return withFailures(conclusion, executed, failures);
    }
    const delayMs = backoffDelayMs(round, options.backoff, environment.random());
    const isOver = signal.aborted || attempts >= options.maxAttempts || timeLeftMs() <= delayMs;
    if (unconfirmed !== undefined && executed === 'no' && !signal.aborted) {
      // Nothing was executed, so the caller gets the refusal: at once if its clock is wrong, because waiting does not help.
      if (isOver || clocksDiffer(unconfirmed.bankTimeMs, minter.nowMs())) {
        return withFailures(unconfirmed, executed, failures);
      }
    }
    if (isOver) {
      if (attempts === 0 && failures.length === 0) {
        const reason = signal.aborted ? 'aborted' : 'timed_out';
        failures.push({ endpoint: gate.endpoint, reason, executed, cause: signal.reason });
      }
      return { kind: 'gave_up', executed, failures, unconfirmed };
    }
    options.onEvent({ type: 'waiting', delayMs });
    await sleep(delayMs, environment, signal);
  }
}

/** A final refusal decides the attempts before it as well. Any other refusal says nothing about them. */
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
  { options, minter, signal }: CallContext,
): RunningAttempt<T> {
  const { environment, onEvent } = options;
  const startedMs = environment.elapsedMs();
  const limit = limitAttempt(timeoutMs, environment, signal);
  onEvent({ type: 'attempt_started', attempt: number, endpoint });
  const result = attempt(request, endpoint, options, {
    timeLeftMs: timeoutMs,
    nowMs: minter.nowMs(),
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
