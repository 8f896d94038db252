export type * from './answers.ts';
export type { BackoffOptions } from './backoff.ts';
export type * from './call-options.ts';
export { BankClient } from './client.ts';
export type { RecordedCode, RetryWith } from './contract/problems.ts';
export type { Environment } from './environment.ts';
export {
  type BankError,
  InvalidArgumentError,
  OutcomeUnknownError,
  RefusedError,
  UnavailableError,
} from './errors.ts';
export type { BankEvent, BankEventListener } from './events.ts';
export type { AttemptFailure, Endpoint, FailureReason, RefusalCode } from './failure.ts';
export { keyFor, mintKey } from './key.ts';
export type { BankClientOptions, Credentials, EndpointOptions } from './options.ts';
