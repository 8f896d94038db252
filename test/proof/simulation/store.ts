import type { Store } from '../../../functions/bank/store.ts';
import { StoreUnavailableError } from '../../../functions/bank/unavailable.ts';
import type { TableNames } from '../../../infra/names.ts';
import type { Chance } from '../chance.ts';
import type { Faults, RegionName } from './faults.ts';
import type { Tables } from './tables.ts';
import type { VirtualTime } from './time.ts';

interface StoreOptions {
  readonly region: RegionName;
  readonly tables: Tables;
  readonly time: VirtualTime;
  readonly faults: Faults;
  readonly chance: Chance;
  /** Called when the function dies. Its work never continues. */
  readonly die: () => void;
}

/** How long DynamoDB takes, in milliseconds: a strongly consistent write across Regions, with a tail. */
const LATENCY_MS = [4, 120] as const;

/** How long a write may be on its way before it arrives after all. */
const LATE_MS = [500, 60 * 60_000] as const;

const NEVER = new Promise<never>(() => {});

/** The store of one run of a function, with the faults between the function and the tables. */
export function simulatedStore(parts: StoreOptions): Store {
  const { tables, region, time, chance, faults } = parts;
  const latency = () => time.wait(chance.spread(...LATENCY_MS));

  /** A request that changes something. `apply` is what DynamoDB does when it arrives. */
  const request = async <T>(
    table: keyof TableNames,
    apply: () => Promise<T>,
    signal: AbortSignal,
    uncertain: (result: T) => T = (result) => result,
  ): Promise<T> => {
    await latency();
    if (signal.aborted) {
      throw new StoreUnavailableError('no', 'the time was up before it was sent');
    }
    if (faults.strikes('die_before_write', region)) {
      return await dying(parts);
    }
    if (faults.strikes('throttle', region)) {
      throw new StoreUnavailableError('no', 'throttled');
    }
    if (faults.strikes('conflict', region)) {
      throw new StoreUnavailableError('no', 'in conflict with the other Region');
    }
    if (faults.strikes(`${table}_failing`, region)) {
      throw new StoreUnavailableError('no', `${table} does not answer`);
    }
    if (faults.strikes('cut_off', region)) {
      throw new StoreUnavailableError('unknown', 'internal server error');
    }
    const isLate = faults.strikes('late_write', region);
    if (isLate) {
      // Sent, not answered in time, and still on its way when it is sent again.
      time.after(chance.spread(...LATE_MS), () => void apply());
      await latency();
      if (chance.happens(0.3)) {
        throw new StoreUnavailableError('unknown', 'timed out');
      }
    }
    const result = await apply();
    if (faults.strikes('die_after_write', region)) {
      return await dying(parts);
    }
    await latency();
    if (signal.aborted || faults.strikes('lose_write_replies', region)) {
      throw new StoreUnavailableError('unknown', 'the answer was lost');
    }
    return isLate ? uncertain(result) : result;
  };

  /** A request that changes nothing. */
  const ask = async <T>(
    table: keyof TableNames,
    answer: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    await latency();
    if (signal.aborted) {
      throw new StoreUnavailableError('no', 'the time was up');
    }
    if (faults.strikes(`${table}_failing`, region)) {
      throw new StoreUnavailableError('no', `${table} does not answer`);
    }
    if (table !== 'idempotency' && faults.strikes('cut_off', region)) {
      throw new StoreUnavailableError('no', 'internal server error');
    }
    return await answer();
  };

  return {
    append: (append, signal) =>
      request(
        'accounts',
        () => tables.append(append),
        signal,
        (result) => ({ ...result, mayArrive: true }),
      ),
    readHead: (account, signal) => ask('accounts', () => tables.model.readHead(account), signal),
    listAccounts: (which, signal) => ask('accounts', () => tables.model.listAccounts(which), signal),
    readPages: (account, which, signal) => ask('pages', () => tables.model.readPages(account, which), signal),
    findPage: (subject, signal) => ask('pages', () => tables.findPage(subject, chance), signal),
    putPage: (account, page, signal) => request('pages', () => tables.model.putPage(account, page), signal),
    dropPage: (account, page, signal) => request('accounts', () => tables.dropPage(account, page), signal),
    readCache: (subject, signal) => ask('idempotency', () => tables.readCache(subject, region), signal),
    cache: (account, lines, signal) =>
      request('idempotency', () => tables.cache(account, lines, region), signal),
    noteSearch: (subject, searched, signal) =>
      request('idempotency', () => tables.model.noteSearch(subject, searched), signal),
    forget: (subject, signal) => request('idempotency', () => tables.model.forget(subject), signal),
    listDue: (which, signal) => ask('accounts', () => tables.model.listDue(which), signal),
    reschedule: (account, due, signal) => request('accounts', () => tables.reschedule(account, due), signal),
    checkHealth: (signal) => ask('accounts', () => Promise.resolve(), signal),
  };
}

function dying({ die }: StoreOptions): Promise<never> {
  die();
  return NEVER;
}
