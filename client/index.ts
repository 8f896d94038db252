export type { Balance, CallOptions, KeyOutcome, Moved, MoveOptions, OutcomeSoFar } from './answers.ts';
export type { AttemptFailure, FailureReason } from './attempt.ts';
export { BankClient } from './client.ts';
export {
  type BankError,
  InvalidArgumentError,
  OutcomeUnknownError,
  type RefusalCode,
  RefusedError,
  UnavailableError,
} from './errors.ts';
export type { BankEvent, BankEventListener } from './events.ts';
export { mintKey } from './key.ts';
export type { BankClientOptions, Credentials, Endpoint, EndpointOptions } from './options.ts';
