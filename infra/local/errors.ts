import { messageOf } from '../../client/command/describe.ts';

/** Literal by which programs know what went wrong with the local bank. */
export type LocalBankCode =
  | 'bad_argument'
  | 'bundle_failed'
  | 'command_unknown'
  | 'container_failed'
  | 'data_folder_in_use'
  | 'data_folder_unusable'
  | 'data_folder_version'
  | 'download_failed'
  | 'log_failed'
  | 'dynamodb_failed'
  | 'dynamodb_lost'
  | 'no_engine'
  | 'no_engine_no_java'
  | 'no_java'
  | 'not_running'
  | 'port_taken'
  | 'region_failed'
  | 'region_state'
  | 'region_unknown'
  | 'tables_failed'
  | 'unexpected';

/** Something about the local bank that its user can correct; the message is one sentence that says how. */
export class LocalBankError extends Error {
  override readonly name = 'LocalBankError';
  readonly code: LocalBankCode;

  constructor(code: LocalBankCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Brings anything that was thrown into the one form that is shown to people and sent between processes. */
export function toLocalBankError(error: unknown, code: LocalBankCode = 'unexpected'): LocalBankError {
  if (error instanceof LocalBankError) {
    return error;
  }
  return new LocalBankError(code, firstLine(error), { cause: error });
}

/** First line of what was thrown: the rest is usually a stack or a listing, which does not help at a prompt. */
export function firstLine(error: unknown): string {
  return messageOf(error).trim().split('\n', 1)[0] ?? '';
}
