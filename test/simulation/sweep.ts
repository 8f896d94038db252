import type { Store } from '../../functions/core/store.ts';
import type { SweepStore } from '../../functions/core/sweep.ts';
import type { Tables } from './table.ts';

/** The store of a sweep that goes through all accounts on one page. */
export function sweepStoreOf(store: Store, tables: Tables): SweepStore {
  return {
    archive: store.archive,
    dropArchived: store.dropArchived,
    remove: store.remove,
    scan: () =>
      Promise.resolve({ accounts: new Map(tables.accounts.accounts), next: undefined, readUnits: 1 }),
    loadCursor: () => Promise.resolve(undefined),
    saveCursor: () => Promise.resolve(),
  };
}
