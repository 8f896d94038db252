import { MAX_AMOUNT_MINOR } from '../../client/contract.ts';
import type { Account, Recorded, Subject } from '../../functions/core/account.ts';
import type { Change } from '../../functions/core/decide.ts';
import { RETENTION_MS } from '../../functions/core/limits.ts';
import type { RecordedByKey, Store, WriteResult } from '../../functions/core/store.ts';

/**
 * The design's conditional write as a plain function: what it is conditional on, and what it sets. Written from the
 * design and not from the expressions of the DynamoDB store, so that the two can be held against each other.
 */
export function applyChange(account: Account | undefined, change: Change): Applied {
  const { key } = change.call;
  const holds =
    !account?.recorded.has(key) &&
    !(account?.watermark !== undefined && key <= account.watermark) &&
    !(account?.full && !change.liftFullMark) &&
    reasonHolds(change, account?.balanceMinor);
  if (!holds) {
    return { written: false, account, mayStillBeWritten: false };
  }
  const before = account ?? NO_ACCOUNT;
  const balanceMinor =
    change.kind === 'execute' ? balanceAfter(change, before.balanceMinor) : before.balanceMinor;
  const counts = change.kind === 'cancel' || (change.kind === 'refuse' && change.code === 'no_such_account');
  const recorded = recordOf(change, balanceMinor);
  const remembered = new Map(before.recorded);
  for (const gone of change.acknowledge) {
    remembered.delete(gone);
  }
  remembered.set(key, recorded);
  return {
    written: true,
    mayStillBeWritten: false,
    recorded,
    account: {
      ...before,
      balanceMinor,
      full: change.liftFullMark ? false : before.full,
      revision: counts ? (before.revision || firstRevision(key)) + 1n : before.revision,
      recorded: remembered,
    },
  };
}

/** A write's result that always has the account. */
export type Applied =
  | Extract<WriteResult, { written: false }>
  | (Extract<WriteResult, { written: true }> & { readonly account: Account });

const NO_ACCOUNT: Account = {
  balanceMinor: undefined,
  watermark: undefined,
  full: false,
  revision: 0n,
  recorded: new Map(),
};

/** Where an item's count begins: the random part of the key that makes it. */
function firstRevision(key: string): bigint {
  return BigInt(`0x${key.slice(24)}`);
}

function balanceAfter({ call }: Extract<Change, { kind: 'execute' }>, balance = 0n): bigint {
  return call.move === 'deposit' ? balance + call.amountMinor : balance - call.amountMinor;
}

function recordOf(change: Change, balanceMinor: bigint | undefined): Recorded {
  if (change.kind === 'cancel') {
    return { kind: 'cancelled' };
  }
  const { move, amountMinor } = change.call;
  return change.kind === 'refuse'
    ? { kind: 'call', move, amountMinor, reply: { kind: 'refused', code: change.code } }
    : { kind: 'call', move, amountMinor, reply: { kind: 'executed', balanceMinor: balanceMinor ?? 0n } };
}

function reasonHolds(change: Change, balance: bigint | undefined): boolean {
  if (change.kind === 'cancel') {
    return true;
  }
  const { call } = change;
  if (change.kind === 'refuse') {
    switch (change.code) {
      case 'no_such_account':
        return balance === undefined;
      case 'not_enough_money':
        return balance !== undefined && balance < call.amountMinor;
      case 'balance_too_large':
        return balance !== undefined && balance + call.amountMinor > MAX_AMOUNT_MINOR;
    }
  }
  return call.move === 'deposit'
    ? (balance ?? 0n) + call.amountMinor <= MAX_AMOUNT_MINOR
    : balance !== undefined && balance >= call.amountMinor;
}

/** A store that is the model. `accounts` and `archived` are open, so that a test can look. */
export class ModelStore implements Store {
  readonly accounts = new Map<string, Account>();
  readonly archived = new Map<string, { readonly recorded: Recorded; readonly expiresAtMs: number }>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  write(change: Change): Promise<Applied> {
    const name = change.call.account;
    const result = applyChange(this.accounts.get(name), change);
    if (result.written) {
      this.accounts.set(name, result.account);
    }
    return Promise.resolve(result);
  }

  acknowledge(name: string, keys: readonly string[]): Promise<Account | undefined> {
    this.#edit(name, (account) => ({ ...account, recorded: without(account.recorded, keys) }));
    return this.read(name);
  }

  markFull(name: string): Promise<void> {
    this.#edit(name, (account) => ({ ...account, full: true }));
    return Promise.resolve();
  }

  read(name: string): Promise<Account | undefined> {
    return Promise.resolve(this.accounts.get(name));
  }

  readArchived({ account, key }: Subject): Promise<Recorded | undefined> {
    const entry = this.archived.get(`${account} ${key}`);
    const isThere = entry !== undefined && Math.ceil(entry.expiresAtMs / 1000) * 1000 > this.#nowMs();
    return Promise.resolve(isThere ? entry.recorded : undefined);
  }

  archive(account: string, replies: RecordedByKey): Promise<void> {
    for (const [key, recorded] of replies) {
      this.archived.set(`${account} ${key}`, { recorded, expiresAtMs: this.#nowMs() + RETENTION_MS });
    }
    return Promise.resolve();
  }

  dropArchived(name: string, keys: readonly string[]): Promise<void> {
    const highest = keys.toSorted().at(-1) ?? '';
    this.#edit(name, (account) => ({
      ...account,
      recorded: without(account.recorded, keys),
      watermark: account.watermark !== undefined && account.watermark > highest ? account.watermark : highest,
    }));
    return Promise.resolve();
  }

  remove(name: string, seen: Account): Promise<boolean> {
    const account = this.accounts.get(name);
    const isSame =
      account?.balanceMinor === undefined &&
      (account?.revision ?? 0n) === seen.revision &&
      account?.watermark === seen.watermark;
    return Promise.resolve(isSame && this.accounts.delete(name));
  }

  checkHealth(): Promise<void> {
    return Promise.resolve();
  }

  #edit(name: string, edit: (account: Account) => Account): void {
    const account = this.accounts.get(name);
    if (account !== undefined) {
      this.accounts.set(name, edit(account));
    }
  }
}

function without(recorded: ReadonlyMap<string, Recorded>, keys: readonly string[]): Map<string, Recorded> {
  return new Map([...recorded].filter(([key]) => !keys.includes(key)));
}
