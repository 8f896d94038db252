import pMap from 'p-map';
import { Attempt, type BankParts } from './attempt.ts';
import { complete } from './complete-refund.ts';
import { expire } from './end-mark.ts';
import { DUE_SHARDS } from './limits.ts';
import { dueMsOf } from './mark.ts';
import type { DueAccount, Store } from './store.ts';

/** What a sweep did. */
export interface SweepReport {
  /** Accounts that the sweep looked at. */
  readonly accounts: number;
  /** Transfers and refunds that the sweep completed. */
  readonly transfers: number;
  /** Holds whose expiry was written. */
  readonly expired: number;
  /** Accounts whose work failed or was not finished in time. The next sweep finds them again. */
  readonly failed: number;
  /** Age of the oldest transfer or refund that was under way, in milliseconds. */
  readonly oldestTransferMs: number;
  /** How long the earliest work had been due, in milliseconds. */
  readonly behindMs: number;
}

/**
 * Most accounts of a list that are swept at the same time: with all shards, as many as the client has sockets. The earliest and the latest
 * due accounts of a shard are two lists.
 */
const ACCOUNTS_AT_ONCE = 4;

/**
 * Completes transfers and refunds that no caller retries, and writes the expiry of holds. The index says where to look and may be behind;
 * every change follows from a strong read and a conditional write, so any number of sweeps may run at the same time.
 *
 * `onError` receives each error with its account. The sweep continues with the other marks of the account, and with other accounts.
 */
export async function sweep(
  parts: BankParts,
  signal: AbortSignal,
  onError: (account: string, error: unknown) => void,
): Promise<SweepReport> {
  const nowMs = parts.nowMs();
  const report = { accounts: 0, transfers: 0, expired: 0, failed: 0, oldestTransferMs: 0, behindMs: 0 };
  const visit = async ({ account }: DueAccount): Promise<void> => {
    report.accounts += 1;
    const errors = await sweepAccount(parts, account, report, nowMs, signal).catch((error: unknown) => [
      error,
    ]);
    report.failed += errors.length > 0 ? 1 : 0;
    for (const error of errors) {
      onError(account, error);
    }
  };
  const visitAll = (accounts: readonly DueAccount[]) =>
    pMap(accounts, visit, { concurrency: ACCOUNTS_AT_ONCE });
  // From the latest one back: when more is due than one sweep can do, the transfer of a function that just died must not wait behind
  // hundreds of thousands of holds that expired at once.
  const visitOthers = async (shard: number, earliest: readonly DueAccount[]) => {
    const visited = new Set(earliest.map(({ account }) => account));
    for await (const accounts of latestDue(parts.store, shard, nowMs, signal)) {
      await visitAll(accounts.filter(({ account }) => !visited.has(account)));
    }
  };
  const sweepShard = async (shard: number): Promise<void> => {
    try {
      const which = { shard, atMs: nowMs, latestFirst: false, after: undefined };
      const { accounts, next } = await parts.store.listDue(which, signal);
      await all([visitAll(accounts), next === undefined ? undefined : visitOthers(shard, accounts)]);
    } catch (error) {
      // When the time is up, the sweep reports what it did, so that the alarms see how far behind it is.
      if (!signal.aborted) {
        throw error;
      }
    }
  };
  // All shards at once: callers choose names and could fill one shard with work, and a payee that does not answer can take all the time
  // of those who pay it.
  await all(Array.from({ length: DUE_SHARDS }, (_, shard) => sweepShard(shard)));
  return report;
}

/** Waits until all work has ended, and then throws the first error. */
async function all(work: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') {
      throw result.reason;
    }
  }
}

async function* latestDue(
  store: Store,
  shard: number,
  atMs: number,
  signal: AbortSignal,
): AsyncGenerator<readonly DueAccount[], void> {
  let after: DueAccount | undefined;
  do {
    const { accounts, next } = await store.listDue({ shard, atMs, latestFirst: true, after }, signal);
    yield accounts;
    after = next;
  } while (after !== undefined);
}

/**
 * Ends the due marks of one account, and returns the errors. A mark that fails does not stop the others; it is still counted, because the
 * alarms watch it.
 */
async function sweepAccount(
  parts: BankParts,
  account: string,
  report: { -readonly [Count in keyof SweepReport]: SweepReport[Count] },
  nowMs: number,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const { store } = parts;
  const head = await store.readHead(account, signal);
  const errors: unknown[] = [];
  for (const [key, mark] of head.marks) {
    const dueMs = dueMsOf(mark);
    if (mark.kind === 'transfer' || mark.kind === 'refund') {
      report.oldestTransferMs = Math.max(report.oldestTransferMs, nowMs - mark.startedMs);
    }
    if (dueMs === undefined || dueMs > nowMs) {
      continue;
    }
    report.behindMs = Math.max(report.behindMs, nowMs - dueMs);
    const attempt = new Attempt(parts, signal);
    try {
      if (mark.kind === 'transfer' || mark.kind === 'refund') {
        await complete(attempt, { account, key, mark, head });
      }
      if (mark.kind === 'hold') {
        await expire(attempt, { account, key, mark, head });
      }
      await attempt.left()?.done;
      report.transfers += mark.kind === 'hold' ? 0 : 1;
      report.expired += mark.kind === 'hold' ? 1 : 0;
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 0) {
    await rescheduleAccount(store, account, signal);
  }
  return errors;
}

/** Sets when the remaining marks are due. If the kind of one is unknown, the time stays: it may be due earlier than this version knows. */
async function rescheduleAccount(store: Store, account: string, signal: AbortSignal): Promise<void> {
  const { marks, sequence, dueAtMs } = await store.readHead(account, signal);
  const dues = [...marks.values()].map((mark) => dueMsOf(mark) ?? Number.NEGATIVE_INFINITY);
  const atMs = Math.min(...dues);
  if (dueAtMs !== undefined && Number.isFinite(atMs) && atMs > dueAtMs) {
    await store.reschedule(account, { sequence, atMs }, signal);
  }
}
