import type { Account, Subject } from '../../functions/core/account.ts';
import type { Change } from '../../functions/core/decide.ts';
import { WRITES_PER_INSPECTION } from '../../functions/core/limits.ts';
import { type RecordedByKey, type Store, StoreUnavailableError } from '../../functions/core/store.ts';
import type { Chance } from './chance.ts';
import type { Faults, RegionName } from './faults.ts';
import type { Tables } from './table.ts';
import type { VirtualTime } from './time.ts';

/** What a store is part of. */
export interface StoreParts {
  readonly region: RegionName;
  readonly tables: Tables;
  readonly time: VirtualTime;
  readonly faults: Faults;
  readonly chance: Chance;
  /** Called when the function dies in the middle of its work. It never goes on from there. */
  readonly die: () => void;
}

/** How long DynamoDB takes, in milliseconds: a strongly consistent write across Regions, with a tail. */
const LATENCY_MS = [4, 120] as const;

/** How long a write may be on its way before it arrives after all. */
const LATE_MS = [500, 30 * 60_000] as const;

const NEVER = new Promise<never>(() => {});

/** What the store of one run of a function does with the tables, and what can go wrong between the two. */
export function simulatedStore(parts: StoreParts): Store {
  const { tables, region, time, chance, faults } = parts;
  const latency = () => time.wait(chance.spread(...LATENCY_MS));

  /** A request that changes something. `apply` is what DynamoDB does when it arrives. */
  const request = async <T>(
    apply: () => Promise<T>,
    signal: AbortSignal,
    uncertain?: (result: T) => T,
  ): Promise<T> => {
    await latency();
    if (signal.aborted) throw unavailable('no', 'the time was up before it was sent');
    if (faults.strikes('die_before_write', region)) return await dying(parts);
    if (faults.strikes('throttle', region)) throw unavailable('no', 'throttled');
    if (faults.strikes('conflict', region)) throw unavailable('no', 'in conflict with the other Region');
    if (faults.strikes('cut_off', region)) throw unavailable('unknown', 'internal server error');
    const isLate = faults.strikes('late_write', region);
    if (isLate) {
      // Sent, not answered in time, and still on its way when it is sent again.
      time.after(chance.spread(...LATE_MS), () => void apply());
      await latency();
      if (chance.happens(0.3)) throw unavailable('unknown', 'timed out');
    }
    const result = await apply();
    if (faults.strikes('die_after_write', region)) return await dying(parts);
    await latency();
    if (signal.aborted || faults.strikes('lose_write_replies', region)) {
      throw unavailable('unknown', 'the answer was lost');
    }
    return isLate && uncertain !== undefined ? uncertain(result) : result;
  };

  /** A request that changes nothing. */
  const ask = async <T>(answer: () => Promise<T>, signal: AbortSignal, isStrong: boolean): Promise<T> => {
    await latency();
    if (signal.aborted) throw unavailable('no', 'the time was up');
    if (isStrong && faults.strikes('cut_off', region)) throw unavailable('unknown', 'internal server error');
    return await answer();
  };

  return {
    write: (change: Change, signal) =>
      request(
        async () => {
          const result = await tables.write(change);
          const inWhole = chance.happens(1 / WRITES_PER_INSPECTION);
          return result.written && !inWhole ? { ...result, account: undefined } : result;
        },
        signal,
        (result) => ({ ...result, mayStillBeWritten: true }),
      ),
    acknowledge: (account, keys, signal) =>
      request<Account | undefined>(() => tables.accounts.acknowledge(account, keys), signal),
    markFull: (account, signal) => request(() => tables.accounts.markFull(account), signal),
    dropArchived: (account, keys, signal) => request(() => tables.dropArchived(account, keys), signal),
    remove: (account, seen, signal) => request(() => tables.accounts.remove(account, seen), signal),
    archive: (account: string, replies: RecordedByKey, signal) =>
      request(() => tables.archive(account, replies, region), signal),
    read: (account, signal) => ask(() => tables.accounts.read(account), signal, true),
    readArchived: (subject: Subject, signal) =>
      ask(() => tables.readArchived(subject, region), signal, false),
    checkHealth: (signal) => ask(() => Promise.resolve(), signal, true),
  };
}

function dying({ die }: StoreParts): Promise<never> {
  die();
  return NEVER;
}

function unavailable(executed: 'no' | 'unknown', message: string): StoreUnavailableError {
  return new StoreUnavailableError(executed, message);
}
