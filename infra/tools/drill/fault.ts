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

/** Nothing is done by the drill: somebody else pulls the plug, and puts it back. */
export const noFault: Fault = {
  name: 'none',
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  state: () => Promise.resolve({ kind: 'running' }),
};
