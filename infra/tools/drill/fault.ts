/** Literal by which programs know why a drill could not run, or could not end as it should. */
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

/** How a fault is. */
export type FaultState =
  | { readonly kind: 'running' }
  /** It went as it was meant to. */
  | { readonly kind: 'ended' }
  /** It never took hold, or broke off. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Something that goes wrong on purpose, for some time. */
export interface Fault {
  readonly name: string;
  /** Begins. Rejects with a `DrillError` when it does not; even then it must be stopped, since it may have begun. */
  start(signal: AbortSignal): Promise<void>;
  /** Makes sure that it is over, whether or not it has begun. Rejects with a `DrillError` when it may go on. */
  stop(): Promise<void>;
  state(): Promise<FaultState>;
}

/** The drill injects nothing: its user causes the failure, and ends it. */
export const noFault: Fault = {
  name: 'none',
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  state: () => Promise.resolve({ kind: 'running' }),
};
