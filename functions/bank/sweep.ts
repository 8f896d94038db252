import pMap from 'p-map';
import { Attempt, type BankParts } from './attempt.ts';
import { DUE_SHARDS } from './limits.ts';
import { dueMsOf } from './mark.ts';
import type { DueAccount, Store } from './store.ts';
import { drive, expire } from './transfer.ts';

/** What a sweep has done. */
export interface SweepReport {
  /** Accounts that were looked at. */
  readonly accounts: number;
  /** Transfers that were driven to their end. */
  readonly transfers: number;
  /** Holds whose expiry was written. */
  readonly expired: number;
  /** Accounts whose work failed, or was not reached in time. The next sweep finds them again. */
  readonly failed: number;
  /** Age of the oldest transfer that was under way, in milliseconds. */
  readonly oldestTransferMs: number;
  /** How long the earliest work had been due, in milliseconds. */
  readonly behindMs: number;
}

/** Accounts that are worked on at once. */
const CONCURRENCY = 16;

/** What was done for one account. */
interface Done {
  transfers: number;
  expired: number;
  oldestTransferMs: number;
  behindMs: number;
}

/**
 * Does what was left undone: transfers that nobody retries, and holds that have expired. The index says where to look, and may be
 * behind; what is done follows from a strong read and conditional writes, so any number of sweeps may run at once.
 *
 * `onError` hears of each account that failed: the others go on.
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
    try {
      const done = await sweepAccount(parts, account, nowMs, signal);
      report.transfers += done.transfers;
      report.expired += done.expired;
      report.oldestTransferMs = Math.max(report.oldestTransferMs, done.oldestTransferMs);
      report.behindMs = Math.max(report.behindMs, done.behindMs);
    } catch (error) {
      report.failed += 1;
      onError(account, error);
    }
  };
  for (let shard = 0; shard < DUE_SHARDS; shard += 1) {
    for await (const accounts of dueAccounts(parts.store, shard, nowMs, signal)) {
      await pMap(accounts, visit, { concurrency: CONCURRENCY });
    }
  }
  return report;
}

async function* dueAccounts(store: Store, shard: number, atMs: number, signal: AbortSignal) {
  let after: DueAccount | undefined;
  do {
    const { accounts, next } = await store.listDue({ shard, atMs, after }, signal);
    yield accounts;
    after = next;
  } while (after !== undefined);
}

async function sweepAccount(
  parts: BankParts,
  account: string,
  nowMs: number,
  signal: AbortSignal,
): Promise<Done> {
  const { store } = parts;
  const head = await store.readHead(account, signal);
  const done: Done = { transfers: 0, expired: 0, oldestTransferMs: 0, behindMs: 0 };
  for (const [key, mark] of head.marks) {
    const dueMs = dueMsOf(mark);
    if (mark.kind === 'transfer') {
      done.oldestTransferMs = Math.max(done.oldestTransferMs, nowMs - mark.startedMs);
    }
    if (dueMs === undefined || dueMs > nowMs) {
      continue;
    }
    done.behindMs = Math.max(done.behindMs, nowMs - dueMs);
    const attempt = new Attempt(parts, signal);
    if (mark.kind === 'transfer') {
      await drive(attempt, { account, key, mark, head });
      done.transfers += 1;
    }
    if (mark.kind === 'hold') {
      await expire(attempt, { account, key, mark, head });
      done.expired += 1;
    }
    await attempt.left()?.done;
  }
  await rescheduleAccount(store, account, signal);
  return done;
}

/** Marks that are left are due later. A mark that this version cannot read may be due earlier than it knows. */
async function rescheduleAccount(store: Store, account: string, signal: AbortSignal): Promise<void> {
  const { marks, sequence, dueAtMs } = await store.readHead(account, signal);
  const dues = [...marks.values()].map((mark) => dueMsOf(mark) ?? Number.NEGATIVE_INFINITY);
  const atMs = Math.min(...dues);
  if (dueAtMs !== undefined && Number.isFinite(atMs) && atMs > dueAtMs) {
    await store.reschedule(account, { sequence, atMs }, signal);
  }
}
