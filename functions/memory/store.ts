import { type Append, guards, type Subject } from '../bank/append.ts';
import { type Head, isPageOf, NO_HEAD, type Page, statusAfter } from '../bank/book.ts';
import { isRegister } from '../bank/key.ts';
import { CACHE_MS, MAX_HEAD_ENTRIES, PROTOCOL_VERSION } from '../bank/limits.ts';
import { isSameMark, type Mark, type Marking, shardOf } from '../bank/mark.ts';
import { isTrueOf } from '../bank/operations/operation.ts';
import type { AccountList, Appended, Cached, DueAccount, DueList, Store } from '../bank/store.ts';

/**
 * The tables of a bank in memory, for a bank without DynamoDB and for simulations. `test/bank/store.test.ts` checks that DynamoDB gives the
 * same results, except for the order of accounts and the length of lists.
 */
export class MemoryStore implements Store {
  readonly heads = new Map<string, Head>();
  readonly pages = new Map<string, Map<number, Page>>();
  readonly cached = new Map<string, { readonly cached: Cached; readonly expiresAtMs: number }>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  head(account: string): Head {
    return this.heads.get(account) ?? NO_HEAD;
  }

  append({ account, entries, guard, conditions, marking, status }: Append): Promise<Appended> {
    const head = this.head(account);
    const written =
      entries.every(({ key }) => guards(guard, key, head)) &&
      head.entries.length + entries.length <= MAX_HEAD_ENTRIES &&
      head.needs <= PROTOCOL_VERSION &&
      conditions.every((each) => isTrueOf(each.predicate, head) === each.expected) &&
      (marking === undefined || canMark(marking, head));
    if (!written) {
      return Promise.resolve({ written, mayArrive: false, head });
    }
    const changeMinor = entries.reduce((sum, entry) => sum + entry.changeMinor, 0n);
    const after: Head = {
      ...head,
      balanceMinor: changeMinor === 0n ? head.balanceMinor : (head.balanceMinor ?? 0n) + changeMinor,
      heldMinor: entries.reduce((sum, entry) => sum + entry.heldChangeMinor, head.heldMinor),
      sequence: head.sequence + entries.length,
      entries: [...head.entries, ...entries],
      ...(marking === undefined ? {} : marked(marking, head)),
      ...(status === undefined ? {} : statusAfter(status, head)),
    };
    this.heads.set(account, after);
    return Promise.resolve({ written, mayArrive: false, head: after });
  }

  readHead(account: string): Promise<Head> {
    return Promise.resolve(this.head(account));
  }

  listAccounts({ after = '', limit }: Parameters<Store['listAccounts']>[0]): Promise<AccountList> {
    const names = [...this.heads.keys()]
      .filter((name) => placeOf(name) > placeOf(after) && !isRegister(name))
      .sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
    const shown = names.slice(0, limit);
    return Promise.resolve({
      accounts: shown.flatMap((account) => {
        const { balanceMinor } = this.head(account);
        return balanceMinor === undefined ? [] : [{ account, balanceMinor }];
      }),
      next: shown.length < names.length ? shown.at(-1) : undefined,
    });
  }

  readPages(
    account: string,
    which: ({ readonly below: number } | { readonly from: number }) & { readonly limit: number },
  ): Promise<readonly Page[]> {
    const all = [...(this.pages.get(account)?.values() ?? [])].sort((one, other) => one.start - other.start);
    const found =
      'below' in which
        ? all.filter(({ start }) => start < which.below).reverse()
        : all.filter(({ start }) => start >= which.from);
    return Promise.resolve(found.slice(0, which.limit));
  }

  findPage({ account, key }: Subject): Promise<number | undefined> {
    const places = [...(this.pages.get(account)?.values() ?? [])]
      .filter(({ watermark }) => watermark >= key)
      .map(({ start }) => start);
    return Promise.resolve(places.length === 0 ? undefined : Math.min(...places));
  }

  putPage(account: string, page: Page): Promise<Page> {
    const pages = this.pages.get(account) ?? new Map<number, Page>();
    this.pages.set(account, pages);
    const there = pages.get(page.start) ?? page;
    pages.set(page.start, there);
    return Promise.resolve(there);
  }

  dropPage(account: string, page: Page): Promise<void> {
    const head = this.head(account);
    const holds =
      head.turned === page.start &&
      head.entries.length >= page.entries.length &&
      head.needs <= PROTOCOL_VERSION;
    if (holds) {
      if (!isPageOf(page, head)) {
        throw new Error(`${account}: the page does not match the entries in the head`);
      }
      this.heads.set(account, {
        ...head,
        entries: head.entries.slice(page.entries.length),
        turned: page.start + page.entries.length,
        watermark: page.watermark,
      });
    }
    return Promise.resolve();
  }

  readCache({ account, key }: Subject): Promise<Cached | undefined> {
    return Promise.resolve(this.cached.get(`${account} ${key}`)?.cached);
  }

  cache(account: string, lines: Parameters<Store['cache']>[1]): Promise<void> {
    for (const line of lines) {
      this.#keep({ account, key: line.entry.key }, { kind: 'line', line });
    }
    return Promise.resolve();
  }

  noteSearch(subject: Subject, searched: Parameters<Store['noteSearch']>[1]): Promise<void> {
    this.#keep(subject, { kind: 'searched', ...searched });
    return Promise.resolve();
  }

  forget({ account, key }: Subject): Promise<void> {
    this.cached.delete(`${account} ${key}`);
    return Promise.resolve();
  }

  listDue({ shard, atMs, latestFirst, after }: Parameters<Store['listDue']>[0]): Promise<DueList> {
    const earlier = (one: DueAccount, other: DueAccount) =>
      one.dueAtMs - other.dueAtMs || (one.account < other.account ? -1 : Number(one.account > other.account));
    const order = (one: DueAccount, other: DueAccount) =>
      latestFirst ? earlier(other, one) : earlier(one, other);
    const due = [...this.heads]
      .flatMap(([account, { dueAtMs }]) =>
        dueAtMs !== undefined && dueAtMs <= atMs && shardOf(account) === shard ? [{ account, dueAtMs }] : [],
      )
      .filter((each) => after === undefined || order(each, after) > 0)
      .sort(order);
    const accounts = due.slice(0, DUE_ACCOUNTS);
    return Promise.resolve({ accounts, next: accounts.length < due.length ? accounts.at(-1) : undefined });
  }

  reschedule(account: string, { sequence, atMs }: Parameters<Store['reschedule']>[1]): Promise<void> {
    const head = this.head(account);
    if (head.sequence === sequence && head.dueAtMs !== undefined && head.needs <= PROTOCOL_VERSION) {
      this.heads.set(account, { ...head, dueAtMs: atMs });
    }
    return Promise.resolve();
  }

  checkHealth(): Promise<void> {
    return Promise.resolve();
  }

  #keep({ account, key }: Subject, cached: Cached): void {
    this.cached.set(`${account} ${key}`, { cached, expiresAtMs: this.#nowMs() + CACHE_MS });
  }
}

/** Due accounts in one answer: few, so that a sweep has to ask more than once. */
const DUE_ACCOUNTS = 2;

/** By how much a write changes the number of marks. */
function openedBy({ changes }: Marking): number {
  return changes.reduce(
    (sum, { before, after }) => sum + (before === undefined ? 1 : 0) - (after === undefined ? 1 : 0),
    0,
  );
}

function canMark(marking: Marking, { marks, dueAtMs }: Head): boolean {
  const { changes, isLast, due } = marking;
  const asSeen = changes.every(
    ({ key, before }) => before === undefined || isSameMark(marks.get(key), before),
  );
  const closes = openedBy(marking) < 0;
  const isTheLast = !closes || (isLast ? marks.size === 1 : marks.size > 1);
  const isInTime =
    due === undefined || dueAtMs === undefined || (due.isEarlier ? dueAtMs >= due.atMs : dueAtMs <= due.atMs);
  return asSeen && isTheLast && isInTime;
}

function marked(marking: Marking, head: Head): Pick<Head, 'marks' | 'dueAtMs'> {
  const { changes, due } = marking;
  const changed = new Map<string, Mark>(head.marks);
  for (const { key, after } of changes) {
    if (after === undefined) {
      changed.delete(key);
    } else {
      changed.set(key, after);
    }
  }
  const marks = new Map([...changed].sort(([one], [other]) => (one < other ? -1 : 1)));
  if (marks.size === 0) {
    return { marks, dueAtMs: undefined };
  }
  if (due === undefined) {
    return { marks, dueAtMs: head.dueAtMs };
  }
  return { marks, dueAtMs: due.isEarlier ? due.atMs : (head.dueAtMs ?? due.atMs) };
}

/** The sort key of an account in lists. DynamoDB lists accounts by a hash, so a test that expects alphabetical order must fail here too. */
function placeOf(account: string): string {
  return [...account].reverse().join('');
}
