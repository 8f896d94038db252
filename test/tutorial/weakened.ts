import type { Head } from '../../functions/bank/book.ts';
import type { Append } from '../../functions/bank/decide.ts';
import type { Store } from '../../functions/bank/store.ts';
import { newKey } from '../support/keys.ts';

/** A store with one of its guards taken away. The bank itself has no such switch: these are wrapped around its store. */
export type Weaken = (store: Store) => Store;

/** Below every key. */
const LOWEST_KEY = '00000000-0000-7000-8000-000000000000';

/** Moves the money under a key that nobody has, so that no retry finds what its own key was answered. */
export const withoutReplies: Weaken = (store) => ({
  ...store,
  append: async (append, signal) => {
    const { entry } = append;
    const unknown = { ...entry, key: newKey() };
    const result = await store.append({ ...append, entry: unknown }, signal);
    return result.written ? { ...result, head: withLast(result.head, entry) } : result;
  },
});

function withLast(head: Head, entry: Append['entry']): Head {
  return { ...head, entries: [...head.entries.slice(0, -1), entry] };
}

/** Answers a refusal without writing it down. */
export const withoutRefusals: Weaken = (store) => ({
  ...store,
  append: async (append, signal) => {
    if (append.entry.body.kind !== 'refused') {
      return await store.append(append, signal);
    }
    const head = await store.readHead(append.account, signal);
    return { written: true, mayArrive: false, head: { ...head, entries: [...head.entries, append.entry] } };
  },
});

/** Deletes the entry when the client has the reply, as the tutorial of 2003 does with its tag: no page has it, and no watermark. */
export const withDeletedTags: Weaken = (store) => ({
  ...store,
  forget: async ({ account, key }, signal) => {
    const { turned, entries } = await store.readHead(account, signal);
    const upToKey = entries.slice(0, entries.findIndex((entry) => entry.key === key) + 1);
    const page = { start: turned, openingMinor: 0n, openingHeldMinor: 0n, entries: upToKey };
    await store.dropPage(account, { ...page, watermark: LOWEST_KEY }, signal);
  },
});
