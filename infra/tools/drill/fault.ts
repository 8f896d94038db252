/** Why a drill could not run, or could not end as it should, for programs. */
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

/** The state of a fault. */
export type FaultState =
  | { readonly kind: 'running' }
  /** It had its effect and is over. */
  | { readonly kind: 'ended' }
  /** It had no effect, or ended early. */
  | { readonly kind: 'failed'; readonly reason: string };

/** A failure that the drill causes for some time. */
export interface Fault {
  readonly name: string;
  /** Starts the fault, or rejects with a `DrillError`. Call `stop` even then, because the fault may have started. */
  start(signal: AbortSignal): Promise<void>;
  /** Ends the fault, whether or not it has started. Rejects with a `DrillError` if the fault may still be active. */
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
