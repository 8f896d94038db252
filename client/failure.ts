import type { ProblemCode } from './contract/problems.ts';
import type { AttemptEnd } from './timers.ts';

/**
 * Codes of the refusals that a caller can be given. None of them moves money.
 *
 * `not_enough_money`, `no_such_account` (of a deposit only if the account must exist), `no_such_destination` and
 * `balance_too_large` (of a transfer: its money is in the balance of the payer again), `no_such_hold`, `hold_exceeded` (the hold is as it
 * was), `hold_captured`, `hold_voided`, `hold_expired` (it has ended), `too_many_open` (100 open holds), `account_frozen`,
 * `destination_frozen` (of a transfer, as above), `no_such_call`, `not_refundable`, `refund_exceeded` (of a refund), `key_expired` (a key of more than 30 days, or from before the bank was restored, that was never used): recorded under the key,
 * and final; {@link RefusedError.retryWith} says whether a new key can succeed. `cancelled`: the key was cancelled and never executes. `key_reused`: the key belongs
 * to another call, whose outcome does not change; use a new one. `key_in_future`: the key's time is more than 5 minutes ahead of the
 * bank's; mend the clock. `not_authorized`: comes from the gateway of every Region that could be asked, before the bank; check
 * credentials, policy and clock. `bad_request`, `no_such_route`: the client and this bank do not understand each other.
 */
export type RefusalCode = Exclude<ProblemCode, 'unavailable' | 'no_reply'> | 'not_authorized';

/** A Region's address, as events and failures name it. */
export interface Endpoint {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** AWS Region, when it was given or can be read from the host name. */
  readonly region: string | undefined;
  /** What to call it in messages: its Region if known, else its host. */
  readonly name: string;
}

/**
 * Why an attempt gave no answer.
 *
 * `cannot_connect`, `cannot_sign`: nothing was sent. `queued`: nothing was sent either; the client had `maxInFlight` calls under
 * way, and this one's turn did not come before its time was up, or its caller gave it up. `unavailable`: the bank said that it could not do it now.
 * `connection_lost`, `timed_out`: no answer came. `unexpected_answer`: something answered that is not this bank, or not to
 * this call. `abandoned`: another attempt of the call was answered first. `aborted`: the caller gave the call up, or closed the
 * client.
 */
export type FailureReason =
  | 'cannot_connect'
  | 'cannot_sign'
  | 'queued'
  | 'connection_lost'
  | 'unavailable'
  | 'unexpected_answer'
  | AttemptEnd;

/** An attempt without an answer, and whether the call may have been executed by it all the same. */
export interface AttemptFailure {
  /** Where it went. */
  readonly endpoint: Endpoint;
  /** Why there was no answer. */
  readonly reason: FailureReason;
  /** `no` when this attempt certainly moved nothing and cannot any more, `unknown` when it may have or may yet. */
  readonly executed: 'no' | 'unknown';
  /** What was thrown below, for a log. Its form is not promised. */
  readonly cause: unknown;
}
