import { KEPT_ENTRIES } from '../../../functions/bank/limits.ts';
import { DEFAULT_CLIENT_LIMITS } from '../../../functions/dynamodb/client.ts';
import { adviceOn } from './advice.ts';
import { GrowthError } from './errors.ts';
import type { SeenHead } from './heads.ts';

/**
 * Write units a second of one partition, however the table is paid for. An account is one item and an item lies in one
 * partition; DynamoDB may give a busy item a partition to itself, which has the same limit.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
 */
export const PARTITION_WRITE_UNITS_PER_SECOND = 1000;

/** Bytes of an item that one write unit pays for. */
const WRITE_UNIT_BYTES = 1024;

/**
 * How long a strongly consistent write is taken to last: there and back to the nearest other Region of the table, between
 * us-east-1 and us-east-2, and nothing else. AWS publishes no figure, only that a write is in another Region before it is
 * answered. Not measured.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
 */
export const ASSUMED_WRITE_MS = { least: 15, most: 25 } as const;

/** Writes that a page takes to be turned: the page, and then the head that it leaves. */
const WRITES_TO_TURN = 2;

/** A figure at both ends of what is assumed. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** Writes of the other Region, and what they do to an attempt in this one. */
export interface Conflicts {
  readonly otherWritesPerSecond: number;
  /** The part of attempts that is turned away. */
  readonly rejected: number;
  /** The part of calls whose attempts are all turned away: a 503, certainly not executed. */
  readonly unanswered: number;
}

/** What one account can take, worked out and not measured on AWS. */
export interface HotAccount {
  /** Bytes of a head without entries, and of each entry with its key, as they were measured. */
  readonly emptyBytes: number;
  readonly bytesPerEntry: number;
  readonly assumedWriteMs: Range;
  readonly callsPerSecond: Range;
  /** Calls a second if DynamoDB took no write of an item before the one before it was in another Region. Not documented. */
  readonly oneAtATimePerSecond: Range;
  readonly conflicts: readonly Conflicts[];
  readonly advice: readonly string[];
}

/**
 * Works out what one account takes on a table that is strongly consistent across Regions.
 *
 * A write takes one unit for each begun 1,024 bytes of the head. The head grows to twice the entries that stay on it, then
 * by those that come while a page is turned: at X calls a second and W seconds for it these are X * W (Little's law),
 * which make every write dearer. So the rate is the greatest X at which X times the units of such a write, one in ten of
 * which is followed by the write that takes a page off, stay within what one partition does in a second. A caller that
 * waits for its answers makes one call per write time and no more, but that bounds the caller, not the account: others
 * call meanwhile.
 *
 * Unused capacity of five minutes, which DynamoDB lends to bursts, is not counted, because it does not last.
 */
export function hotAccountOf(seen: readonly SeenHead[]): HotAccount {
  const item = itemOf(seen);
  const rangeOf = (at: (writeMs: number) => number): Range => ({
    least: at(ASSUMED_WRITE_MS.most),
    most: at(ASSUMED_WRITE_MS.least),
  });
  const facts = {
    ...item,
    assumedWriteMs: ASSUMED_WRITE_MS,
    callsPerSecond: rangeOf((writeMs) => sustainedPerSecond(item, writeMs)),
    oneAtATimePerSecond: rangeOf((writeMs) => 1000 / writeMs),
    conflicts: [1, 10, 100].map((writes) => conflictsWith(writes, ASSUMED_WRITE_MS.most)),
  };
  return { ...facts, advice: adviceOn(facts) };
}

type Item = Pick<HotAccount, 'emptyBytes' | 'bytesPerEntry'>;

/** The line through the smallest and the largest head: each entry adds as much. */
function itemOf(seen: readonly SeenHead[]): Item {
  const sorted = seen.toSorted((one, other) => one.entries - other.entries);
  const [smallest, largest] = [sorted[0], sorted.at(-1)];
  if (smallest === undefined || largest === undefined || smallest.entries === largest.entries) {
    throw new GrowthError(
      'plan_unusable',
      'Two heads with different numbers of entries tell what one weighs.',
    );
  }
  const bytesPerEntry = (largest.itemBytes - smallest.itemBytes) / (largest.entries - smallest.entries);
  return { bytesPerEntry, emptyBytes: smallest.itemBytes - bytesPerEntry * smallest.entries };
}

/** In tenths of a call a second, which are the steps that are tried. */
function sustainedPerSecond(item: Item, writeMs: number): number {
  const fits = (tenths: number) => {
    const perSecond = tenths / 10;
    const entries = 2 * KEPT_ENTRIES + (perSecond * WRITES_TO_TURN * writeMs) / 1000;
    const units = Math.ceil((item.emptyBytes + entries * item.bytesPerEntry) / WRITE_UNIT_BYTES);
    return perSecond * (1 + 1 / KEPT_ENTRIES) * units <= PARTITION_WRITE_UNITS_PER_SECOND;
  };
  let tenths = 0;
  // A rate above one that does not fit does not fit either.
  while (fits(tenths + 1)) tenths += 1;
  return tenths / 10;
}

/**
 * What the other Region's writes of the same item do to an attempt. DynamoDB turns a write away while a request in another
 * Region modifies the item (`ReplicatedWriteConflictException`), and the SDK sends it again. How often is not documented;
 * this takes the other's writes to come at random (Poisson), each to be in the way for as long as a write lasts, and
 * attempts to be independent of each other.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
 */
function conflictsWith(otherWritesPerSecond: number, writeMs: number): Conflicts {
  const rejected = 1 - Math.exp((-otherWritesPerSecond * writeMs) / 1000);
  return { otherWritesPerSecond, rejected, unanswered: rejected ** DEFAULT_CLIENT_LIMITS.maxAttempts };
}
