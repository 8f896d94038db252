import { type Store, StoreUnavailableError } from '../../functions/core/store.ts';

/** What nobody outside may read. */
const INSIDE = 'TypeError at Object.write (/var/task/inside.ts:1:1)';

/** A store that fails now and then, and counts how often. */
export interface FlakyStore extends Store {
  failures: number;
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
    write: failing(store.write),
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
