import { ATTRIBUTES } from '../../functions/store/item.ts';
import { recoverAccount } from './account-item.ts';
import { recoverReply } from './archive-item.ts';
import { type Count, goThrough, NOTHING, type Work } from './copy.ts';
import { type Item, sameItem } from './item.ts';
import type { Progress } from './progress.ts';
import type { Source } from './source.ts';
import type { TargetTable } from './target.ts';

/** Parts of a source that are worked on side by side, and writes of one part that are. */
const PARTS_AT_ONCE = 4;
const WRITES_AT_ONCE = 16;

/** One table that is carried over. */
export interface Carrying {
  readonly source: Source;
  readonly target: TargetTable;
  readonly progress: Progress;
}

export interface RecoveryParts {
  readonly accounts: Carrying;
  /** Archived replies. Without them their retries are answered `key_expired`; no money depends on them. */
  readonly replies?: Carrying;
  readonly keysNotBeforeMs: number;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  /** Hears how far it is, after each page. */
  readonly onProgress: (step: Step, count: Count) => void;
}

export type Step = 'copying replies' | 'copying accounts' | 'checking replies' | 'checking accounts';

/** What a recovery came to. */
export interface RecoveryReport {
  readonly accounts: number;
  /** Sum of all balances, as they are in the fresh bank. */
  readonly balanceMinor: bigint;
  readonly replies: number;
  /** What is wrong, in words; of each step the first hundred only. */
  readonly faults: readonly string[];
  readonly faultCount: number;
  /** False when it was interrupted. Run again, it goes on. */
  readonly complete: boolean;
}

/**
 * Carries accounts and archived replies over into a fresh bank, then reads both sides again and compares every item. Safe
 * to interrupt and to repeat: nothing that is in the fresh bank is ever overwritten by something else.
 */
export async function recover(parts: RecoveryParts): Promise<RecoveryReport> {
  const copied = await copy(parts);
  if (parts.signal.aborted || copied.some(({ faultCount }) => faultCount > 0)) {
    return {
      accounts: 0,
      balanceMinor: 0n,
      replies: 0,
      ...faultsOf(copied),
      complete: !parts.signal.aborted,
    };
  }
  const { accounts, replies, balanceMinor, extra } = await check(parts);
  return {
    accounts: accounts.items,
    balanceMinor,
    replies: replies.items - replies.skipped,
    ...faultsOf([accounts, replies, extra]),
    complete: !parts.signal.aborted,
  };
}

async function copy(parts: RecoveryParts): Promise<readonly Count[]> {
  const { accounts, replies } = parts;
  const counts: Count[] = [];
  // Replies first: an account whose keys were archived must never be answered without what the archive knows of them.
  if (replies !== undefined) {
    const handle = async (items: readonly Item[]) => {
      await replies.target.putAll(items);
      return [];
    };
    counts.push(await step(parts, 'copying replies', { ...replies, prepare: prepareReply(parts), handle }));
  }
  const handle = (items: readonly Item[]) => putEach(accounts.target, items);
  counts.push(await step(parts, 'copying accounts', { ...accounts, prepare: prepareAccount(parts), handle }));
  return counts;
}

async function check(parts: RecoveryParts) {
  const { accounts, replies } = parts;
  const checkedReplies =
    replies === undefined
      ? NOTHING
      : await step(parts, 'checking replies', {
          source: replies.source,
          prepare: prepareReply(parts),
          handle: (items) => compare(replies.target, items),
        });
  let balanceMinor = 0n;
  const checkedAccounts = await step(parts, 'checking accounts', {
    source: accounts.source,
    prepare: prepareAccount(parts),
    handle: (items) => {
      balanceMinor += items.reduce((sum, item) => sum + balanceOf(item), 0n);
      return compare(accounts.target, items);
    },
  });
  const extra = parts.signal.aborted ? NOTHING : await countExtra(accounts.target, checkedAccounts);
  return { accounts: checkedAccounts, replies: checkedReplies, balanceMinor, extra };
}

type Preparing = Pick<Work, 'source' | 'prepare' | 'handle'> & { readonly progress?: Progress };

function step({ signal, onProgress }: RecoveryParts, name: Step, work: Preparing): Promise<Count> {
  const onPage = (count: Count) => onProgress(name, count);
  return goThrough({ ...work, concurrency: PARTS_AT_ONCE, signal, onPage });
}

function prepareAccount({ keysNotBeforeMs }: RecoveryParts) {
  return (item: Item) => recoverAccount(item, keysNotBeforeMs);
}

function prepareReply({ nowMs }: RecoveryParts) {
  return (item: Item) => recoverReply(item, nowMs());
}

async function putEach(target: TargetTable, items: readonly Item[]): Promise<readonly string[]> {
  const left = [...items];
  const faults: string[] = [];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      if ((await target.put(item)) === 'in_the_way') {
        faults.push(`${nameOf(item)} is in ${target.tableName} already, and different; it was left as it is`);
      }
    }
  };
  await Promise.all(Array.from({ length: WRITES_AT_ONCE }, worker));
  return faults;
}

async function compare(target: TargetTable, items: readonly Item[]): Promise<readonly string[]> {
  const found = await target.find(items);
  return items.flatMap((item, index) => {
    const there = found[index];
    if (there === undefined) {
      return [`${nameOf(item)} is missing in ${target.tableName}`];
    }
    return sameItem(there, item) ? [] : [`${nameOf(item)} is different in ${target.tableName}`];
  });
}

/** An account that comes from nowhere is as wrong as one that is missing. */
async function countExtra(target: TargetTable, { items }: Count): Promise<Count> {
  const count = await target.count();
  const faults =
    count === items ? [] : [`${target.tableName} holds ${count} accounts, and ${items} were carried over`];
  return { ...NOTHING, faults, faultCount: faults.length };
}

function balanceOf(item: Item): bigint {
  return (item[ATTRIBUTES.balance] as bigint | undefined) ?? 0n;
}

function nameOf(item: Item): string {
  return JSON.stringify(item[ATTRIBUTES.account]);
}

function faultsOf(counts: readonly Count[]): Pick<RecoveryReport, 'faults' | 'faultCount'> {
  return {
    faults: counts.flatMap(({ faults }) => faults),
    faultCount: counts.reduce((sum, { faultCount }) => sum + faultCount, 0),
  };
}
