/** Literal that tells programs why a drill could not run, or not end as it should. */
export type DrillCode =
  | 'bank_not_whole'
  | 'fault_failed'
  | 'fault_not_stopped'
  | 'fis_refused'
  | 'fis_unreachable'
  | 'unexpected';

/** A drill could not run or end as it should. The message is one sentence that says what to do. */
export class DrillError extends Error {
  override readonly name = 'DrillError';
  readonly code: DrillCode;

  constructor(code: DrillCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
