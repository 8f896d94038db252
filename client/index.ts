export type {
  AccountsOptions,
  Answered,
  Balance,
  BalanceOptions,
  CallOptions,
  Captured,
  CaptureOptions,
  DepositOptions,
  EntriesOptions,
  Held,
  HoldOptions,
  Holds,
  KeyOutcome,
  ListedAccount,
  ListOptions,
  Moved,
  MoveOptions,
  OutcomeSoFar,
  Refunded,
  RefundOptions,
  Status,
  StatusSet,
  Transferred,
  Voided,
} from './answers.ts';
export type { BackoffOptions } from './backoff.ts';
export { BankClient } from './client.ts';
export type { RetryWith } from './contract/problems.ts';
export type { Endpoint } from './endpoint.ts';
export type { Environment } from './environment.ts';
export {
  type BankError,
  InvalidArgumentError,
  OutcomeUnknownError,
  RefusedError,
  UnavailableError,
} from './errors.ts';
export type { BankEvent, BankEventListener } from './events.ts';
export type { AttemptFailure, FailureReason, RefusalCode } from './failure.ts';
export { keyFor, mintKey } from './key.ts';
export type { BankClientOptions, Credentials, EndpointOptions } from './options.ts';
export type { Entry, ExecutedReceipt, Hold, Receipt, Side } from './read-answer.ts';
