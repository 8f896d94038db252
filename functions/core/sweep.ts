import type { Account } from './account.ts';
import { moveToArchive, oldReplies } from './archive.ts';
import { keyTimeMs } from './key.ts';
import { REMOVAL_MARGIN_MS, RETENTION_MS } from './limits.ts';
import { type Store, StoreUnavailableError } from './store.ts';

/** Some accounts of a segment, and where the next ones begin. */
export interface Page {
  readonly accounts: ReadonlyMap<string, Account>;
  /** Undefined when the segment is at its end. */
  readonly next: string | undefined;
  /** Read units that the page took. */
  readonly readUnits: number;
}

/** One of the parts that the table is scanned in, side by side. */
export interface Segment {
  readonly number: number;
  readonly of: number;
}

/** What the sweep needs of a store. */
export interface SweepStore extends Pick<Store, 'archive' | 'dropArchived' | 'remove'> {
  /** Reads the next accounts of a segment. May be a little behind: whatever follows from it is a conditional write. */
  scan(segment: Segment, from: string | undefined, signal: AbortSignal): Promise<Page>;
  /** Where the last sweep of the segment stopped; undefined when it begins anew. */
  loadCursor(segment: Segment, signal: AbortSignal): Promise<string | undefined>;
  saveCursor(segment: Segment, cursor: string | undefined, signal: AbortSignal): Promise<void>;
}

/** What a sweep did. */
export interface SweepReport {
  readonly accounts: number;
  readonly readUnits: number;
  /** Replies that were moved to the archive. */
  readonly archived: number;
  /** Items of accounts that never existed, removed. */
  readonly removed: number;
  /** Segments that came to their end; the others go on where they stopped, next time. */
  readonly finished: number;
  /** Accounts and pages that could not be worked on; they come again in the next pass. */
  readonly failures: number;
}

/** What a sweep is made of. */
export interface SweepParts {
  readonly store: SweepStore;
  readonly segments: number;
  readonly nowMs: () => number;
  /** False when the sweep should come to its end. Asked before each page and each account. */
  readonly hasTime: () => boolean;
  readonly signal: AbortSignal;
}

/** What tidying one account takes. */
export interface TidyParts extends Pick<SweepParts, 'nowMs' | 'signal'> {
  readonly store: Pick<SweepStore, 'archive' | 'dropArchived' | 'remove'>;
}

/**
 * Goes through all accounts and does what no call has come by to do: archives old replies of idle accounts, and removes
 * what is left of accounts that never existed. It may be ended at any point and go on later.
 */
export async function sweep(parts: SweepParts): Promise<SweepReport> {
  const numbers = Array.from({ length: parts.segments }, (_, number) => number);
  const reports = await Promise.all(
    numbers.map((number) => sweepSegment({ number, of: parts.segments }, parts)),
  );
  return reports.reduce(add, NOTHING);
}

const NOTHING: SweepReport = {
  accounts: 0,
  readUnits: 0,
  archived: 0,
  removed: 0,
  finished: 0,
  failures: 0,
};

function add(one: SweepReport, other: Partial<SweepReport>): SweepReport {
  const names = Object.keys(NOTHING) as (keyof SweepReport)[];
  return Object.assign({}, ...names.map((name) => ({ [name]: one[name] + (other[name] ?? 0) })));
}

async function sweepSegment(segment: Segment, parts: SweepParts): Promise<SweepReport> {
  const { store, hasTime, signal } = parts;
  let report = NOTHING;
  try {
    let cursor = await store.loadCursor(segment, signal);
    while (hasTime()) {
      const page = await store.scan(segment, cursor, signal);
      report = add(report, { readUnits: page.readUnits });
      let last = cursor;
      for (const [name, account] of page.accounts) {
        if (!hasTime()) {
          // The next sweep goes on behind the last account that this one came to.
          await store.saveCursor(segment, last, signal);
          return report;
        }
        report = add(report, { accounts: 1, ...(await tidy(name, account, parts)) });
        last = name;
      }
      cursor = page.next;
      // Saved after each page, so that a sweep which is ended hard does not begin anew for ever.
      await store.saveCursor(segment, cursor, signal);
      if (cursor === undefined) {
        return add(report, { finished: 1 });
      }
    }
    return report;
  } catch (error) {
    return countFailure(error, report);
  }
}

/** Does what is due on one account. One that fails does not keep the others from being tidied. */
export async function tidy(
  name: string,
  account: Account,
  { store, nowMs, signal }: TidyParts,
): Promise<Partial<SweepReport>> {
  try {
    if (account.balanceMinor === undefined) {
      const isDue = youngestMs(account) < nowMs() - RETENTION_MS - REMOVAL_MARGIN_MS;
      return isDue && (await store.remove(name, account, signal)) ? { removed: 1 } : {};
    }
    return { archived: await archiveAll(name, account, { store, nowMs, signal }) };
  } catch (error) {
    return countFailure(error, NOTHING);
  }
}

async function archiveAll(
  name: string,
  account: Account,
  { store, nowMs, signal }: TidyParts,
): Promise<number> {
  const left = new Map(account.recorded);
  let archived = 0;
  for (;;) {
    const old = oldReplies({ ...account, recorded: left }, nowMs());
    if (old.size === 0) {
      return archived;
    }
    await moveToArchive(store, name, old, signal);
    for (const key of old.keys()) {
      left.delete(key);
    }
    archived += old.size;
  }
}

/** The time of the youngest key that the item knows of. */
function youngestMs({ recorded, watermark }: Account): number {
  const keys = [...recorded.keys(), ...(watermark === undefined ? [] : [watermark])];
  return Math.max(0, ...keys.map(keyTimeMs));
}

function countFailure(error: unknown, report: SweepReport): SweepReport {
  if (error instanceof StoreUnavailableError) {
    return add(report, { failures: 1 });
  }
  throw error;
}
