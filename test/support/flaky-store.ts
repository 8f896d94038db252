import { type Store, StoreUnavailableError } from '../../functions/core/store.ts';

/** What nobody outside may read. */
const INSIDE = 'TypeError at Object.write (/var/task/inside.ts:1:1)';

/** A store that fails now and then. */
export interface FlakyStore extends Store {
  /** How often it has failed. */
  failures: number;
  /** How often it has said of a write that an earlier one of the same call may still arrive. */
  unsettled: number;
}

/**
 * A store whose every other step, or so, fails: before it did anything, or after it has done it, as when the answer is
 * lost. Only before may it say that nothing has happened, and an error that nobody thought of says nothing at all.
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
    <Args extends unknown[], Result>(step: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      const luck = chance();
      if (luck < 0.1) fail(certain);
      if (luck < 0.15) fail(uncertain);
      if (luck < 0.2) fail(unexpected);
      const result = await step(...args);
      if (luck < 0.3) fail(uncertain);
      if (luck < 0.35) fail(unexpected);
      return result;
    };
  const flaky: FlakyStore = {
    failures: 0,
    unsettled: 0,
    write: failing(async (...args) => {
      const result = await store.write(...args);
      if (chance() < 0.8) return result;
      flaky.unsettled += 1;
      return { ...result, mayStillBeWritten: true };
    }),
    acknowledge: failing(store.acknowledge),
    markFull: failing(store.markFull),
    read: failing(store.read),
    readArchived: failing(store.readArchived),
    archive: failing(store.archive),
    dropArchived: failing(store.dropArchived),
    remove: failing(store.remove),
    checkHealth: failing(store.checkHealth),
  };
  return flaky;
}
