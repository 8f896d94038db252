import type { RegionState } from '../../region.ts';

/** How far the user is with the three steps of a first visit: deposit, kill the first Region, deposit again. */
export interface Steps {
  readonly done: 0 | 1 | 2 | 3;
  readonly isDismissed: boolean;
}

export const NO_STEPS: Steps = { done: 0, isDismissed: false };

/** After a deposit was executed. */
export function afterDeposit(steps: Steps): Steps {
  return steps.done === 0 ? { ...steps, done: 1 } : steps.done === 2 ? { ...steps, done: 3 } : steps;
}

/** The steps after news of the first Region. */
export function afterState(steps: Steps, state: RegionState | undefined): Steps {
  return steps.done === 1 && state === 'down' ? { ...steps, done: 2 } : steps;
}

/** Reads what a browser has remembered. Steps that were all done are not shown on another visit. */
export function readSteps(text: string | null): Steps {
  const [, done = '0', dismissed] = /^([0-3])( dismissed)?$/.exec(text ?? '') ?? [];
  return { done: Number(done) as Steps['done'], isDismissed: dismissed !== undefined || done === '3' };
}

export function writeSteps({ done, isDismissed }: Steps): string {
  return `${done}${isDismissed ? ' dismissed' : ''}`;
}
