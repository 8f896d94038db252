/** Literal for programs: why the bank could not be deployed to the emulator, or what it did wrong there. */
type EmulatedCode =
  | 'emulator_missing'
  | 'emulator_failed'
  | 'program_failed'
  | 'request_failed'
  | 'wrong_answer';

/** The bank did not do on the emulator what it should have; the message says what was expected and what came. */
export class EmulatedError extends Error {
  override readonly name = 'EmulatedError';
  readonly code: EmulatedCode;

  constructor(code: EmulatedCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
