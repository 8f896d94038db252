import { type Entry, isSame, type Status, type StatusChange } from './entry.ts';
import { FREEZE_VERSION, KEPT_ENTRIES, MAX_PAGE_ENTRIES } from './limits.ts';
import { isExpired, type Mark } from './mark.ts';

/** An account's item: its balance, and the newest entries of its book, oldest first. */
export interface Head {
  /** What can be taken out now, in minor units. Undefined until the first deposit: the account exists from then on. */
  readonly balanceMinor: bigint | undefined;
  readonly heldMinor: bigint;
  /** Number of the newest entry, and so of all that the book has. */
  readonly sequence: number;
  /** Those that have not left for pages, oldest first. The common call does not look at them, so a store may read them when it is asked. */
  readonly entries: readonly Entry[];
  /** Number of entries that have left for pages. */
  readonly turned: number;
  /** Highest key that has left for a page. */
  readonly watermark: string | undefined;
  /** Holds, transfers and refunds that have not ended, by the keys of the calls that began them, and in their order. */
  readonly marks: ReadonlyMap<string, Mark>;
  readonly status: Status;
  /** When the sweep has to look at the marks, in milliseconds since 1970; undefined where there are none. */
  readonly dueAtMs: number | undefined;
  /** Lowest version of the protocol that may write this item. */
  readonly needs: number;
}

/** Entries that have left the head. A page never changes. */
export interface Page {
  /** Number of entries before it in the book; its first entry has the sequence number after that. */
  readonly start: number;
  /** Balance before its first entry, in minor units. */
  readonly openingMinor: bigint;
  readonly openingHeldMinor: bigint;
  readonly entries: readonly Entry[];
  /** Highest key of this page and of all pages before it. A key above it is on none of them. */
  readonly watermark: string;
}

/** An entry in its place in the book. */
export interface Line {
  readonly entry: Entry;
  /** Its number: the book's first entry has 1, and none is left out. */
  readonly sequence: number;
  /** Balance after it, in minor units. */
  readonly balanceMinor: bigint;
  /** What is held after it, in minor units. */
  readonly heldMinor: bigint;
}

/** An account's money: what can be taken out, and what is held. */
export type Money = Pick<Line, 'balanceMinor' | 'heldMinor'>;

/** The head of an account that has no item. */
export const NO_HEAD: Head = {
  balanceMinor: undefined,
  heldMinor: 0n,
  sequence: 0,
  entries: [],
  turned: 0,
  watermark: undefined,
  marks: new Map(),
  status: { debits: 'open', credits: 'open' },
  dueAtMs: undefined,
  needs: 1,
};

/** What a head's account has at a moment: a hold that has expired counts as available at once. Undefined for no account. */
export function moneyOf({ balanceMinor, heldMinor, marks }: Head, nowMs: number): Money | undefined {
  if (balanceMinor === undefined) {
    return undefined;
  }
  const expiredMinor = [...marks.values()].reduce(
    (sum, mark) => (isExpired(mark, nowMs) ? sum + mark.remainingMinor : sum),
    0n,
  );
  return { balanceMinor: balanceMinor + expiredMinor, heldMinor: heldMinor - expiredMinor };
}

/** What marks are counted as. A refund under way is one of the transfers. */
export type Counted = 'hold' | 'transfer';

/** What a mark counts as; undefined for one that this version cannot read. */
export function countedAs({ kind }: Mark): Counted | undefined {
  return kind === 'unknown_kind' ? undefined : kind === 'hold' ? 'hold' : 'transfer';
}

/** How many marks of a kind a head has. */
export function countOf(counted: Counted, { marks }: Head): number {
  return [...marks.values()].filter((mark) => countedAs(mark) === counted).length;
}

/**
 * The status after a change, and the version that may write the item: while a side is frozen, a version that does not know of freezes may
 * not. Only a call that opens both sides lets it write again.
 */
export function statusAfter(
  { debits, credits }: StatusChange,
  { status, needs }: Pick<Head, 'status' | 'needs'>,
): Pick<Head, 'status' | 'needs'> {
  const opensBoth = debits === 'open' && credits === 'open';
  return {
    status: { debits: debits ?? status.debits, credits: credits ?? status.credits },
    needs: debits === 'frozen' || credits === 'frozen' ? FREEZE_VERSION : opensBoth ? NO_HEAD.needs : needs,
  };
}

/** True for a key that may be on a page. */
export function isAtOrBelow(key: string, watermark: string | undefined): boolean {
  return watermark !== undefined && key <= watermark;
}

/** The lines of the head, oldest first. The head does not hold their balances: they follow from the one after them all. */
export function linesOfHead(head: Head): readonly Line[] {
  return linesFrom(head.turned, openingOf(head), head.entries);
}

/** The lines of a page, oldest first. */
export function linesOfPage({ start, openingMinor, openingHeldMinor, entries }: Page): readonly Line[] {
  return linesFrom(start, { balanceMinor: openingMinor, heldMinor: openingHeldMinor }, entries);
}

/** The line of a key, if it is among these. */
export function lineOf(lines: readonly Line[], key: string): Line | undefined {
  return lines.find(({ entry }) => entry.key === key);
}

/** How many entries a head has. */
export function entriesIn({ sequence, turned }: Head): number {
  return sequence - turned;
}

/** True for the one write in {@link KEPT_ENTRIES} whose function turns a page. If each one above a length did, many callers at once would get in each other's way. */
export function isPageDue(head: Head): boolean {
  const length = entriesIn(head);
  return length >= 2 * KEPT_ENTRIES && length % KEPT_ENTRIES === 0;
}

/**
 * The page that a head's oldest entries make: all but the newest {@link KEPT_ENTRIES}, which stay so that callers who
 * run side by side do not fall below the watermark.
 */
export function pageOf(head: Head): Page {
  return pageWith(head, Math.min(head.entries.length - KEPT_ENTRIES, MAX_PAGE_ENTRIES));
}

function pageWith(head: Head, count: number): Page {
  const entries = head.entries.slice(0, count);
  const { balanceMinor, heldMinor } = openingOf(head);
  return {
    start: head.turned,
    openingMinor: balanceMinor,
    openingHeldMinor: heldMinor,
    entries,
    watermark: highest([
      ...(head.watermark === undefined ? [] : [head.watermark]),
      ...entries.map(({ key }) => key),
    ]),
  };
}

/**
 * True when a page holds exactly the oldest entries of a head, and so may take their place. Its watermark counts as much as its
 * entries: one that is too low would let keys of the page be executed again.
 */
export function isPageOf(page: Page, head: Head): boolean {
  const own = pageWith(head, page.entries.length);
  return (
    page.start === own.start &&
    page.openingMinor === own.openingMinor &&
    page.openingHeldMinor === own.openingHeldMinor &&
    page.watermark === own.watermark &&
    page.entries.length === own.entries.length &&
    page.entries.every((entry, index) => isSameEntry(entry, own.entries[index]))
  );
}

function isSameEntry(one: Entry, other: Entry | undefined): boolean {
  return (
    one.key === other?.key &&
    one.changeMinor === other.changeMinor &&
    one.heldChangeMinor === other.heldChangeMinor &&
    one.atMs === other.atMs &&
    isSame(one.body, other.body)
  );
}

function openingOf({ balanceMinor = 0n, heldMinor, entries }: Head): Money {
  return {
    balanceMinor: entries.reduce((sum, { changeMinor }) => sum - changeMinor, balanceMinor),
    heldMinor: entries.reduce((sum, { heldChangeMinor }) => sum - heldChangeMinor, heldMinor),
  };
}

function linesFrom(before: number, opening: Money, entries: readonly Entry[]): readonly Line[] {
  let { balanceMinor, heldMinor } = opening;
  return entries.map((entry, index) => {
    balanceMinor += entry.changeMinor;
    heldMinor += entry.heldChangeMinor;
    return { entry, sequence: before + index + 1, balanceMinor, heldMinor };
  });
}

function highest(keys: readonly string[]): string {
  return keys.reduce((one, other) => (one > other ? one : other));
}
