import type { BankRequest } from './attempt.ts';
import type { CallLimits } from './call.ts';
import type { CallResult } from './call-result.ts';
import { MAX_BATCH_CALLS } from './contract/formats.ts';
import { isFinalRefusal } from './contract/problems.ts';
import type { Environment } from './environment.ts';
import type { AttemptFailure, Endpoint } from './failure.ts';
import { onAbort } from './follow.ts';
import { batchRequest, type KeyedCall, moveRequest, type Subject } from './requests.ts';

/** What a batcher needs of its client. */
export interface BatcherParts {
  readonly environment: Environment;
  readonly send: <T>(request: BankRequest<T>, limits: CallLimits) => Promise<CallResult<T>>;
  /** Where the next request goes. */
  readonly endpoint: () => Endpoint;
  /** Aborted when the client is closed. */
  readonly closing: AbortSignal;
}

type Answer = Subject & { readonly replayed: boolean };

/** A call that has no answer yet. */
interface Waiting {
  readonly call: KeyedCall<Subject>;
  readonly limits: CallLimits;
  isSent: boolean;
  readonly end: (result: CallResult<Answer>) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Sends calls of one account together. A call that is alone is sent at once. While it is under way, further calls of its account wait, and
 * are then sent in one request, each with its own key. So there is one such request an account at a time, and the more calls wait for it,
 * the more the next one takes.
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
      // A signal that is aborted already calls back before `onAbort` returns.
      let release = () => {};
      const stop = () => {
        cancel();
        release();
      };
      const end = (result: CallResult<Answer>) => {
        stop();
        // Its answer was read with the reader of this call.
        resolve(result as CallResult<T & { replayed: boolean }>);
      };
      const fail = (error: unknown) => {
        stop();
        reject(error);
      };
      const waiting: Waiting = { call, limits, isSent: false, end, fail };
      const giveUp = () => {
        queue.delete(waiting);
        const executed = waiting.isSent ? 'unknown' : 'no';
        const reason = waiting.isSent ? (signal.aborted ? 'aborted' : 'timed_out') : 'queued';
        const failures = [{ endpoint: endpoint(), reason, executed, cause: signal.reason } as const];
        end({ kind: 'gave_up', executed, failures, unconfirmed: undefined });
      };
      const queue = this.#add(waiting);
      const cancel = environment.setTimer(giveUp, Math.max(0, deadlineMs - environment.elapsedMs()));
      release = onAbort(signal, giveUp);
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
    while (queue.size > 0) {
      const together = takeFrom(queue);
      await this.#send(account, together).catch((error: unknown) => {
        for (const waiting of together) {
          waiting.fail(error);
        }
      });
    }
    this.#queues.delete(account);
  }

  async #send(account: string, together: readonly Waiting[]): Promise<void> {
    const { send, closing } = this.#parts;
    const [first] = together;
    if (first !== undefined && together.length === 1) {
      first.end(await send(moveRequest(first.call), first.limits));
      return;
    }
    // Each call has its own deadline and signal. The batch goes on while one of them has time.
    const deadlineMs = Math.max(...together.map(({ limits }) => limits.deadlineMs));
    const calls = together.map(({ call }) => call);
    const result = await send(batchRequest(account, calls), { deadlineMs, signal: closing });
    if (result.kind !== 'answered') {
      for (const waiting of together) {
        waiting.end(result);
      }
      return;
    }
    const { value: answers, ...details } = result;
    for (const [index, waiting] of together.entries()) {
      const answer = answers[index];
      if (answer?.kind === 'answered') {
        waiting.end({ ...details, value: answer.value });
      } else if (answer?.kind === 'refused') {
        waiting.end({ ...details, ...answer, executed: 'no' });
      } else {
        // Not awaited, because the next batch need not wait for it.
        this.#sendAlone(waiting, result.failures, answer?.executed).catch(waiting.fail);
      }
    }
  }

  /** Sends a call that its batch neither executed nor refused for good: the other Region may know more. */
  async #sendAlone(
    { call, limits, end }: Waiting,
    failures: readonly AttemptFailure[],
    executed: 'no' | 'unknown' = 'unknown',
  ): Promise<void> {
    const { send, environment } = this.#parts;
    const result = await send(moveRequest(call), limits);
    const all = [...failures, ...result.failures];
    // The batch, or a copy of it that the transport has sent, may still be executed.
    const isUnsure =
      !environment.sendsOnce || [...failures, { executed }].some((each) => each.executed === 'unknown');
    const isFinal = result.kind === 'answered' || (result.kind === 'refused' && isFinalRefusal(result.code));
    end({ ...result, failures: all, ...(isUnsure && !isFinal ? { executed: 'unknown' } : {}) });
  }
}

/** Takes the oldest calls. Two calls with one key are not sent together: the bank refuses such a batch. */
function takeFrom(queue: Set<Waiting>): readonly Waiting[] {
  const taken = new Map<string, Waiting>();
  for (const waiting of queue) {
    const { key } = waiting.call;
    if (taken.size === MAX_BATCH_CALLS) {
      break;
    }
    if (!taken.has(key)) {
      taken.set(key, waiting);
      queue.delete(waiting);
      waiting.isSent = true;
    }
  }
  return [...taken.values()];
}
