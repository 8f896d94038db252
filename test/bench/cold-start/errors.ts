/** Literal that tells programs why a cold start could not be measured. */
export type ColdStartCode = 'no_answer' | 'wrong_answer';

/** Something that makes the times of a start worthless; the message is one sentence. */
export class ColdStartError extends Error {
  override readonly name = 'ColdStartError';
  readonly code: ColdStartCode;

  constructor(code: ColdStartCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
