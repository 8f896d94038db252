import type { Page } from '../../../functions/bank/book.ts';
import type { Entry } from '../../../functions/bank/entry.ts';
import type { Store } from '../../../functions/bank/store.ts';
import { encodeEntry } from '../../../functions/dynamodb/entry-text.ts';
import type { RegionName } from './faults.ts';

/**
 * Two versions of the function side by side, as during a rollout. The newer one writes half of its entries as a kind that the
 * older one does not know and cannot read. The tables hold the same entries for both.
 */
export class Rollout {
  readonly #newerIn: Set<RegionName>;
  readonly #unknown = new WeakSet<Entry>();
  readonly #unread = new WeakMap<Entry, Entry>();

  constructor(newerIn: readonly RegionName[]) {
    this.#newerIn = new Set(newerIn);
  }

  /** The newer version is everywhere. */
  finish(regions: readonly RegionName[]): void {
    for (const region of regions) {
      this.#newerIn.add(region);
    }
  }

  /** The tables as the function of a Region reads and writes them. */
  storeFor(region: RegionName, store: Store): Store {
    if (!this.#newerIn.has(region)) {
      return this.#older(store);
    }
    return {
      ...store,
      append: (append, signal) => {
        for (const entry of append.entries.filter(isOfNewKind)) {
          this.#unknown.add(entry);
        }
        return store.append(append, signal);
      },
    };
  }

  #older(store: Store): Store {
    const hide = (entry: Entry) => this.#hide(entry);
    const show = (entry: Entry) => this.#unread.get(entry) ?? entry;
    const each = (page: Page, change: (entry: Entry) => Entry) => ({
      ...page,
      entries: page.entries.map(change),
    });
    return {
      ...store,
      append: async (append, signal) => {
        const { head, ...result } = await store.append(append, signal);
        return { ...result, head: { ...head, entries: head.entries.map(hide) } };
      },
      readHead: async (account, signal) => {
        const head = await store.readHead(account, signal);
        return { ...head, entries: head.entries.map(hide) };
      },
      readPages: async (account, which, signal) =>
        (await store.readPages(account, which, signal)).map((page) => each(page, hide)),
      putPage: async (account, page, signal) =>
        each(await store.putPage(account, each(page, show), signal), hide),
      dropPage: (account, page, signal) => store.dropPage(account, each(page, show), signal),
      readCache: async (subject, signal) => {
        const cached = await store.readCache(subject, signal);
        if (cached?.kind !== 'line') {
          return cached;
        }
        return { kind: 'line', line: { ...cached.line, entry: hide(cached.line.entry) } };
      },
    };
  }

  #hide(entry: Entry): Entry {
    if (!this.#unknown.has(entry)) {
      return entry;
    }
    const hidden: Entry = {
      ...entry,
      mayRetry: false,
      body: { kind: 'unknown_kind', text: encodeEntry(entry) },
    };
    this.#unread.set(hidden, entry);
    return hidden;
  }
}

function isOfNewKind({ key, body }: Entry): boolean {
  return body.kind !== 'cancelled' && /[02468ace]$/.test(key);
}
