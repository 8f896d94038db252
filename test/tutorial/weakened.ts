import type { Store } from '../../functions/core/store.ts';

/** A store with one of its guards taken away. The bank itself has no such switch: these are wrapped around its store. */
export type Weaken = (store: Store) => Store;

/** Forgets each reply as soon as it is recorded. */
export const withoutReplies: Weaken = (store) => ({
  ...store,
  write: async (change, signal) => {
    const result = await store.write(change, signal);
    await store.acknowledge(change.call.account, [change.call.key], signal);
    return result;
  },
});

/** Answers a refusal without writing it down. */
export const withoutRefusals: Weaken = (store) => ({
  ...store,
  write: (change, signal) => {
    if (change.kind !== 'refuse') return store.write(change, signal);
    const { move, amountMinor } = change.call;
    return Promise.resolve({
      written: true,
      recorded: { kind: 'call', move, amountMinor, reply: { kind: 'refused', code: change.code } },
      account: undefined,
      mayStillBeWritten: false,
    });
  },
});

/** Lets replies leave the account as the tutorial of 2003 does: deleted, with no watermark above them and no archive. */
export const withDeletedTags: Weaken = (store) => ({
  ...store,
  archive: () => Promise.resolve(),
  dropArchived: async (account, keys, signal) => {
    await store.acknowledge(account, keys, signal);
  },
});
