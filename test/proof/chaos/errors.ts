/** Why a run could not be started or finished, for programs. */
type ChaosCode = 'client_broken' | 'report_unwritable' | 'region_lost' | 'given_up' | 'unexpected';

/** A fault of the chaos run itself, not of the bank. The message is one sentence that says what to do. */
export class ChaosError extends Error {
  override readonly name = 'ChaosError';
  readonly code: ChaosCode;

  constructor(code: ChaosCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
