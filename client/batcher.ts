import type { BankRequest } from './attempt.ts';
import type { CallLimits, RequestMaker } from './call.ts';
import type { CallResult } from './call-result.ts';
import { MAX_BATCH_CALLS } from './contract/formats.ts';
import { isFinalRefusal } from './contract/problems.ts';
import type { Environment } from './environment.ts';
import type { AttemptFailure, Endpoint } from './failure.ts';
import { onAbort } from './follow.ts';
import { type BatchAnswer, batchRequest, type KeyedCall, moveRequest, type Subject } from './requests.ts';
import { sleep } from './timers.ts';

/** A call that may take this much longer than its batch is sent alone when the time of the batch is up, in milliseconds. */
const MIN_MORE_MS = 1000;

/** What a batcher needs of its client. */
export interface BatcherParts {
  readonly environment: Environment;
  /** The next calls of an account wait no longer than this for a request that is under way, in milliseconds. */
  readonly attemptTimeoutMs: number;
  readonly send: <T>(make: RequestMaker<T>, limits: CallLimits) => Promise<CallResult<T>>;
  /** Where the next request goes. */
  readonly endpoint: () => Endpoint;
  /** Aborted when the client is closed. */
  readonly closing: AbortSignal;
}

type Answer = Subject & { readonly replayed: boolean };
type Answers = readonly BatchAnswer<Answer>[];

/** A call that has no answer yet. */
interface Waiting {
  readonly call: KeyedCall<Subject>;
  readonly limits: CallLimits;
  isSent: boolean;
  hasEnded: boolean;
  /** Called when the call ends by itself, while it is part of a batch. */
  onGivenUp: () => void;
  /** Takes its time limit and its signal away, because its request has the same ones. */
  readonly release: () => void;
  readonly end: (result: CallResult<Answer>) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Sends calls of one account together. A call that is alone is sent at once. While it is under way, further calls of its account wait, and
 * are then sent in one request, each with its own key. The more calls wait, the more the next request takes.
 */
export class Batcher {
  readonly #parts: BatcherParts;
  /** The calls that wait, of each account that has a request under way. */
  readonly #queues = new Map<string, Set<Waiting>>();

  constructor(parts: BatcherParts) {
    this.#parts = parts;
  }

  /** Makes a call, alone or with others. It ends at its own deadline and with its own signal, whatever the others do. */
  call<T extends Subject>(
    call: KeyedCall<T>,
    limits: CallLimits,
  ): Promise<CallResult<T & { replayed: boolean }>> {
    const { environment, endpoint } = this.#parts;
    const { deadlineMs, signal } = limits;
    return new Promise((resolve, reject) => {
      let stopFollowing = () => {};
      const release = () => {
        cancel();
        stopFollowing();
      };
      const waiting: Waiting = {
        ...{ call, limits, isSent: false, hasEnded: false, onGivenUp: () => {}, release },
        end: (result) => {
          waiting.hasEnded = true;
          release();
          // Its answer was read with the reader of this call.
          resolve(result as CallResult<T & { replayed: boolean }>);
        },
        fail: (error) => {
          waiting.hasEnded = true;
          release();
          reject(error);
        },
      };
      const giveUp = () => {
        queue.delete(waiting);
        const executed = waiting.isSent ? 'unknown' : 'no';
        const reason = waiting.isSent ? (signal.aborted ? 'aborted' : 'timed_out') : 'queued';
        const failures = [{ endpoint: endpoint(), reason, executed, cause: signal.reason } as const];
        waiting.end({ kind: 'gave_up', executed, failures, unconfirmed: undefined });
        waiting.onGivenUp();
      };
      const queue = this.#add(waiting);
      const cancel = environment.setTimer(giveUp, Math.max(0, deadlineMs - environment.elapsedMs()));
      // A signal that is aborted already calls back before `onAbort` returns.
      stopFollowing = onAbort(signal, giveUp);
    });
  }

  #add(waiting: Waiting): Set<Waiting> {
    const { account } = waiting.call.move.names;
    const queue = this.#queues.get(account);
    if (queue !== undefined) {
      return queue.add(waiting);
    }
    const begun = new Set([waiting]);
    this.#queues.set(account, begun);
    // Not at once, so that calls that a program makes at the same time are sent together.
    queueMicrotask(() => this.#sendAll(account, begun));
    return begun;
  }

  async #sendAll(account: string, queue: Set<Waiting>): Promise<void> {
    const { environment, attemptTimeoutMs } = this.#parts;
    while (queue.size > 0) {
      const together = takeFrom(queue);
      const done = new AbortController();
      this.#send(account, together)
        .catch((error: unknown) => {
          for (const waiting of together) {
            waiting.fail(error);
          }
        })
        .finally(() => done.abort());
      // A request that takes long must not keep the other calls of the account back.
      await sleep(attemptTimeoutMs, environment, done.signal);
    }
    this.#queues.delete(account);
  }

  async #send(account: string, together: readonly Waiting[]): Promise<void> {
    const [first] = together;
    if (first !== undefined && together.length === 1) {
      first.release();
      first.end(await this.#parts.send(() => moveRequest(first.call), first.limits));
      return;
    }
    const deadlineMs = Math.min(...together.map(({ limits }) => limits.deadlineMs));
    const result = await this.#sendBatch(account, together, deadlineMs);
    const sent = together.filter(({ isSent }) => isSent);
    for (const waiting of together) {
      if (!waiting.hasEnded) {
        this.#conclude(waiting, result, sent.indexOf(waiting), waiting.limits.deadlineMs - deadlineMs);
      }
    }
  }

  /** Ends a call with its result in a batch, or sends it alone. `moreMs` is how much longer it may take than the batch. */
  #conclude(waiting: Waiting, result: CallResult<Answers>, index: number, moreMs: number): void {
    if (result.kind !== 'answered') {
      if (result.kind === 'gave_up' && moreMs >= MIN_MORE_MS) {
        this.#sendAlone(waiting, result.failures, result.executed);
      } else {
        waiting.end(result);
      }
      return;
    }
    const answer = result.value[index];
    if (answer?.kind === 'answered') {
      waiting.end({ ...result, value: answer.value });
    } else if (answer?.kind === 'refused') {
      waiting.end({ ...result, ...answer, executed: 'no' });
    } else {
      this.#sendAlone(waiting, result.failures, answer?.executed);
    }
  }

  /** Sends a batch until the first of its calls has no more time, or all of them have ended. */
  async #sendBatch(
    account: string,
    together: readonly Waiting[],
    deadlineMs: number,
  ): Promise<CallResult<Answers>> {
    const { send, closing } = this.#parts;
    const controller = new AbortController();
    const stopFollowing = onAbort(closing, () => controller.abort(closing.reason));
    let open = together.length;
    for (const waiting of together) {
      waiting.onGivenUp = () => {
        open -= 1;
        if (open === 0) {
          controller.abort(waiting.limits.signal.reason);
        }
      };
    }
    let request: BankRequest<Answers> | undefined;
    const make = () => {
      // A call that has ended while the batch waited was reported as not executed, so it must not be sent.
      request ??= batchRequest(account, markSent(together));
      return request;
    };
    const result = await send(make, { deadlineMs, signal: controller.signal });
    stopFollowing();
    return result;
  }

  /**
   * Sends a call that its batch neither executed nor refused for good: the other Region may know more. The next batch does not wait for it.
   */
  #sendAlone(
    waiting: Waiting,
    failures: readonly AttemptFailure[],
    executed: 'no' | 'unknown' = 'unknown',
  ): void {
    const { call, limits, release, end, fail } = waiting;
    const { send, environment } = this.#parts;
    release();
    send(() => moveRequest(call), limits)
      .then((result) => {
        const all = [...failures, ...result.failures];
        // The batch, or a copy of it that the transport has sent, may still be executed.
        const isUnsure =
          !environment.sendsOnce || [...failures, { executed }].some((each) => each.executed === 'unknown');
        const isFinal =
          result.kind === 'answered' || (result.kind === 'refused' && isFinalRefusal(result.code));
        end({ ...result, failures: all, ...(isUnsure && !isFinal ? { executed: 'unknown' } : {}) });
      })
      .catch(fail);
  }
}

/** Marks the calls that have not ended as sent, and returns them. */
function markSent(together: readonly Waiting[]): readonly KeyedCall<Subject>[] {
  const open = together.filter(({ hasEnded }) => !hasEnded);
  for (const waiting of open) {
    waiting.isSent = true;
  }
  return open.map(({ call }) => call);
}

/** Takes the oldest calls. Two calls with one key are not sent together: the bank refuses such a batch. */
function takeFrom(queue: Set<Waiting>): readonly Waiting[] {
  const taken = new Map<string | Waiting, Waiting>();
  for (const waiting of queue) {
    if (taken.size === MAX_BATCH_CALLS) {
      break;
    }
    // A minted key is the only one of its kind, and it is too early to mint it.
    const key = waiting.call.mayRetry ? waiting.call.key : waiting;
    if (!taken.has(key)) {
      taken.set(key, waiting);
      queue.delete(waiting);
    }
  }
  return [...taken.values()];
}
