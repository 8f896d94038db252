import type { ProblemCode } from './contract/problems.ts';
import type { AttemptEnd } from './timers.ts';

/**
 * Code of a refusal. A call that is refused moves no money.
 *
 * These are recorded under the key and final; {@link RefusedError.retryWith} says whether the call can succeed with a new key:
 * - `not_enough_money`, `no_such_account`, `account_frozen`
 * - `no_such_destination`, `destination_frozen`, `balance_too_large`: money that was to be transferred is in the balance of the payer again
 * - `no_such_hold`, `hold_captured`, `hold_voided`, `hold_expired`; `hold_exceeded`: the hold did not change; `too_many_holds`: 100 open holds
 * - `no_such_call`, `not_refundable`, `refund_exceeded`
 * - `key_expired`: the key was minted more than 30 days ago, or before the bank was recovered, and was never used
 * - `cancelled`: the key was cancelled before its call was executed
 *
 * These are not recorded:
 * - `key_reused`: the key belongs to another call, whose outcome does not change. Find the code that used it twice
 * - `key_in_future`: the time of the key is more than 5 minutes ahead of the bank's time. Correct the clock
 * - `not_authorized`: the gateway of every Region that answered refused the request. Check credentials, policy and clock
 * - `bad_request`, `no_such_route`: this bank does not understand this client
 */
export type RefusalCode = Exclude<ProblemCode, 'unavailable' | 'no_reply'> | 'not_authorized';

/** The address of a Region, in events and failures. */
export interface Endpoint {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** AWS Region, if it was given or is part of the host name. */
  readonly region: string | undefined;
  /** Its name in messages: the Region if it is known, or else the host. */
  readonly name: string;
}

/**
 * Why an attempt gave no answer.
 *
 * - `cannot_connect`, `cannot_sign`: nothing was sent
 * - `queued`: nothing was sent, because other calls were under way (`maxInFlight`, `batchCalls`) until the time of this call was up, or it
 *   was aborted
 * - `unavailable`: the bank answered that it cannot execute the call now
 * - `connection_lost`, `timed_out`: no answer came
 * - `unexpected_answer`: the answer is not one of this bank, or not one to this call
 * - `abandoned`: another attempt of the call was answered first
 * - `aborted`: the call was aborted, or the client closed
 */
export type FailureReason =
  | 'cannot_connect'
  | 'cannot_sign'
  | 'queued'
  | 'connection_lost'
  | 'unavailable'
  | 'unexpected_answer'
  | AttemptEnd;

/** An attempt without an answer, and whether it may have executed the call anyway. */
export interface AttemptFailure {
  /** The endpoint that it was sent to. */
  readonly endpoint: Endpoint;
  /** Why there was no answer. */
  readonly reason: FailureReason;
  /** `no` if this attempt certainly moved nothing and no longer can; `unknown` if it may have, or still may. */
  readonly executed: 'no' | 'unknown';
  /** The underlying error, for a log. Its form may change in any version. */
  readonly cause: unknown;
}
