import { type Entry, isSame, type Status, type StatusChange } from './entry.ts';
import { FREEZE_VERSION, KEPT_ENTRIES, MAX_PAGE_ENTRIES } from './limits.ts';
import { isExpired, type Mark, type Marks } from './mark.ts';

/** An account's item: its balance, and the newest entries of its book, oldest first. */
export interface Head extends Marks {
  /** What can be taken out now, in minor units. Undefined until the first deposit: the account exists from then on. */
  readonly balanceMinor: bigint | undefined;
  readonly heldMinor: bigint;
  /** Number of the newest entry, which is the number of all entries of the book. */
  readonly sequence: number;
  /** The entries that are not on pages, oldest first. Most calls do not need them, so a store may decode them at the first access. */
  readonly entries: readonly Entry[];
  /** Number of entries that were moved to pages. */
  readonly turned: number;
  /** Highest key that was moved to a page. */
  readonly watermark: string | undefined;
  readonly status: Status;
  /** Lowest version of the protocol that may write this item. */
  readonly needs: number;
}

/** Entries that were moved from the head to an item of their own. A page never changes. */
export interface Page {
  /** Number of entries before it in the book; its first entry has the next number. */
  readonly start: number;
  /** Balance before its first entry, in minor units. */
  readonly openingMinor: bigint;
  readonly openingHeldMinor: bigint;
  readonly entries: readonly Entry[];
  /** Highest key of this page and of all pages before it. They have no higher key. */
  readonly watermark: string;
}

/** An entry with its place in the book. */
export interface Line {
  readonly entry: Entry;
  /** Its number. The first entry of the book has 1, and there are no gaps. */
  readonly sequence: number;
  /** Balance after the entry, in minor units. */
  readonly balanceMinor: bigint;
  /** Held money after the entry, in minor units. */
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

/** The money of an account at a time: an expired hold counts as available at once. Undefined if the account does not exist. */
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

/** The two counts of marks on a head. A refund under way counts as a transfer. */
export type Counted = 'hold' | 'transfer';

/** What a mark counts as; undefined for a kind that this version does not know. */
export function countedAs({ kind }: Mark): Counted | undefined {
  return kind === 'unknown_kind' ? undefined : kind === 'hold' ? 'hold' : 'transfer';
}

/** The number of holds or transfers on a head. */
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

/** The lines of the head, oldest first. The head has only the balance after the last one; the others follow from it. */
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

/**
 * True after every {@link KEPT_ENTRIES}th entry, once the head is long enough, given that the last write added this many. If it were true
 * after each entry from then on, many functions at once would try to turn the same page.
 */
export function isPageDue(head: Head, added: number): boolean {
  const length = entriesIn(head);
  return length >= 2 * KEPT_ENTRIES && length % KEPT_ENTRIES < added;
}

/**
 * The page of a head's oldest entries: all but the newest {@link KEPT_ENTRIES}, so that the keys of calls in flight are rarely below the
 * watermark.
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
 * True if a page has exactly the oldest entries of a head, so that they can be removed from the head. The watermark must match too: if it
 * were too low, calls with keys of the page could be executed again.
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
