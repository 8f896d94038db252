/** Growth could not be measured, or not as it was meant to. */
export class GrowthError extends Error {
  readonly code: 'plan_unusable' | 'not_filled' | 'not_executed' | 'not_as_grown';

  constructor(code: GrowthError['code'], message: string) {
    super(message);
    this.name = 'GrowthError';
    this.code = code;
  }
}
