import type { ProblemCode } from './contract.ts';
import type { Endpoint } from './endpoint.ts';
import type { AttemptEnd } from './timers.ts';

/** Codes of the refusals that a caller can be given. `not_authorized` comes from the gateway, before the bank. */
export type RefusalCode = Exclude<ProblemCode, 'unavailable'> | 'not_authorized';

/** Why an attempt gave no answer. */
export type FailureReason =
  | 'cannot_connect'
  | 'cannot_sign'
  | 'connection_lost'
  | 'unavailable'
  | 'unexpected_answer'
  | AttemptEnd;

/** An attempt without an answer, and whether the call may have been executed by it all the same. */
export interface AttemptFailure {
  readonly endpoint: Endpoint;
  readonly reason: FailureReason;
  readonly executed: 'no' | 'unknown';
  readonly cause: unknown;
}

/** A refusal that an endpoint gave. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly detail: string;
  readonly status: number;
}
