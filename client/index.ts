export type {
  AccountsOptions,
  Answered,
  Balance,
  BalanceOptions,
  CallOptions,
  CancelledOutcome,
  Captured,
  CaptureOptions,
  DepositOptions,
  EntriesOptions,
  ExecutedOutcome,
  Held,
  HoldOptions,
  Holds,
  KeyOutcome,
  ListedAccount,
  ListOptions,
  Moved,
  MoveOptions,
  NoOutcome,
  OutcomeSoFar,
  PendingOutcome,
  Refunded,
  RefundOptions,
  RefusedOutcome,
  Status,
  StatusSet,
  Transferred,
  Voided,
} from './answers.ts';
export type { BackoffOptions } from './backoff.ts';
export { BankClient } from './client.ts';
export type { RecordedCode, RetryWith } from './contract/problems.ts';
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
