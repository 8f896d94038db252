/** Literal that tells programs why failover could not be measured. */
export type FailoverCode = 'plan_unusable' | 'not_healthy' | 'not_silent' | 'black_hole_leaks' | 'money_lost';

/** Something went wrong with the measurement, and there are no figures; the message is one sentence. */
export class FailoverError extends Error {
  override readonly name = 'FailoverError';
  readonly code: FailoverCode;

  constructor(code: FailoverCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
