/** Literal that tells programs why a drill could not be held, or not be ended as it should. */
export type DrillCode =
  | 'bank_not_whole'
  | 'fault_failed'
  | 'fault_not_stopped'
  | 'fis_refused'
  | 'fis_unreachable'
  | 'unexpected';

/** Something about a drill that whoever holds it has to know; the message is one sentence that says what to do. */
export class DrillError extends Error {
  override readonly name = 'DrillError';
  readonly code: DrillCode;

  constructor(code: DrillCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
