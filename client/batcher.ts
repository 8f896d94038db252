import type { BankRequest } from './attempt.ts';
import type { CallLimits } from './call.ts';
import { type CallResult, isKeyTimeRefusal } from './call-result.ts';
import { MAX_BATCH_CALLS } from './contract/formats.ts';
import { isFinalRefusal } from './contract/problems.ts';
import type { Environment } from './environment.ts';
import type { Endpoint } from './failure.ts';
import { onAbort } from './follow.ts';
import { type BatchAnswer, batchRequest, type KeyedCall, moveRequest, type Subject } from './requests.ts';

/** What a batcher needs of its client. */
export interface BatcherParts {
  readonly environment: Environment;
  /** Sends a request. Never rejects. */
  readonly send: <T>(request: BankRequest<T>, limits: CallLimits) => Promise<CallResult<T>>;
  /** Learns the time of the bank, which refused the key of a call for its time. */
  readonly learn: (refusal: CallResult<unknown>) => void;
  /** Where the next request goes. */
  readonly endpoint: () => Endpoint;
  /** Aborted when the client is closed. */
  readonly closing: AbortSignal;
}

type Answer = Subject & { readonly replayed: boolean };

/** A call that has no answer yet. */
interface Waiting {
  readonly call: KeyedCall<Subject>;
  readonly deadlineMs: number;
  isSent: boolean;
  readonly end: (result: CallResult<Answer>) => void;
}

/**
 * Sends calls of one account together. A call that is alone is sent at once. While it is under way, further calls of its account wait, and
 * are then sent in one request, each with its own key. So there is one request an account at a time, and the more calls wait for it, the
 * more the next one takes.
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
    { deadlineMs, signal }: CallLimits,
  ): Promise<CallResult<T & { replayed: boolean }>> {
    const { environment, endpoint } = this.#parts;
    return new Promise((resolve) => {
      const end = (result: CallResult<Answer>) => {
        cancel();
        release();
        // Its answer was read with the reader of this call.
        resolve(result as CallResult<T & { replayed: boolean }>);
      };
      const waiting: Waiting = { call, deadlineMs, isSent: false, end };
      const giveUp = () => {
        queue.delete(waiting);
        const executed = waiting.isSent ? 'unknown' : 'no';
        const reason = waiting.isSent ? (signal.aborted ? 'aborted' : 'timed_out') : 'queued';
        const failures = [{ endpoint: endpoint(), reason, executed, cause: signal.reason } as const];
        end({ kind: 'gave_up', executed, failures, unconfirmed: undefined });
      };
      const queue = this.#add(waiting);
      const cancel = environment.setTimer(giveUp, Math.max(0, deadlineMs - environment.elapsedMs()));
      // A signal that is aborted already calls back before `onAbort` returns.
      let release = () => {};
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
      await this.#send(account, takeFrom(queue));
    }
    this.#queues.delete(account);
  }

  async #send(account: string, together: readonly Waiting[]): Promise<void> {
    const { send, learn, closing, environment } = this.#parts;
    const deadlineMs = Math.max(...together.map((waiting) => waiting.deadlineMs));
    const limits = { deadlineMs, signal: closing };
    const [first] = together;
    if (first !== undefined && together.length === 1) {
      first.end(await send(moveRequest(first.call), limits));
      return;
    }
    const calls = together.map(({ call }) => call);
    const result = await send(batchRequest(account, calls), limits);
    const results = together.map((_, index) => resultOf(result, index, environment));
    // Once for the batch: a second refusal would look as if the corrected time had been refused.
    const refusal = result.kind === 'answered' ? results.find(isKeyTimeRefusal) : undefined;
    if (refusal !== undefined) {
      learn(refusal);
    }
    for (const [index, each] of results.entries()) {
      together[index]?.end(each);
    }
  }
}

/** Takes the oldest calls. Two calls with one key are not sent together: the bank refuses such a batch. */
function takeFrom(queue: Set<Waiting>): readonly Waiting[] {
  const taken = new Map<string, Waiting>();
  for (const waiting of queue) {
    const { key } = waiting.call;
    if (taken.size < MAX_BATCH_CALLS && !taken.has(key)) {
      taken.set(key, waiting);
      queue.delete(waiting);
      waiting.isSent = true;
    }
  }
  return [...taken.values()];
}

/** The result of one call of a batch. */
function resultOf(
  batch: CallResult<readonly BatchAnswer<Answer>[]>,
  index: number,
  { sendsOnce }: Environment,
): CallResult<Answer> {
  if (batch.kind !== 'answered') {
    return batch;
  }
  const { value, failures, ...details } = batch;
  const answer = value[index];
  if (answer === undefined) {
    throw new Error(`the batch has no answer ${index}`);
  }
  if (answer.kind === 'answered') {
    return { ...details, failures, value: answer.value };
  }
  // As for a call that is sent alone: another attempt may be executed after a refusal that is not final.
  const isUnsure = !sendsOnce || failures.some(({ executed }) => executed === 'unknown');
  const executed = isUnsure && !isFinalRefusal(answer.code) ? 'unknown' : 'no';
  return { ...details, ...answer, executed, failures };
}
