/** Literal that tells programs why it could not be measured what a death does. */
export type DeathsCode = 'did_not_die' | 'never_answered' | 'wrong_balance';

/** Something went wrong with the measurement, not with what is measured; the message is one sentence. */
export class DeathsError extends Error {
  override readonly name = 'DeathsError';
  readonly code: DeathsCode;

  constructor(code: DeathsCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
