import { MAX_AMOUNT_MINOR } from '../../client/contract.ts';
import type { Account, RecordedCall, Reply } from '../../functions/core/account.ts';
import type { Change } from '../../functions/core/decide.ts';
import type { Store, WriteResult } from '../../functions/core/store.ts';

/**
 * The design's conditional write as a plain function: what it is conditional on, and what it sets. Written from the
 * design and not from the expressions of the DynamoDB store, so that the two can be held against each other.
 */
export function applyChange(account: Account | undefined, change: Change): WriteResult {
  const { call } = change;
  const balance = account?.balanceMinor;
  const holds =
    !account?.recorded.has(call.key) &&
    !(account?.watermark !== undefined && call.key <= account.watermark) &&
    !(account?.full && !change.liftFullMark) &&
    reasonHolds(change, balance);
  if (!holds) {
    return { written: false, account };
  }
  const balanceAfter = change.kind === 'refuse' ? balance : (balance ?? 0n) + signed(change);
  const reply: Reply =
    change.kind === 'refuse'
      ? { kind: 'refused', code: change.code }
      : { kind: 'executed', balanceMinor: balanceAfter ?? 0n };
  const record: RecordedCall = { move: call.move, amountMinor: call.amountMinor, reply };
  return {
    written: true,
    account: {
      balanceMinor: balanceAfter,
      watermark: account?.watermark,
      full: change.liftFullMark ? false : (account?.full ?? false),
      recorded: new Map([...(account?.recorded ?? []), [call.key, record]]),
    },
  };
}

function signed({ call }: Change): bigint {
  return call.move === 'deposit' ? call.amountMinor : -call.amountMinor;
}

function reasonHolds(change: Change, balance: bigint | undefined): boolean {
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

/** A store that is the model. `accounts` and `archive` are open, so that a test can look and can play the archiver. */
export class ModelStore implements Store {
  readonly accounts = new Map<string, Account>();
  readonly archive = new Map<string, RecordedCall>();

  write(change: Change): Promise<WriteResult> {
    const name = change.call.account;
    const result = applyChange(this.accounts.get(name), change);
    if (result.written) {
      this.accounts.set(name, result.account);
    }
    return Promise.resolve(result);
  }

  markFull(name: string): Promise<void> {
    const account = this.accounts.get(name);
    if (account !== undefined) {
      this.accounts.set(name, { ...account, full: true });
    }
    return Promise.resolve();
  }

  read(name: string): Promise<Account | undefined> {
    return Promise.resolve(this.accounts.get(name));
  }

  readArchived(account: string, key: string): Promise<RecordedCall | undefined> {
    return Promise.resolve(this.archive.get(`${account} ${key}`));
  }

  checkHealth(): Promise<void> {
    return Promise.resolve();
  }
}
