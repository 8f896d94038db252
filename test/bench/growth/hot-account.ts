import { ARCHIVE_AGE_MS, ARCHIVE_BATCH, MAX_REMEMBERED_REPLIES } from '../../../functions/core/limits.ts';
import { DEFAULT_CLIENT_LIMITS } from '../../../functions/store/client.ts';
import { adviceOn } from './advice.ts';
import { GrowthError } from './errors.ts';

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

/** `acknowledgeAfterMs` of a client by default. */
const QUIET_MS = 1000;

/** What becomes of the replies of one account's callers. */
export const HABITS = ['with_next_call', 'after_quiet', 'never'] as const;
export type Habit = (typeof HABITS)[number];

interface HabitRule {
  /** How long a reply stays on the account, when a write lasts so long. */
  readonly remembersMs: (writeMs: number) => number;
  /** Writes of the account's item a call. */
  readonly writes: number;
}

const RULES: Readonly<Record<Habit, HabitRule>> = {
  // The reply goes with the next call's write, one write later.
  with_next_call: { remembersMs: (writeMs) => writeMs, writes: 1 },
  after_quiet: { remembersMs: (writeMs) => writeMs + QUIET_MS, writes: 2 },
  never: { remembersMs: () => ARCHIVE_AGE_MS, writes: 1 + 1 / ARCHIVE_BATCH },
};

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
  /** Bytes of an account's item without replies, and of each reply that it remembers, as they were measured. */
  readonly emptyBytes: number;
  readonly bytesPerReply: number;
  /** Replies with which a write still takes one unit. */
  readonly repliesInOneUnit: number;
  readonly assumedWriteMs: Range;
  /** Calls a second, by what becomes of the replies. */
  readonly callsPerSecond: Readonly<Record<Habit, Range>>;
  /** Calls a second if DynamoDB took no write of an item before the one before it was in another Region. Not documented. */
  readonly oneAtATimePerSecond: Range;
  readonly conflicts: readonly Conflicts[];
  readonly advice: readonly string[];
}

/** An item as it was seen: its bytes, and the replies that it remembered. */
export interface SeenItem {
  readonly itemBytes: number;
  readonly remembered: number;
}

/**
 * Works out what one account takes on a table that is strongly consistent across Regions.
 *
 * A write takes one unit for each begun 1,024 bytes of the item, and the item holds a reply for each call that is under way
 * or whose reply was not given back. At X calls a second, each remembered for W seconds, these are X * W replies (Little's
 * law), which make every write dearer; so the rate is the greatest X at which X times the units of such a write stay within
 * what one partition does in a second, and the replies within the bank's limit. A caller that waits for its answers makes
 * one call per write time and no more, but that bounds the caller, not the account: others call meanwhile.
 *
 * Unused capacity of five minutes, which DynamoDB lends to bursts, is not counted, because it does not last.
 */
export function hotAccountOf(seen: readonly SeenItem[]): HotAccount {
  const item = itemOf(seen);
  const rangeOf = (at: (writeMs: number) => number): Range => ({
    least: at(ASSUMED_WRITE_MS.most),
    most: at(ASSUMED_WRITE_MS.least),
  });
  const facts = {
    ...item,
    repliesInOneUnit: Math.floor((WRITE_UNIT_BYTES - item.emptyBytes) / item.bytesPerReply),
    assumedWriteMs: ASSUMED_WRITE_MS,
    callsPerSecond: {
      with_next_call: rangeOf((writeMs) => sustainedPerSecond(item, RULES.with_next_call, writeMs)),
      after_quiet: rangeOf((writeMs) => sustainedPerSecond(item, RULES.after_quiet, writeMs)),
      never: rangeOf((writeMs) => sustainedPerSecond(item, RULES.never, writeMs)),
    },
    oneAtATimePerSecond: rangeOf((writeMs) => 1000 / writeMs),
    conflicts: [1, 10, 100].map((writes) => conflictsWith(writes, ASSUMED_WRITE_MS.most)),
  };
  return { ...facts, advice: adviceOn(facts) };
}

type Item = Pick<HotAccount, 'emptyBytes' | 'bytesPerReply'>;

/** The line through the smallest and the largest item: each reply adds as much. */
function itemOf(seen: readonly SeenItem[]): Item {
  const sorted = seen.toSorted((one, other) => one.remembered - other.remembered);
  const [smallest, largest] = [sorted[0], sorted.at(-1)];
  if (smallest === undefined || largest === undefined || smallest.remembered === largest.remembered) {
    throw new GrowthError(
      'plan_unusable',
      'Two items with different numbers of replies tell what one weighs.',
    );
  }
  const bytesPerReply = (largest.itemBytes - smallest.itemBytes) / (largest.remembered - smallest.remembered);
  return { bytesPerReply, emptyBytes: smallest.itemBytes - bytesPerReply * smallest.remembered };
}

/** In tenths of a call a second, which are the steps that are tried. */
function sustainedPerSecond(item: Item, { remembersMs, writes }: HabitRule, writeMs: number): number {
  const fits = (tenths: number) => {
    const perSecond = tenths / 10;
    const remembered = Math.max(1, (perSecond * remembersMs(writeMs)) / 1000);
    const units = Math.ceil((item.emptyBytes + remembered * item.bytesPerReply) / WRITE_UNIT_BYTES);
    return (
      perSecond * writes * units <= PARTITION_WRITE_UNITS_PER_SECOND && remembered <= MAX_REMEMBERED_REPLIES
    );
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
