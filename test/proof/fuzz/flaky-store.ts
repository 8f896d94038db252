import type { Store } from '../../../functions/bank/store.ts';
import { StoreUnavailableError } from '../../../functions/bank/unavailable.ts';

/** Text that no answer may contain. */
const INSIDE = 'TypeError at Object.write (/var/task/inside.ts:1:1)';

interface FlakyStore extends Store {
  /** How often it has failed. */
  failures: number;
  /** How often it has said of a write that an earlier attempt may still arrive. */
  uncertain: number;
}

/**
 * A store of which a third of the steps fail: before the work, or after it, as when the answer is lost. Only a failure before
 * the work may say that nothing was executed, and an unexpected error says nothing. One write in five is answered with
 * `mayArrive`: an earlier attempt may still arrive.
 */
export function flakyStore(store: Store, chance: () => number): FlakyStore {
  const certain = () => new StoreUnavailableError('no', INSIDE);
  const uncertain = () => new StoreUnavailableError('unknown', INSIDE);
  const unexpected = () => new TypeError(INSIDE);
  const fail = (error: () => Error): never => {
    flaky.failures += 1;
    throw error();
  };
  const failing =
    (step: Step): Step =>
    async (...args) => {
      const luck = chance();
      if (luck < 0.1) {
        fail(certain);
      }
      if (luck < 0.15) {
        fail(uncertain);
      }
      if (luck < 0.2) {
        fail(unexpected);
      }
      const result = await step(...args);
      if (luck < 0.3) {
        fail(uncertain);
      }
      if (luck < 0.35) {
        fail(unexpected);
      }
      return result;
    };
  const append: Store['append'] = async (...args) => {
    const result = await store.append(...args);
    if (chance() < 0.8) {
      return result;
    }
    flaky.uncertain += 1;
    return { ...result, mayArrive: true };
  };
  const steps = Object.entries({ ...store, append }).map(([name, step]) => [name, failing(step as Step)]);
  const flaky: FlakyStore = { failures: 0, uncertain: 0, ...(Object.fromEntries(steps) as Store) };
  return flaky;
}

type Step = (...args: unknown[]) => Promise<unknown>;
